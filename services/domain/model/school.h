// A school and its policy.
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

// One key of the policy as it was set once. Nothing is ever removed: policy is read as of a date.
struct PolicyEntry {
  std::string key;
  uint32_t effective_on = 0;
  uint32_t policy_version = 0;
  Bytes setting;  // an encoded jalon.school.v1.PolicySetting
  FactRef fact;

  void Fields(auto& archive) { archive(key, effective_on, policy_version, setting, fact); }
  bool operator==(const PolicyEntry&) const = default;
};

struct SchoolState {
  static constexpr RowKind kKind = RowKind::kSchool;

  uint64_t version = 0;
  std::string code;
  std::vector<PolicyEntry> policy;  // in the order in which it was set
  FactRef registered;

  uint32_t PolicyVersion() const { return policy.empty() ? 0 : policy.back().policy_version; }

  void Fields(auto& archive) { archive(version, code, policy, registered); }
  bool operator==(const SchoolState&) const = default;
};

}  // namespace jalon::domain
