// The scenarios on decide and evolve alone, without a server.
#include "tests/scenarios/runner/local_queries.h"
#include "tests/scenarios/runner/local_world.h"
#include "tests/scenarios/runner/runner.h"

int main(int argc, char** argv) {
  using jalon::scenarios::LocalWorld;
  return jalon::scenarios::RunScenarios(argc, argv, "local", [](jalon::Micros start) {
    auto world = std::make_unique<LocalWorld>(start);
    jalon::scenarios::AddLocalQueries(*world);
    return world;
  });
}
