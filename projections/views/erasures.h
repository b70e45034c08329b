// erasures: how what is held of a person ends: legal hold, the request of one coordinator, the
// erasure that another one confirmed. What GetErasure reads.
//
// Keys, after the school (16):
//   person_id (8)      ErasureRow
//
// Example: the erasure of the person 0102030405060708 of a school lies at school ‖
// 0102030405060708; a person about whom none of it happened has no row.
//
// Fold: opens no seal. Version: see kErasuresVersion.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/id.h"
#include "projections/views/key.h"

namespace jalon::projections {

inline constexpr std::string_view kErasures = "erasures";
inline constexpr uint32_t kErasuresVersion = 1;

std::unique_ptr<const View> MakeErasures();

// What follows the school in keys.
Key ErasureKey(const PersonId& person_id);

}  // namespace jalon::projections
