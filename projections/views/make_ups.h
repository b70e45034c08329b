// make_ups: what the school makes up, in the order in which it is listed: owed ones first, those
// not planned before those planned, these by due date (R14). What ListMakeUps reads.
//
// Keys, after the school (16):
//   'l' ‖ closed (1: 00 owed, 01 not) ‖ due date (u32, big-endian; 0: not planned) ‖ stay_id (16) ‖
//   activity code                                   MakeUpRow
//   'm' ‖ stay_id (16) ‖ activity code              MakeUpRow: the same, by its own id
//
// Example: a make-up due on 2026-10-01 (20261001 = 01352889) lies at school ‖ 'l' ‖ 00 ‖ 01352889 ‖
// stay_id ‖ "a2", and moves to 'l' ‖ 01 ‖ … when it is completed. What is overdue is for the query
// to say: nothing here depends on today.
//
// Fold: opens no seal. Version: see kMakeUpsVersion.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/key.h"
#include "projections/views/make_up_row.h"

namespace jalon::projections {

inline constexpr std::string_view kMakeUps = "make_ups";
inline constexpr uint32_t kMakeUpsVersion = 1;

std::unique_ptr<const View> MakeMakeUps();

// What follows the school in keys: the lists of owed and of closed ones; both, owed first; and
// where a list stands at a make-up, to go on from.
Key MakeUpsPrefix(bool closed);
Key AllMakeUpsPrefix();
Key MakeUpListKey(const MakeUpRow& make_up);
// The make-up itself.
Key MakeUpKey(const StayId& stay_id, std::string_view activity);

}  // namespace jalon::projections
