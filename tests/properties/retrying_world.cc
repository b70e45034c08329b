#include "tests/properties/retrying_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "eventstore/log/classify.h"
#include "eventstore/log/log_testing.h"
#include "services/domain/context.h"
#include "services/domain/refusals.h"

namespace jalon::properties {

using eventstore::Outcome;
using scenarios::Answer;

namespace {

constexpr Partition kPartition{0};
constexpr size_t kKnownMax = 12;  // all within the window in which a repeat is recognised

// Entries arrive late, and some of them twice.
eventstore::FaultPlan Slow() {
  eventstore::FaultPlan plan;
  plan.delay_max = std::chrono::milliseconds(20);
  plan.duplicate = 0.1;
  return plan;
}

eventstore::WriterOptions Options() {
  eventstore::WriterOptions options;
  options.partition = kPartition;
  options.node = "node-a";
  return options;
}

std::string Reason(const Outcome& outcome) {
  return outcome.kind == Outcome::Kind::kFailed ? outcome.error.reason : "";
}

Answer AnswerOf(const Outcome& outcome) {
  Answer answer;
  if (outcome.kind == Outcome::Kind::kRefused) {
    const auto& denied = static_cast<const domain::Denied&>(*outcome.refusal);
    for (const domain::Violation& violation : denied.refusals().Sorted()) {
      *answer.refusal.add_refusals() = domain::ToProto(violation);
    }
    return answer;
  }
  answer.accepted = true;
  answer.repeated = outcome.repeated;
  JALON_CHECK(answer.result.ParseFromString(outcome.reply));
  if (outcome.kind == Outcome::Kind::kAccepted) {
    answer.result.mutable_position()->set_seq(outcome.seq.value);
  }
  return answer;
}

}  // namespace

RetryingWorld::RetryingWorld(Micros start, uint64_t seed)
    : clock_(start),
      random_(seed),
      log_(eventstore::testing::TestBirth(), Slow(), clock_, [this] { return random_(); }),
      writer_(Options(), log_, store_, application_, clock_, [this] { return random_(); }) {}

Result<Answer> RetryingWorld::Send(const domain::Principal& who,
                                   const google::protobuf::Message& command,
                                   const type::v1::CommandHeader& header) {
  Result<domain::Request> admitted = door_.Admit(who, command, header, Now());
  if (!admitted) return std::unexpected(admitted.error());
  if (const auto denied = door_.Denied(*admitted)) {
    Outcome outcome;
    outcome.kind = Outcome::Kind::kRefused;
    outcome.refusal = std::make_shared<domain::Denied>(domain::Refusals().Add(*denied));
    return AnswerOf(outcome);
  }
  // This command up to three times among repeats of earlier ones, in any order.
  const auto mine = std::make_shared<Outcomes>();
  std::vector<std::pair<const Known*, std::shared_ptr<Outcomes>>> others;
  std::vector<std::function<void()>> sends(1 + random_() % 3,
                                           [&] { Submit(who, command, header, mine); });
  for (const Known& known : known_) {
    if (random_() % 4 != 0) continue;
    const auto outcomes = std::make_shared<Outcomes>();
    others.emplace_back(&known, outcomes);
    sends.emplace_back(
        [this, &known, outcomes] { Submit(known.who, *known.command, known.header, outcomes); });
  }
  std::ranges::shuffle(sends, random_);
  for (const auto& send : sends) {
    send();
    if (random_() % 2 == 0) writer_.Step();
    if (random_() % 4 == 0) clock_.Advance(std::chrono::milliseconds(1 + random_() % 10));
    if (random_() % 4 == 0) log_.Step();
  }
  Settle();

  for (const auto& [known, outcomes] : others) {
    Check(outcomes->size() == 1 && outcomes->front().kind == Outcome::Kind::kAccepted &&
              outcomes->front().repeated && outcomes->front().seq.value == known->seq &&
              outcomes->front().reply == known->reply,
          "a repeat of an earlier command gets another answer");
  }
  Check(!mine->empty(), "a command is not answered");
  if (mine->empty()) return Fail(Code::kInternal, "INTERNAL", wrong_);
  const Outcome& first = mine->front();
  for (const Outcome& outcome : *mine) {
    // A refusal is decided anew each time, on whatever state there is then.
    const bool same_record = first.kind != Outcome::Kind::kAccepted || outcome.seq == first.seq;
    Check(outcome.kind == first.kind && same_record && outcome.reply == first.reply,
          fmt::format("the same request is answered in two ways {}", Reason(outcome)));
  }
  if (first.kind == Outcome::Kind::kAccepted) {
    std::shared_ptr<google::protobuf::Message> copy(command.New());
    copy->CopyFrom(command);
    known_.push_back({who, copy, header, first.seq.value, first.reply});
    if (known_.size() > kKnownMax) known_.pop_front();
  }
  Answer answer = AnswerOf(first);
  answer.repeated = false;
  return answer;
}

void RetryingWorld::Submit(const domain::Principal& who, const google::protobuf::Message& command,
                           const type::v1::CommandHeader& header,
                           std::shared_ptr<Outcomes> outcomes) {
  // A retry is sealed anew, and would draw other ids: those of the first one stand.
  Result<domain::Request> request = door_.Admit(who, command, header, Now());
  JALON_CHECK(request.has_value());
  eventstore::Submission submission;
  submission.tenant = request->school_id;
  submission.request_id = header.request_id();
  const Hash body = Sha256({who.person_id, command.GetTypeName(), command.SerializeAsString()});
  submission.body_mac = Bytes(View(body));
  submission.actor = domain::ActorOf(*request);
  submission.command = std::make_unique<domain::Request>(std::move(*request));
  submission.done = [outcomes](Outcome outcome) { outcomes->push_back(std::move(outcome)); };
  JALON_CHECK(writer_.Submit(std::move(submission)).has_value());
}

void RetryingWorld::Settle() {
  constexpr int kIdleSteps = 60;
  for (int i = 0; i < kIdleSteps; ++i) {
    while (writer_.Step()) {
    }
    log_.Step();
    clock_.Advance(std::chrono::milliseconds(1));
  }
}

void RetryingWorld::Check(bool holds, const std::string& what) {
  if (!holds && wrong_.empty()) wrong_ = what;
}

Result<Answer> RetryingWorld::Query(const domain::Principal&, const google::protobuf::Message&,
                                    google::protobuf::Message*) {
  return Fail(Code::kUnimplemented, "UNSUPPORTED", "this world answers commands only");
}

Result<std::vector<log::v1::Event>> RetryingWorld::EventsOf(const Answer& answer) {
  std::vector<log::v1::Event> events;
  for (const log::v1::Record& record : Counted()) {
    if (record.seq() != answer.result.position().seq()) continue;
    for (const std::string& bytes : record.events()) {
      JALON_CHECK(events.emplace_back().ParseFromString(bytes));
    }
  }
  return events;
}

Result<void> RetryingWorld::Advance(Micros by) {
  clock_.Advance(by);
  // A caller stops repeating once the window of its request ids is near its end.
  const auto oldest = Now() - std::chrono::hours(6 * 24);
  while (!known_.empty()) {
    uint64_t millis = 0;
    for (int i = 0; i < 6; ++i) {
      millis = millis << 8 | static_cast<uint8_t>(known_.front().header.request_id()[i]);
    }
    if (std::chrono::milliseconds(millis) >= oldest) break;
    known_.pop_front();
  }
  Settle();
  return {};
}

std::vector<log::v1::Record> RetryingWorld::Counted() {
  std::vector<log::v1::Record> records;
  eventstore::ChainHead head;
  for (const auto& entry : eventstore::testing::ReadAll(log_, kPartition, Offset{0})) {
    const auto frame = eventstore::ReadFrame(*entry.bytes);
    JALON_CHECK(frame.has_value());
    const auto fate = eventstore::Classify(head, entry.offset, *frame, *entry.bytes);
    if (fate != eventstore::Fate::kCounted ||
        frame->kind != eventstore::EntryFrame::Kind::kRecord) {
      continue;
    }
    JALON_CHECK(records.emplace_back().ParseFromArray(frame->body.data(),
                                                      static_cast<int>(frame->body.size())));
  }
  return records;
}

}  // namespace jalon::properties
