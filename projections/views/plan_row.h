// A training plan as stays share it: a row under the digest of what the event says, which never
// changes. Most stays of a sequence have the same.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/hash.h"

namespace jalon::projections {

// Minutes that belong to one module.
struct ModuleShare {
  std::string module;
  uint32_t minutes = 0;

  void Fields(auto& archive) { archive(module, minutes); }
  bool operator==(const ModuleShare&) const = default;
};

struct ActivityFacts {
  std::string activity;  // code
  uint32_t planned_minutes = 0;
  std::vector<ModuleShare> shares;      // the modules it touches
  std::vector<std::string> objectives;  // codes

  void Fields(auto& archive) { archive(activity, planned_minutes, shares, objectives); }
  bool operator==(const ActivityFacts&) const = default;
};

struct PlanRow {
  std::vector<ActivityFacts> activities;
  std::vector<ModuleShare> prescribed;  // within the plan

  void Fields(auto& archive) { archive(activities, prescribed); }
  bool operator==(const PlanRow&) const = default;
};
using PlanPtr = std::shared_ptr<const PlanRow>;

// A plan of no activity; never null.
const PlanPtr& NoPlan();

}  // namespace jalon::projections
