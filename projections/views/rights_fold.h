// What a student brings along, how an enrolment ends, and what is rectified: as student_progress
// keeps it of a student.
#pragma once

#include "projections/engine/view.h"
#include "projections/views/student_row.h"

namespace jalon::projections {

void FoldPriorResult(const EventView& event, StudentRow& student);
void FoldTransfer(const EventView& event, StudentRow& student);
// A StudentWithdrawn or ProgrammeCompleted.
void FoldClosed(const EventView& event, StudentRow& student);
// A CorrectionRecorded, which keeps what was said before beside it, or a StatementRecorded.
void FoldRectified(const EventView& event, StudentRow& student);

}  // namespace jalon::projections
