// grants: what each person was granted, and what of it was revoked. What every query of a teacher,
// a guardian or a company’s people asks before it answers: what is out of scope is not found.
//
// Keys, after the school (16):
//   person_id (8)      GrantsRow
//
// Example: all that the person 0102030405060708 was ever granted at a school lies at
// school ‖ 0102030405060708; which of it holds today, whoever reads it compares.
//
// Fold: opens no seal. Version: see kGrantsVersion.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/grants_row.h"
#include "projections/views/key.h"

namespace jalon::projections {

inline constexpr std::string_view kGrants = "grants";
inline constexpr uint32_t kGrantsVersion = 2;

std::unique_ptr<const View> MakeGrants();

// What follows the school in keys.
Key GrantsKey(const PersonId& person_id);
PersonId PersonOfGrants(std::string_view key);

}  // namespace jalon::projections
