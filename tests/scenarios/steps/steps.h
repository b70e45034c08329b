// The files of steps, one line each.
#pragma once

#include "tests/scenarios/runner/step.h"

namespace jalon::scenarios {

void AddAnswerSteps(StepTable& steps);     // what the last command came to
void AddSchoolSteps(StepTable& steps);     // schools, policy, people, time
void AddProgrammeSteps(StepTable& steps);  // programmes
void AddSequenceSteps(StepTable& steps);   // sequences
void AddCompanySteps(StepTable& steps);    // companies and their resources
void AddRosterSteps(StepTable& steps);     // students

}  // namespace jalon::scenarios
