// The training plan of a stay: what the school has the company do (R5, R6). A version of it never
// changes, and most stays of a sequence have the same: so a plan is a row of its own, under a
// digest of what it says, and a stay names it (plan_ref.h).
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/domain/model/keys.h"
#include "services/domain/model/module_minutes.h"

namespace jalon::domain {

// An activity as the stay plans it.
struct PlannedActivity {
  std::string code;
  uint32_t planned_minutes = 0;
  std::vector<ModuleMinutes> shares;    // the modules it touches; adds up to planned_minutes
  std::vector<std::string> objectives;  // of the sequence, by code

  void Fields(auto& archive) { archive(code, planned_minutes, shares, objectives); }
  bool operator==(const PlannedActivity&) const = default;
};

struct TrainingPlan {
  static constexpr RowKind kKind = RowKind::kPlan;

  std::vector<PlannedActivity> activities;
  std::vector<std::string> objectives;    // of all activities, each once, ascending
  std::vector<ModuleMinutes> prescribed;  // prescribed practicum within the total (R8)

  // The place of the activity, or of the objective, in its vector.
  std::optional<size_t> IndexOf(std::string_view activity) const {
    const auto found = std::ranges::find(activities, activity, &PlannedActivity::code);
    if (found == activities.end()) return std::nullopt;
    return static_cast<size_t>(found - activities.begin());
  }
  std::optional<size_t> IndexOfObjective(std::string_view objective) const {
    const auto found = std::ranges::lower_bound(objectives, objective);
    if (found == objectives.end() || *found != objective) return std::nullopt;
    return static_cast<size_t>(found - objectives.begin());
  }
  const PlannedActivity* Find(std::string_view activity) const {
    const auto index = IndexOf(activity);
    return index ? &activities[*index] : nullptr;
  }
  bool TouchesModule(std::string_view module) const {
    return std::ranges::any_of(activities, [&](const PlannedActivity& activity) {
      return Touches(activity.shares, module);
    });
  }
  uint32_t PlannedMinutes() const {
    uint32_t minutes = 0;
    for (const PlannedActivity& activity : activities) minutes += activity.planned_minutes;
    return minutes;
  }

  void Fields(auto& archive) { archive(activities, objectives, prescribed); }
  bool operator==(const TrainingPlan&) const = default;
};

}  // namespace jalon::domain
