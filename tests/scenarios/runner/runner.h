// Runs scenario files in a world and reports each scenario as a test.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tests/scenarios/runner/step.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::scenarios {

// A fresh world for one scenario, with its clock at `start`.
using MakeWorld = std::function<std::unique_ptr<World>(Micros start)>;

// Every step that there is; one function per file of steps/.
StepTable AllSteps();

// Registers each scenario of tests/scenarios/*.scn as a gtest and runs them:
//
//   scenarios_test [--filter=TEXT] [--coverage=FILE] [--steps] [gtest flags]
//
// --filter: only scenarios whose file or title has the text. --coverage: writes a line "Command
// REASON file:line" for each refusal, warning and refused row that a `then` names, and "Command ok
// file:line" for each acceptance. --steps: prints the table of steps and runs nothing.
int RunScenarios(int argc, char** argv, const std::string& world_name, MakeWorld make_world);

}  // namespace jalon::scenarios
