// What the commands about an enrolment share.
#pragma once

#include <string_view>

#include "services/domain/decision.h"
#include "services/domain/state.h"

namespace jalon::domain {

// The enrolment in the programme of that code, or, if that is empty, the only one. Null with
// FIELD_REQUIRED where there are several to choose from, NOT_FOUND where there is none.
const Enrolment* EnrolmentNamed(const StudentState& student, std::string_view programme_code,
                                Refusals& refusals);

Aggregate AggregateOf(std::string_view student_id, const Enrolment& enrolment);

}  // namespace jalon::domain
