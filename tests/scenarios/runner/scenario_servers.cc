#include "tests/scenarios/runner/scenario_servers.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

namespace jalon::scenarios {

std::unique_ptr<ScenarioServers> ScenarioServers::Make(int argc, char** argv) {
  std::string program;
  std::string folder;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--jalon=")) program = argument.substr(8);
    if (argument.starts_with("--folder=")) folder = argument.substr(9);
  }
  if (program.empty() || folder.empty()) {
    fmt::print(stderr, "usage: {} --jalon=PROGRAM --folder=FOLDER\n", argv[0]);
    return nullptr;
  }
  return std::unique_ptr<ScenarioServers>(new ScenarioServers(program, folder));
}

std::unique_ptr<ServedWorld> ScenarioServers::NewWorld(Micros start) {
  if (server_ != nullptr && server_->clock_moved()) EndServer();
  if (server_ == nullptr) {
    const std::string kafka =
        brokers_.empty() ? "" : fmt::format("kafka://{}/scenarios{}", brokers_, servers_);
    auto server = ScenarioServer::Start(program_, folder_, start, kafka, options_);
    if (!server) {
      fmt::print(stderr, "{}\n", server.error().message);
      std::exit(1);
    }
    server_ = std::move(*server);
    ++servers_;
  }
  return std::make_unique<ServedWorld>(server_, ++worlds_, start);
}

bool ScenarioServers::Stop() {
  if (server_ != nullptr) EndServer();
  fmt::print("{} scenarios on {} servers\n", worlds_, servers_);
  return servers_ > 0 && faults_ == 0;
}

void ScenarioServers::EndServer() {
  const auto note = [this](const Result<void>& result) {
    if (result) return;
    ++faults_;
    fmt::print(stderr, "server {}: {}\n", servers_, result.error().message);
  };
  if (before_) note(before_(*server_));
  note(server_->Stop());
  if (after_) note(after_(*server_));
  server_.reset();
}

}  // namespace jalon::scenarios
