// GetStudentProgress, made of rows: modules, sequences and stays of one enrolment.
#pragma once

#include "jalon/progress/v1/progress.pb.h"
#include "services/api/queries/records.h"

namespace jalon::api {

// Fills in everything but who the student is. The words of estimates and reports are added to
// `sections`, and stand there once these are opened; null: they stay sealed. `progress` is empty,
// and outlives `sections`.
Result<void> ShowProgress(const StudentRecord& record, const projections::EnrolmentFacts& enrolment,
                          Sections* sections, const QueryContext& context,
                          progress::v1::StudentProgress* progress);

}  // namespace jalon::api
