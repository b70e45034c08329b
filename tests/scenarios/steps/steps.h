// The files of steps, one line each.
#pragma once

#include "tests/scenarios/runner/step.h"

namespace jalon::scenarios {

void AddAnswerSteps(StepTable& steps);       // what the last command came to
void AddRecordSteps(StepTable& steps);       // what stands in the record
void AddSchoolSteps(StepTable& steps);       // schools, policy, people, time
void AddProgrammeSteps(StepTable& steps);    // programmes
void AddSequenceSteps(StepTable& steps);     // sequences
void AddCompanySteps(StepTable& steps);      // companies and their resources
void AddRosterSteps(StepTable& steps);       // students
void AddPlacementSteps(StepTable& steps);    // assignments, stays, what is arranged before them
void AddStaySteps(StepTable& steps);         // start, hours, end
void AddFeedbackSteps(StepTable& steps);     // outcomes, estimates, reports, attitudes
void AddFollowUpSteps(StepTable& steps);     // make-up and follow-up
void AddEvaluationSteps(StepTable& steps);   // summative evaluation
void AddHoursSteps(StepTable& steps);        // what the hours ledger says
void AddEligibilitySteps(StepTable& steps);  // what queries say of eligibility and readiness
void AddErasureSteps(StepTable& steps);      // hold, request, erasure
void AddTransferSteps(StepTable& steps);     // what is brought along, ends, rectification

}  // namespace jalon::scenarios
