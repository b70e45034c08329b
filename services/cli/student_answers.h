// The answers about one student, as tables.
#pragma once

#include "jalon/progress/v1/progress_service.pb.h"
#include "services/cli/output.h"

namespace jalon::cli {

// Says so, and by which event, where the student is erased.
void ShowErased(const type::v1::EventRef& erased, Output& output);

void ShowProgress(const progress::v1::GetStudentProgressResponse& response, Output& output);
// `all`: a table of every module first, then the reasons of those that a stay targets.
void ShowEligibility(const progress::v1::GetSummativeEligibilityResponse& response, bool all,
                     Output& output);
void ShowHours(const progress::v1::GetHoursLedgerResponse& response, Output& output);
void ShowAttitudes(const progress::v1::GetAttitudeTimelineResponse& response, Output& output);

// The activities of one stay, what became of each, estimates and reports.
void ShowStayProgress(const progress::v1::StayProgress& stay, Output& output);

}  // namespace jalon::cli
