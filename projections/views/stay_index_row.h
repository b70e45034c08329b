// A stay as the lists of the view stays keep one: enough to filter by; the rest is read from the
// stay's row in student_progress, which stands at the same position.
#pragma once

#include <cstdint>
#include <string>

#include "jalon/type/v1/training.pb.h"
#include "projections/views/id.h"

namespace jalon::projections {

struct StayIndexRow {
  StayId stay_id;
  SequenceId sequence_id;
  CompanyId company_id;
  type::v1::StayState state = type::v1::STAY_STATE_UNSPECIFIED;
  uint32_t starts_on = 0;   // planned
  uint32_t ends_on = 0;     // planned
  uint32_t started_on = 0;  // 0: not started
  uint32_t ended_on = 0;    // 0: not ended

  // The first and the last day in the company, as far as known.
  uint32_t FirstDay() const { return started_on != 0 ? started_on : starts_on; }
  uint32_t LastDay() const { return ended_on != 0 ? ended_on : ends_on; }

  void Fields(auto& archive) {
    archive(stay_id, sequence_id, company_id, state, starts_on, ends_on, started_on, ended_on);
  }
  bool operator==(const StayIndexRow&) const = default;
};

// An enrolment, as a member of its cohort.
struct CohortMemberRow {
  PersonId student_id;
  std::string programme_code;
  CohortId cohort_id;  // none: of no cohort

  void Fields(auto& archive) { archive(student_id, programme_code, cohort_id); }
  bool operator==(const CohortMemberRow&) const = default;
};

}  // namespace jalon::projections
