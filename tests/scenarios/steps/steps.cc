#include "tests/scenarios/steps/steps.h"

#include "tests/scenarios/runner/runner.h"

namespace jalon::scenarios {

StepTable AllSteps() {
  StepTable steps;
  AddAnswerSteps(steps);
  AddRecordSteps(steps);
  AddSchoolSteps(steps);
  AddProgrammeSteps(steps);
  AddSequenceSteps(steps);
  AddCompanySteps(steps);
  AddRosterSteps(steps);
  AddPlacementSteps(steps);
  AddStaySteps(steps);
  AddFeedbackSteps(steps);
  AddFollowUpSteps(steps);
  AddEvaluationSteps(steps);
  AddEligibilitySteps(steps);
  AddErasureSteps(steps);
  AddTransferSteps(steps);
  AddHoursSteps(steps);
  return steps;
}

}  // namespace jalon::scenarios
