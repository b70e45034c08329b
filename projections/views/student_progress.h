// student_progress: where each student stands: enrolments, sequences, stays with all their facts,
// make-ups, evaluations. What GetStudentProgress, GetSummativeEligibility, GetHoursLedger and
// GetStartReadiness read.
//
// Keys, after the school (16):
//   student_id (8) ‖ 00                                   StudentRow
//   student_id (8) ‖ 01 ‖ stay (8)                        StayRow; the stay's id without its
//   student student_id (8) ‖ 02 ‖ stay (8) ‖ 'e' ‖ objective      WordsRow: the last estimate of it
//   student_id (8) ‖ 02 ‖ stay (8) ‖ 'r' ‖ seq ‖ index    WordsRow: a report, by its event
//                                                         (u64 and u32, big-endian)
//   zeros (8) ‖ 03 ‖ digest (32)                          PlanRow: what stays of one plan share
// One scan over a student's 00 and 01 rows answers a query about the student; words are read only
// by who opens them. A fact of a stay changes that stay's row alone.
//
// Example: stay 5354…(S's 8 bytes) 0102030405060708 of student S lies at school ‖ S ‖ 01 ‖
// 0102030405060708.
//
// Fold: opens no seal. Version: see kStudentProgressVersion.
#pragma once

#include <memory>
#include <string_view>

#include "eventstore/base/hash.h"
#include "projections/engine/view.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"
#include "projections/views/key.h"

namespace jalon::projections {

inline constexpr std::string_view kStudentProgress = "student_progress";
inline constexpr uint32_t kStudentProgressVersion = 7;

std::unique_ptr<const View> MakeStudentProgress();

// What follows the school in keys.
Key StudentKey(const PersonId& student_id);
Key StayKey(const StayId& stay_id);
// The plan of a stay, by StayRow::plan_digest.
Key PlanKey(const Hash& digest);
Key EstimateWordsKey(const StayId& stay_id, std::string_view objective);
Key ReportWordsKey(const StayId& stay_id, const Fact& submitted);
// The prefix of all StayRows of a student.
Key StaysPrefix(const PersonId& student_id);

}  // namespace jalon::projections
