#include "projections/views/stay_row.h"

#include <algorithm>

namespace jalon::projections {
namespace {

template <typename Item>
uint32_t Sum(const std::vector<Item>& items, uint32_t Item::* minutes) {
  uint32_t sum = 0;
  for (const Item& item : items) sum += item.*minutes;
  return sum;
}

template <typename Item>
const Item* FindByCode(const std::vector<Item>& items, std::string_view code) {
  const auto found = std::ranges::find(items, code, &Item::activity);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const PlanPtr& NoPlan() {
  static const PlanPtr kNone = std::make_shared<const PlanRow>();
  return kNone;
}

uint32_t StayRow::PlannedMinutes() const {
  return Sum(plan->activities, &ActivityFacts::planned_minutes);
}
uint32_t StayRow::AddedMinutes() const { return Sum(additions, &AdditionFacts::minutes); }
uint32_t StayRow::LoggedMinutes() const { return Sum(days, &DayFacts::logged_minutes); }
uint32_t StayRow::ConfirmedMinutes() const { return Sum(days, &DayFacts::confirmed_minutes); }

uint32_t StayRow::UnaccountedCount() const {
  return static_cast<uint32_t>(std::ranges::count(Outcomes(), nullptr));
}

std::vector<const OutcomeFacts*> StayRow::Outcomes() const {
  std::vector<const OutcomeFacts*> standing(plan->activities.size());
  for (const OutcomeFacts& outcome : outcomes) {
    const auto at = std::ranges::find(plan->activities, outcome.activity, &ActivityFacts::activity);
    if (at != plan->activities.end()) standing[at - plan->activities.begin()] = &outcome;
  }
  return standing;
}

const ActivityFacts* StayRow::FindActivity(std::string_view code) const {
  return FindByCode(plan->activities, code);
}
const MakeUpFacts* StayRow::FindMakeUp(std::string_view code) const {
  return FindByCode(make_ups, code);
}

const AssignedPerson* AssignedOn(const std::vector<AssignedPerson>& people, uint32_t date) {
  const AssignedPerson* found = nullptr;
  for (const AssignedPerson& person : people) {
    if (person.from_on <= date && (found == nullptr || person.from_on >= found->from_on)) {
      found = &person;
    }
  }
  return found;
}

}  // namespace jalon::projections
