// stays: the stays of a school in the orders in which they are listed: by first day, by company,
// and the members of each cohort. What ListStays, and GetStartReadiness of a cohort, look through;
// the stays themselves are then read from student_progress, which stands at the same position.
//
// Keys, after the school (16); dates are planned first days, u32 big-endian:
//   'd' ‖ date ‖ stay_id (16)                       StayIndexRow
//   'c' ‖ company_id (8) ‖ date ‖ stay_id (16)      StayIndexRow
//   'h' ‖ cohort_id (8) ‖ student_id (8) ‖ programme code      CohortMemberRow
//   's' ‖ stay_id (16)                              StayIndexRow: where the two above are
//   'e' ‖ student_id (8) ‖ programme code           CohortMemberRow: the cohort of an enrolment
//
// Example: a stay planned from 2026-09-07 (20260907 = 0135282b) lies at school ‖ 'd' ‖ 0135282b ‖
// stay_id, so that a scan of 'd' lists by first day, then by id. Only scheduling, the start and the
// end change these rows.
//
// Fold: opens no seal. Version: see kStaysVersion.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/key.h"
#include "projections/views/stay_index_row.h"

namespace jalon::projections {

inline constexpr std::string_view kStays = "stays";
inline constexpr uint32_t kStaysVersion = 1;

std::unique_ptr<const View> MakeStays();

// What follows the school in keys: prefixes of the lists, and where a list stands at a stay, to go
// on from.
Key StaysByDatePrefix();
Key StaysByCompanyPrefix(const CompanyId& company_id);
Key CohortMembersPrefix(const CohortId& cohort_id);
Key StayByDateKey(const StayIndexRow& stay);
Key StayByCompanyKey(const StayIndexRow& stay);
// The stay itself.
Key StayIndexKey(const StayId& stay_id);

}  // namespace jalon::projections
