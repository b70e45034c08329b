#include "tests/canaries/canary_world.h"

#include <fmt/format.h>

namespace jalon::canaries {

Result<scenarios::Answer> CanaryWorld::Send(const domain::Principal& who,
                                            const google::protobuf::Message& command,
                                            const type::v1::CommandHeader& header) {
  const std::unique_ptr<google::protobuf::Message> marked(command.New());
  marked->CopyFrom(command);
  Paths paths = Mark(*marked);
  if (!paths.empty() && seen_.oversized.insert(command.GetTypeName()).second) {
    JALON_RETURN_IF_ERROR(SendOversized(who, *marked, header));
  }
  Result<scenarios::Answer> answer = inner_->Send(who, *marked, header);
  Look(command.GetTypeName(), answer);
  if (answer && answer->accepted && answer->result.has_position()) seen_.sent.merge(paths);
  return answer;
}

Result<scenarios::Answer> CanaryWorld::Query(const domain::Principal& who,
                                             const google::protobuf::Message& request,
                                             google::protobuf::Message* response) {
  Result<scenarios::Answer> answer = inner_->Query(who, request, response);
  Look(request.GetTypeName(), answer);
  return answer;
}

// What is refused because it is too long is named, and not repeated. A refusal leaves nothing
// behind, so that the request id is still free.
Result<void> CanaryWorld::SendOversized(const domain::Principal& who,
                                        const google::protobuf::Message& marked,
                                        const type::v1::CommandHeader& header) {
  const std::unique_ptr<google::protobuf::Message> oversized(marked.New());
  oversized->CopyFrom(marked);
  if (!Oversize(*oversized)) return {};  // it has dates or words of a scale alone
  const Result<scenarios::Answer> answer = inner_->Send(who, *oversized, header);
  Look(marked.GetTypeName() + ", oversized", answer);
  if (!answer || !answer->accepted) return {};
  return Fail(Code::kInternal, "INTERNAL", marked.GetTypeName() + ": a text without end is taken");
}

void CanaryWorld::Look(const std::string& what, const Result<scenarios::Answer>& answer) {
  const std::string told = answer ? answer->result.DebugString() + answer->refusal.DebugString()
                                  : answer.error().message;
  if (told.find(kMark) != std::string::npos) seen_.told.push_back(what + ": " + told);
}

std::string CanaryWorld::SchoolCode(const std::string& name) const {
  std::string code = inner_->SchoolCode(name);
  return code.insert(code.find_first_not_of(' '), fmt::format("{}-", kControl));
}

}  // namespace jalon::canaries
