#include "tests/canaries/canary_world.h"

#include <fmt/format.h>

namespace jalon::canaries {

Result<scenarios::Answer> CanaryWorld::Send(const domain::Principal& who,
                                            const google::protobuf::Message& command,
                                            const type::v1::CommandHeader& header) {
  const std::unique_ptr<google::protobuf::Message> marked(command.New());
  marked->CopyFrom(command);
  Paths paths = Mark(*marked);
  Result<scenarios::Answer> answer = inner_->Send(who, *marked, header);
  if (answer && answer->accepted && answer->result.has_position()) sent_.merge(paths);
  return answer;
}

std::string CanaryWorld::SchoolCode(const std::string& name) const {
  std::string code = inner_->SchoolCode(name);
  return code.insert(code.find_first_not_of(' '), fmt::format("{}-", kControl));
}

}  // namespace jalon::canaries
