// What a caller may see. Whatever is out of scope is NOT_FOUND (query.h), like what does not exist.
//
//   STU       the record of the person their credential names
//   GUA       the records of the students whom their grants name
//   TUT       the stays of their company they are, were or will be tutor of
//   SIG       the stays of their company
//   TEA       what their grants extend over, and the stays that they supervise or will
//   COO       the whole school
//   AUD       the trails of the school
//
// What is about no student, such as the school's catalogue and policy, every teacher sees. TEA,
// GUA, TUT, SIG and AUD are nobody without a grant that holds today, and nobody is anybody whose
// grants were all revoked. A guardian's right ends when
// the student comes of age: the day of birth is sealed, so that the grant's last day says when.
#pragma once

#include <string_view>

#include "projections/views/id.h"
#include "projections/views/stay_row.h"
#include "services/api/queries/query.h"
#include "services/domain/request.h"
#include "services/domain/scope.h"

namespace jalon::api {

// The scope of the caller by the grants in the views, where `reader` is of a school. NOT_FOUND for
// whoever has no grant that holds today and needs one (Scope).
Result<domain::Scope> ScopeOf(const domain::Principal& caller, const Reader* reader,
                              domain::LocalDate today);

bool IsStaff(const domain::Principal& caller);

// The record of the student, whatever the programme. Which enrolments a teacher sees of it, the
// scope says beside.
bool MaySeeStudent(const QueryContext& context, std::string_view student_id);

// The trail of the company: a signatory's own.
bool MaySeeTrail(const QueryContext& context, const projections::CompanyId& company_id);

bool MaySeeStay(const QueryContext& context, const projections::StayRow& stay);

// Whether a teacher supervises the stay today, or will.
bool Supervises(const QueryContext& context, const projections::StayRow& stay);

// The company of a role of a company; none for others.
projections::CompanyId CompanyOf(const domain::Principal& caller);

}  // namespace jalon::api
