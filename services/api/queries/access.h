// What a caller may see. Whatever is out of scope is NOT_FOUND (query.h), like what does not exist.
//
//   STU, GUA  the record of the person their credential names
//   TUT       the stays they are, were or will be tutor of
//   SIG       the stays of their company
//   TEA, COO  the whole school
#pragma once

#include <string_view>

#include "projections/views/id.h"
#include "projections/views/stay_row.h"
#include "services/domain/request.h"

namespace jalon::api {

bool IsStaff(const domain::Principal& caller);

// The record of the student: progress, eligibility, hours, attitudes.
bool MaySeeStudent(const domain::Principal& caller, std::string_view student_id);

bool MaySeeStay(const domain::Principal& caller, const projections::StayRow& stay);

// The company of a role of a company; none for others.
projections::CompanyId CompanyOf(const domain::Principal& caller);

}  // namespace jalon::api
