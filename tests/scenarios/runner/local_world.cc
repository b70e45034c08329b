#include "tests/scenarios/runner/local_world.h"

#include <google/protobuf/message.h>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "services/domain/reasons.h"
#include "services/domain/refusals.h"
#include "services/domain/school_code.h"
#include "tests/scenarios/runner/transfers.h"

namespace jalon::scenarios {
namespace {

Answer Refusal(const domain::Refusals& refusals) {
  Answer answer;
  for (const domain::Violation& violation : refusals.Sorted()) {
    *answer.refusal.add_refusals() = domain::ToProto(violation);
  }
  return answer;
}

Answer Acceptance(const std::string& reply) {
  Answer answer{.accepted = true};
  JALON_CHECK(answer.result.ParseFromString(reply));
  return answer;
}

}  // namespace

LocalWorld::LocalWorld(Micros start) : state_(application_), now_(start) {}

void LocalWorld::AddQuery(const google::protobuf::Descriptor* request, QueryFunction function) {
  queries_[request] = std::move(function);
}

Result<Answer> LocalWorld::Send(const domain::Principal& who,
                                const google::protobuf::Message& command,
                                const type::v1::CommandHeader& header) {
  Result<domain::Request> request = door_.Admit(who, command, header, now_);
  if (!request) return std::unexpected(request.error());
  if (const auto denied = door_.Denied(*request)) {
    return Refusal(domain::Refusals().Add(*denied));
  }
  if (const auto refused = door_.OpenTransfer(*request)) {
    return Refusal(domain::Refusals().Add(*refused));
  }
  const std::string key = request->school_id + header.request_id();
  const std::string body = who.person_id + command.GetTypeName() + command.SerializeAsString();
  if (const auto known = accepted_.find(key); known != accepted_.end()) {
    if (known->second.body != body) {
      return Refusal(domain::Refusals().Add(domain::Reason::REQUEST_ID_REUSED));
    }
    Answer answer = known->second.answer;
    answer.repeated = true;
    return answer;
  }
  const eventstore::Moment moment{.recorded_at = now_, .seq = Seq{records_.size() + 1}};
  const eventstore::Verdict verdict = application_.Decide(*request, moment, state_);
  if (const auto* refused = std::get_if<eventstore::Refused>(&verdict)) {
    return Refusal(static_cast<const domain::Denied&>(*refused->refusal).refusals());
  }
  if (const auto* nothing = std::get_if<eventstore::NothingToDo>(&verdict)) {
    return Acceptance(nothing->reply);
  }
  Answer answer = Accept(*request, std::get<eventstore::Accepted>(verdict));
  accepted_[key] = {.body = body, .answer = answer};
  return answer;
}

Answer LocalWorld::Accept(const domain::Request& request, const eventstore::Accepted& accepted) {
  log::v1::Record& record = records_.emplace_back();
  record.set_seq(records_.size());
  record.set_recorded_at(now_.count());
  record.set_tenant(request.school_id);
  record.set_request_id(request.header->request_id());
  *record.mutable_actor() = domain::ActorOf(request);
  for (const std::string& event : accepted.events) record.add_events(event);
  const Result<void> evolved = application_.Evolve(record, state_);
  JALON_CHECK(evolved.has_value());
  state_.RoundTrip();
  Answer answer = Acceptance(accepted.reply);
  answer.result.mutable_position()->set_seq(record.seq());
  return answer;
}

Result<Answer> LocalWorld::Query(const domain::Principal& who,
                                 const google::protobuf::Message& request,
                                 google::protobuf::Message* response) {
  const auto query = queries_.find(request.GetDescriptor());
  if (query == queries_.end()) {
    return Fail(Code::kUnimplemented, "UNSUPPORTED",
                "this world does not answer " + request.GetTypeName());
  }
  domain::State state(state_, application_.events(), who.school_id);
  const domain::LocalDate today = domain::LocalDateOf(now_);
  const domain::PersonState* person = state.Person(who.person_id);
  const Asked asked{
      .who = who,
      .scope = {who, person == nullptr ? std::vector<domain::Grant>() : person->grants, today},
      .state = state,
      .today = today};
  const Result<void> answered = query->second(asked, request, response);
  if (answered) return Answer{.accepted = true};
  return Refusal(domain::Refusals().Add(domain::ReasonNamed(answered.error().reason)));
}

Result<std::vector<log::v1::Event>> LocalWorld::EventsOf(const Answer& answer) {
  std::vector<log::v1::Event> events;
  const uint64_t seq = answer.result.position().seq();
  if (seq == 0) return events;
  for (const std::string& bytes : records_.at(seq - 1).events()) {
    JALON_CHECK(events.emplace_back().ParseFromString(bytes));
  }
  return events;
}

Result<Bytes> LocalWorld::TransferKeyOf(const domain::Principal&) {
  return LocalSchoolKey().public_key;
}

Result<void> LocalWorld::Advance(Micros by) {
  if (by < Micros(0)) return Fail(Code::kInvalidArgument, "CLOCK_GOES_BACK", "time moves forward");
  now_ += by;
  return {};
}

}  // namespace jalon::scenarios
