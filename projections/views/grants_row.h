// What a person was granted, as the view grants keeps it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jalon/type/v1/role.pb.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"

namespace jalon::projections {

// A role over what the grant names; empty lists limit nothing.
struct GrantFacts {
  Id<8> grant_id;
  type::v1::Role role = type::v1::ROLE_UNSPECIFIED;
  bool whole_school = false;
  CompanyId company_id;
  std::vector<PersonId> student_ids;
  std::vector<std::string> programme_codes;
  std::vector<std::string> module_codes;
  uint32_t expires_on = 0;  // the last day; 0: no end. Whoever reads it compares
  Fact granted;
  Fact revoked;  // none: it was not

  void Fields(auto& archive) {
    archive(grant_id, role, whole_school, company_id, student_ids, programme_codes, module_codes,
            expires_on, granted, revoked);
  }
  bool operator==(const GrantFacts&) const = default;
};

struct GrantsRow {
  std::vector<GrantFacts> grants;  // in the order in which they were given

  void Fields(auto& archive) { archive(grants); }
  bool operator==(const GrantsRow&) const = default;
};

}  // namespace jalon::projections
