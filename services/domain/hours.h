// R3: the hours that a programme allots, and what stays take of them.
#pragma once

#include <string_view>
#include <vector>

#include "jalon/type/v1/training.pb.h"
#include "services/domain/model/programme.h"
#include "services/domain/model/sequence.h"
#include "services/domain/model/student.h"

namespace jalon::domain {

// Whether the planned time of an activity is taken from the allotted hours: not that of a cancelled
// stay, nor, once a stay is over, that of an activity which did not take place there. So a stay
// that ends early leaves its hours to the stay that goes on elsewhere.
constexpr bool TakesHours(type::v1::StayState stay, type::v1::OutcomeKind outcome) {
  if (stay == type::v1::STAY_STATE_CANCELLED) return false;
  return stay != type::v1::STAY_STATE_ENDED || outcome != type::v1::OUTCOME_KIND_NOT_PERFORMED;
}

// What stays take of a programme's hours, by module.
struct HoursTaken {
  std::vector<ModuleMinutes> planned;  // as far as it is taken
  std::vector<ModuleMinutes> added;    // granted beyond the allotted hours (R4)

  void Plan(const std::vector<PlannedActivity>& activities);
};

// Nothing, if its sequence runs outside the allotted hours.
HoursTaken HoursTakenBy(const Stay& stay);
// All stays of the student in the programme.
HoursTaken HoursTakenBy(const StudentState& student, std::string_view programme_code);

// Planned and allowed (allotted and added) minutes of some modules together.
struct HoursPool {
  uint64_t planned = 0;
  uint64_t allowed = 0;

  bool IsExceeded() const { return planned > allowed; }
};
HoursPool PoolOf(const ProgrammeState& programme, const HoursTaken& taken,
                 const std::vector<std::string_view>& modules);
// The pool of the whole programme.
HoursPool PoolOf(const ProgrammeState& programme, const HoursTaken& taken);

// An activity as a stay plans it: its time is shared among the modules that it touches, in
// proportion to the objectives that it has in each. Minutes that do not divide go to the first
// ones.
PlannedActivity PlanActivity(const SequenceVersion& sequence, const SequenceActivity& activity,
                             uint32_t planned_minutes);

// Shares `minutes` among modules in proportion to their weights, largest remainder first, the first
// of equals; equally where all weights are 0. Adds up to `minutes`.
std::vector<ModuleMinutes> ShareOut(uint32_t minutes, const std::vector<ModuleMinutes>& weights);

}  // namespace jalon::domain
