// The hours of one student in one programme, and what is worth noting about them (R3, R4, R8).
//
// An hour is counted once. What is planned stands in the plan of a stay that is not cancelled,
// whatever became of it. What is taken of the allotted hours is what ScheduleStays decides by
// (domain::TakesHours): not an activity that an ended stay did not perform, which leaves its hours
// to the stay that performs it. Prescribed time is part of the planned one. Stays whose sequence
// runs outside the allotted hours are listed with theirs, and are in no total.
#pragma once

#include "jalon/catalogue/v1/definition.pb.h"
#include "jalon/progress/v1/hours.pb.h"
#include "services/api/queries/records.h"
#include "services/domain/policy.h"

namespace jalon::api {

struct LedgerRows {
  const StudentRecord& record;
  const projections::EnrolmentFacts& enrolment;
  const catalogue::v1::ProgrammeDefinition& programme;  // of the enrolment
  domain::Policy policy;                                // of today
  bool with_days = false;
};

// Pure. Notes have no words yet (domain::Explain).
progress::v1::HoursLedger LedgerOf(const LedgerRows& rows);

}  // namespace jalon::api
