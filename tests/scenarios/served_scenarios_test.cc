// The scenarios through gRPC, on a server with the log on disk:
//
//   served_scenarios_test --jalon=PROGRAM --folder=FOLDER [--filter=TEXT] [--coverage=FILE]
#include "tests/scenarios/runner/runner.h"
#include "tests/scenarios/runner/scenario_servers.h"

int main(int argc, char** argv) {
  const auto servers = jalon::scenarios::ScenarioServers::Make(argc, argv);
  if (servers == nullptr) return 2;
  const int failed = jalon::scenarios::RunScenarios(
      argc, argv, "served", [&servers](jalon::Micros start) { return servers->NewWorld(start); });
  return servers->Stop() ? failed : 1;
}
