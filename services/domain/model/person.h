// A person who holds a grant: staff, tutors, signatories, guardians. What a student is and does
// stands in StudentState.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/type/v1/role.pb.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

// One role of a person, over a scope.
struct Grant {
  Bytes grant_id;
  uint64_t version = 0;
  type::v1::Role role = type::v1::ROLE_UNSPECIFIED;
  Bytes company_id;  // of a tutor or signatory
  std::vector<Bytes> student_ids;
  std::vector<std::string> programme_codes;
  std::vector<std::string> module_codes;
  bool whole_school = false;
  uint32_t expires_on = 0;  // the last day; 0: no end
  FactRef fact;
  FactRef revoked;  // none: it was not

  bool IsRevoked() const { return revoked.seq != 0; }
  // Expiry is compared, never folded. Of a day before it was revoked it may still be said that it
  // held: what was done then may be keyed in later.
  bool HoldsOn(uint32_t date) const {
    return (expires_on == 0 || date <= expires_on) && (!IsRevoked() || date < revoked.occurred_on);
  }

  void Fields(auto& archive) {
    archive(grant_id, version, role, company_id, student_ids, programme_codes, module_codes,
            whole_school, expires_on, fact, revoked);
  }
  bool operator==(const Grant&) const = default;
};

struct PersonState {
  static constexpr RowKind kKind = RowKind::kPerson;

  std::vector<Grant> grants;
  std::vector<Bytes> lookup_macs;  // the rows by which an external id names the person
  FactRef identity;                // where it was last said who the person is

  // The grant, or null.
  const Grant* Find(std::string_view grant_id) const {
    const auto found = std::ranges::find(grants, grant_id, &Grant::grant_id);
    return found == grants.end() ? nullptr : &*found;
  }
  // A grant of `role` that holds on `date`, or null.
  const Grant* Holding(type::v1::Role role, uint32_t date) const {
    for (const Grant& grant : grants) {
      if (grant.role == role && grant.HoldsOn(date)) return &grant;
    }
    return nullptr;
  }
  // Holds `role` for this company on `date`.
  bool ActsFor(const Bytes& company_id, type::v1::Role role, uint32_t date) const {
    for (const Grant& grant : grants) {
      if (grant.role == role && grant.company_id == company_id && grant.HoldsOn(date)) return true;
    }
    return false;
  }
  // Is a teacher or coordinator of the school on `date`.
  bool IsStaff(uint32_t date) const {
    return Holding(type::v1::ROLE_TEACHER, date) != nullptr ||
           Holding(type::v1::ROLE_WORK_STUDY_COORDINATOR, date) != nullptr;
  }

  void Fields(auto& archive) { archive(grants, lookup_macs, identity); }
  bool operator==(const PersonState&) const = default;
};

}  // namespace jalon::domain
