#include "services/domain/model/stay.h"

namespace jalon::domain {

const DutyHolder* Duty::HolderOn(uint32_t date) const {
  const DutyHolder* holder = nullptr;
  for (const DutyHolder& candidate : holders) {
    if (candidate.from_on <= date) holder = &candidate;
  }
  return holder;
}

uint32_t Duty::SucceededOn(std::string_view person_id) const {
  uint32_t succeeded_on = 0;
  bool holds = false;
  for (const DutyHolder& holder : holders) {
    if (holder.person_id == person_id) {
      holds = true;
      succeeded_on = 0;
    } else if (holds) {
      holds = false;
      succeeded_on = holder.from_on;
    }
  }
  return succeeded_on;
}

void Duty::Hand(DutyHolder holder) {
  const auto after = std::ranges::upper_bound(holders, holder.from_on, {}, &DutyHolder::from_on);
  holders.insert(after, std::move(holder));
}

const Outcome* Stay::FindOutcome(std::string_view activity) const {
  const auto index = plan->IndexOf(activity);
  return index && *index < outcomes.size() ? &outcomes[*index] : nullptr;
}

const MakeUp* Stay::FindMakeUp(std::string_view activity) const {
  const auto index = plan->IndexOf(activity);
  if (!index) return nullptr;
  const auto found = std::ranges::find(make_ups, *index, &MakeUp::activity);
  return found == make_ups.end() ? nullptr : &*found;
}

const LoggedDay* Stay::FindDay(uint32_t worked_on) const {
  const auto found = std::ranges::lower_bound(days, worked_on, {}, &LoggedDay::worked_on);
  return found == days.end() || found->worked_on != worked_on ? nullptr : &*found;
}

uint32_t Stay::AddedMinutes() const {
  uint32_t minutes = 0;
  for (const ModuleMinutes& share : added) minutes += share.minutes;
  return minutes;
}

}  // namespace jalon::domain
