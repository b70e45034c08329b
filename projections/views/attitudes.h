// attitudes: what was observed of each student's attitudes, and the follow-up at school (R22, R23).
// What GetAttitudeTimeline reads. Apart from student_progress on purpose: an attitude never counts
// in an evaluation, so nothing that computes eligibility can even see it.
//
// Keys, after the school (16):
//   student_id (8) ‖ stay (8) ‖ observation number (u32, big-endian)      AttitudeRow
//
// Example: the second observation in the stay S ‖ 0102030405060708 lies at school ‖ S ‖
// 0102030405060708 ‖ 00000002. A student has few: a query scans them and orders by time.
//
// Fold: opens no seal. Version: see kAttitudesVersion.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/attitude_row.h"
#include "projections/views/key.h"

namespace jalon::projections {

inline constexpr std::string_view kAttitudes = "attitudes";
inline constexpr uint32_t kAttitudesVersion = 1;

std::unique_ptr<const View> MakeAttitudes();

// What follows the school in keys: all of a student's.
Key AttitudesPrefix(const PersonId& student_id);

}  // namespace jalon::projections
