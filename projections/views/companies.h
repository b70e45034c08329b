// companies: each host company with its declared capacity (R10), attested resources and open gaps
// (R13). What GetStartReadiness and the notes of eligibility read.
//
// Keys, after the school (16):
//   company_id (8)      CompanyRow
//
// Example: company 0102030405060708 lies at school ‖ 0102030405060708.
//
// Who takes its seats is in the view stays, listed by company: a stay changes no company's row.
//
// Fold: opens no seal. Version: see kCompaniesVersion.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/company_row.h"
#include "projections/views/key.h"

namespace jalon::projections {

inline constexpr std::string_view kCompanies = "companies";
inline constexpr uint32_t kCompaniesVersion = 2;

std::unique_ptr<const View> MakeCompanies();

// What follows the school in keys.
Key CompanyKey(const CompanyId& company_id);

}  // namespace jalon::projections
