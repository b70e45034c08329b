#include "services/domain/hours.h"

#include <algorithm>
#include <numeric>

#include "services/domain/sequence_type.h"

namespace jalon::domain {

void HoursTaken::Plan(const std::vector<PlannedActivity>& activities) {
  for (const PlannedActivity& activity : activities) {
    for (const ModuleMinutes& share : activity.shares) {
      AddMinutes(&planned, share.module, share.minutes);
    }
  }
}

namespace {

void AddTaken(const Stay& stay, HoursTaken* taken) {
  if (!RulesOf(stay.type).inside_allotted_hours) return;
  for (size_t i = 0; i < stay.plan->activities.size(); ++i) {
    if (!TakesHours(stay.state, stay.outcomes[i].kind)) continue;
    for (const ModuleMinutes& share : stay.plan->activities[i].shares) {
      AddMinutes(&taken->planned, share.module, share.minutes);
    }
  }
  for (const ModuleMinutes& share : stay.added) {
    AddMinutes(&taken->added, share.module, share.minutes);
  }
}

}  // namespace

HoursTaken HoursTakenBy(const Stay& stay) {
  HoursTaken taken;
  AddTaken(stay, &taken);
  return taken;
}

HoursTaken HoursTakenBy(const StudentState& student, std::string_view programme_code) {
  HoursTaken taken;
  for (const Shared<Stay>& stay : student.stays) {
    if (stay->programme_code == programme_code) AddTaken(*stay, &taken);
  }
  return taken;
}

HoursPool PoolOf(const ProgrammeState& programme, const HoursTaken& taken,
                 const std::vector<std::string_view>& modules) {
  HoursPool pool;
  for (const std::string_view code : modules) {
    const Module* module = programme.FindModule(code);
    pool.allowed += module == nullptr ? 0 : module->allotted_minutes;
    pool.allowed += MinutesOf(taken.added, code);
    pool.planned += MinutesOf(taken.planned, code);
  }
  return pool;
}

HoursPool PoolOf(const ProgrammeState& programme, const HoursTaken& taken) {
  std::vector<std::string_view> modules;
  for (const Module& module : programme.modules) modules.emplace_back(module.code);
  return PoolOf(programme, taken, modules);
}

std::vector<ModuleMinutes> ShareOut(uint32_t minutes, const std::vector<ModuleMinutes>& weights) {
  uint64_t total = 0;
  for (const ModuleMinutes& weight : weights) total += weight.minutes;
  std::vector<ModuleMinutes> shares = weights;
  std::vector<uint64_t> remainders;
  uint32_t given = 0;
  for (ModuleMinutes& share : shares) {
    const uint64_t weight = total == 0 ? 1 : share.minutes;
    const uint64_t whole = total == 0 ? weights.size() : total;
    share.minutes = static_cast<uint32_t>(minutes * weight / whole);
    remainders.push_back(minutes * weight % whole);
    given += share.minutes;
  }
  std::vector<size_t> order(shares.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater<>{}, [&](size_t i) { return remainders[i]; });
  for (size_t i = 0; given < minutes && !shares.empty(); ++i, ++given) {
    ++shares[order[i % order.size()]].minutes;
  }
  return shares;
}

PlannedActivity PlanActivity(const SequenceVersion& sequence, const SequenceActivity& activity,
                             uint32_t planned_minutes) {
  std::vector<ModuleMinutes> objectives;  // how many in each module
  for (const std::string& module : activity.modules) objectives.push_back({module, 0});
  for (const std::string& code : activity.objectives) {
    const SequenceObjective* objective = sequence.FindObjective(code);
    if (objective != nullptr) AddMinutes(&objectives, objective->module, 1);
  }
  return {.code = activity.code,
          .planned_minutes = planned_minutes,
          .shares = ShareOut(planned_minutes, objectives),
          .objectives = activity.objectives};
}

}  // namespace jalon::domain
