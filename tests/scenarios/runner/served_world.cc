#include "tests/scenarios/runner/served_world.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include "jalon/person/v1/person_service.pb.h"

namespace jalon::scenarios {
namespace {

// What the call came to; an error if the server refused nothing and answered nothing.
Result<Answer> ToAnswer(client::Reply reply) {
  Answer answer;
  answer.accepted = reply.ok;
  if (reply.ok) {
    answer.result = std::move(reply.result);
    return answer;
  }
  if (reply.refusals.refusals().empty() || reply.error.code == Code::kInternal ||
      reply.error.code == Code::kUnavailable || reply.error.code == Code::kDeadlineExceeded) {
    return std::unexpected(std::move(reply.error));
  }
  answer.refusal = std::move(reply.refusals);
  return answer;
}

}  // namespace

Result<Answer> ServedWorld::Send(const domain::Principal& who,
                                 const google::protobuf::Message& command,
                                 const type::v1::CommandHeader& header) {
  JALON_ASSIGN_OR_RETURN(const client::Client client, server_->As(who));
  JALON_ASSIGN_OR_RETURN(Answer answer, ToAnswer(client.Command(command, header)));
  if (answer.accepted && answer.result.has_position()) {
    const type::v1::Position& position = answer.result.position();
    const auto [first, is_new] = accepted_.try_emplace(header.request_id(), position);
    // Executed again, it would have a place of its own in the log.
    answer.repeated = !is_new && first->second.seq() == position.seq();
    last_position_ = position;
  }
  return answer;
}

Result<Answer> ServedWorld::Query(const domain::Principal& who,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message* response) {
  JALON_ASSIGN_OR_RETURN(const client::Client client, server_->As(who));
  std::unique_ptr<google::protobuf::Message> asked(request.New());
  asked->CopyFrom(request);
  const auto* header_field = asked->GetDescriptor()->FindFieldByName("header");
  auto& header = static_cast<type::v1::QueryHeader&>(
      *asked->GetReflection()->MutableMessage(asked.get(), header_field));
  if (last_position_.seq() > 0) *header.mutable_min_position() = last_position_;
  return ToAnswer(client.Query(*asked, response));
}

Result<std::vector<log::v1::Event>> ServedWorld::EventsOf(const Answer& answer) {
  std::vector<log::v1::Event> events;
  if (!answer.result.has_position()) return events;
  JALON_ASSIGN_OR_RETURN(const log::v1::Record record, server_->RecordAt(answer.result.position()));
  for (const std::string& bytes : record.events()) {
    if (!events.emplace_back().ParseFromString(bytes)) {
      return Fail(Code::kDataLoss, "LOG_CORRUPT", "an event of the record cannot be read");
    }
  }
  return events;
}

std::string ServedWorld::SchoolCode(const std::string& name) const {
  std::string code = name;  // maybe with spaces around it, which mean nothing
  return code.insert(code.find_first_not_of(' '), fmt::format("{}-", number_));
}

Result<Bytes> ServedWorld::TransferKeyOf(const domain::Principal& who) {
  person::v1::GetTransferKeyResponse response;
  JALON_ASSIGN_OR_RETURN(const Answer answer,
                         Query(who, person::v1::GetTransferKeyRequest(), &response));
  if (!answer.accepted) return Fail(Code::kInternal, "INTERNAL", "no transfer key is told");
  return response.receiving_key();
}

Result<void> ServedWorld::Advance(Micros by) {
  if (by == Micros(0)) return {};
  now_ += by;
  return server_->MoveClock(now_);
}

}  // namespace jalon::scenarios
