// A scenario file (.scn) as lines: scenarios, their steps, and what each step says more.
//
//   uses cfp-nord
//
//   # R1: a sequence develops at least one competency
//   when   jean designs sequence FREINS on 5830 with no target
//   then   refused NO_TARGET (R1)
//
// A `#` line after an empty line begins a scenario and is its title; any other is a remark. A step
// begins with given, when, then or and; lines that are indented and begin with none of these say
// more about the step above. `uses NAME` runs the steps of common/NAME.scn before each scenario.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"
#include "tests/scenarios/runner/sentence.h"

namespace jalon::scenarios {

enum class Keyword { kGiven, kWhen, kThen };

struct StepText {
  Keyword keyword = Keyword::kGiven;  // an `and` has that of the step above
  Sentence sentence;
  std::vector<Sentence> details;
};

struct Scenario {
  std::string title;
  std::string file;
  int line = 0;
  std::vector<StepText> steps;
};

struct Script {
  std::vector<std::string> uses;
  std::vector<Scenario> scenarios;
};

// INVALID_ARGUMENT naming file and line on anything that is no scenario.
Result<Script> ParseScript(std::string_view file, std::string_view text);

}  // namespace jalon::scenarios
