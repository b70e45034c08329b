// The servers that the scenarios of one run take place on: one is shared until a scenario moves its
// clock, which never goes back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/scenarios/runner/scenario_server.h"
#include "tests/scenarios/runner/served_world.h"

namespace jalon::scenarios {

// Thread safety: one thread.
class ScenarioServers {
 public:
  // Looks at a server at its end; an error fails the run.
  using Look = std::function<Result<void>(ScenarioServer&)>;

  // Reads --jalon=PROGRAM and --folder=FOLDER; null, after saying so, if one is not there.
  static std::unique_ptr<ScenarioServers> Make(int argc, char** argv);

  // Each server has a log of its own on these brokers.
  void OnKafka(std::string brokers) { brokers_ = std::move(brokers); }

  // Each server has these options of `jalon serve`, too.
  void Also(std::vector<std::string> options) { options_ = std::move(options); }
  const std::string& program() const { return program_; }
  const std::string& folder() const { return folder_; }

  // Before each server is stopped, and after it.
  void LookBefore(Look look) { before_ = std::move(look); }
  void LookAfter(Look look) { after_ = std::move(look); }

  // A world with schools of its own, on a server whose clock stands at `start`. The process exits
  // if no server can be started.
  std::unique_ptr<ServedWorld> NewWorld(Micros start);

  // Ends the last server. True if there was one, and every one ended well.
  bool Stop();

 private:
  ScenarioServers(std::string program, std::string folder)
      : program_(std::move(program)), folder_(std::move(folder)) {}
  void EndServer();

  const std::string program_;
  const std::string folder_;
  std::vector<std::string> options_;
  std::string brokers_;  // empty: the embedded log
  Look before_;
  Look after_;
  std::shared_ptr<ScenarioServer> server_;
  uint64_t worlds_ = 0;
  uint64_t servers_ = 0;
  uint64_t faults_ = 0;
};

}  // namespace jalon::scenarios
