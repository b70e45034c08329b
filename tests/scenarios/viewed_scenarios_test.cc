// The scenarios on decide and evolve, with queries answered by the real views.
#include "tests/scenarios/runner/runner.h"
#include "tests/scenarios/runner/viewed_world.h"

int main(int argc, char** argv) {
  using jalon::scenarios::ViewedWorld;
  return jalon::scenarios::RunScenarios(argc, argv, "viewed", [](jalon::Micros start) {
    return std::make_unique<ViewedWorld>(start);
  });
}
