// The scenarios through gRPC, on a server with the log on disk:
//
//   served_scenarios_test --jalon=PROGRAM --folder=FOLDER [--filter=TEXT] [--coverage=FILE]
//
// Scenarios share a server until one moves its clock; each has schools of its own.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/runner/runner.h"
#include "tests/scenarios/runner/served_world.h"

namespace jalon::scenarios {
namespace {

class Servers {
 public:
  Servers(std::string program, std::string folder)
      : program_(std::move(program)), folder_(std::move(folder)) {}

  std::unique_ptr<World> NewWorld(Micros start) {
    if (server_ == nullptr || server_->clock_moved()) Replace(start);
    return std::make_unique<ServedWorld>(server_, ++worlds_, start);
  }

  // Every server ended well.
  bool Stop() {
    const Result<void> stopped = server_ == nullptr ? Result<void>() : server_->Stop();
    if (!stopped) fmt::print(stderr, "{}\n", stopped.error().message);
    fmt::print("{} scenarios on {} servers\n", worlds_, servers_);
    return stopped.has_value() && servers_ > 0;
  }

 private:
  void Replace(Micros start) {
    if (server_ != nullptr) {
      const Result<void> stopped = server_->Stop();
      EXPECT_TRUE(stopped.has_value()) << stopped.error().message;
    }
    server_.reset();
    auto server = ScenarioServer::Start(program_, folder_, start);
    if (!server) {
      fmt::print(stderr, "{}\n", server.error().message);
      std::exit(1);
    }
    server_ = std::move(*server);
    ++servers_;
  }

  const std::string program_;
  const std::string folder_;
  std::shared_ptr<ScenarioServer> server_;
  uint64_t worlds_ = 0;
  uint64_t servers_ = 0;
};

int Main(int argc, char** argv) {
  std::string program;
  std::string folder;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--jalon=")) program = argument.substr(8);
    if (argument.starts_with("--folder=")) folder = argument.substr(9);
  }
  if (program.empty() || folder.empty()) {
    fmt::print(stderr, "usage: served_scenarios_test --jalon=PROGRAM --folder=FOLDER\n");
    return 2;
  }
  Servers servers(program, folder);
  const int failed = RunScenarios(argc, argv, "served",
                                  [&servers](Micros start) { return servers.NewWorld(start); });
  return servers.Stop() ? failed : 1;
}

}  // namespace
}  // namespace jalon::scenarios

int main(int argc, char** argv) { return jalon::scenarios::Main(argc, argv); }
