// GetStudentProgress, made of rows: modules, sequences and stays of one enrolment.
#pragma once

#include "jalon/progress/v1/progress.pb.h"
#include "services/api/queries/records.h"

namespace jalon::api {

// Fills in everything but who the student is. With `open_sealed` also the words of estimates and
// reports. `progress` is empty.
Result<void> ShowProgress(const StudentRecord& record, const projections::EnrolmentFacts& enrolment,
                          bool open_sealed, const QueryContext& context,
                          progress::v1::StudentProgress* progress);

}  // namespace jalon::api
