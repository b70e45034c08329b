#include "services/domain/model/company.h"

#include <ranges>
#include <utility>

#include "services/domain/limits.h"
#include "services/domain/local_date.h"

namespace jalon::domain {
namespace {

struct Days {
  uint32_t from_on = 0;  // 0: none
  uint32_t until_on = 0;
};

// The days that a start on `started_on` takes beside the booked ones.
Days DaysBeside(uint32_t starts_on, uint32_t ends_on, uint32_t started_on) {
  if (started_on < starts_on) return {started_on, AddDays(starts_on, -1)};
  if (ends_on < started_on) return {started_on, started_on};
  return {};
}

}  // namespace

const HostingCapacity* CompanyState::CapacityOn(uint32_t date) const {
  for (const HostingCapacity& capacity : std::views::reverse(capacities)) {
    if (capacity.Covers(date)) return &capacity;
  }
  return nullptr;
}

void CompanyState::Attest(Attestation attestation) {
  std::erase_if(attestations, [&](const Attestation& known) { return attestation.Covers(known); });
  if (attestations.size() >= limits::kAttestationsKept) {
    attestations.erase(std::ranges::min_element(attestations, {}, &Attestation::valid_until_on));
  }
  attestations.push_back(std::move(attestation));
}

const ResourceGap* CompanyState::FindOpenGap(uint32_t number) const {
  const auto found = std::ranges::find(open_gaps, number, &ResourceGap::number);
  return found == open_gaps.end() ? nullptr : &*found;
}

void CompanyState::Book(uint32_t from_on, uint32_t until_on, int32_t students) {
  const auto change = [this](uint32_t day, int32_t by) {
    const auto at = std::ranges::lower_bound(occupancy, day, {}, &OccupancyChange::from_on);
    if (at == occupancy.end() || at->from_on != day) {
      occupancy.insert(at, {day, by});
    } else if ((at->students += by) == 0) {
      occupancy.erase(at);
    }
  };
  change(from_on, students);
  change(AddDays(until_on, 1), -students);
}

void CompanyState::Host(std::string_view sequence_id) {
  const auto at = std::ranges::lower_bound(sequences, sequence_id);
  if (at == sequences.end() || *at != sequence_id) sequences.emplace(at, sequence_id);
}

bool CompanyState::Hosts(std::string_view sequence_id) const {
  return std::ranges::binary_search(sequences, sequence_id);
}

uint32_t CompanyState::FirstFullDay(uint32_t from_on, uint32_t until_on) const {
  // Seats and occupancy change on a few days only: those and the first day are looked at.
  std::vector<uint32_t> days = {from_on};
  for (const OccupancyChange& change : occupancy) days.push_back(change.from_on);
  for (const HostingCapacity& capacity : capacities) {
    days.push_back(capacity.from_on);
    days.push_back(AddDays(capacity.until_on, 1));
  }
  std::ranges::sort(days);
  auto change = occupancy.begin();
  int32_t here = 0;
  for (const uint32_t day : days) {
    for (; change != occupancy.end() && change->from_on <= day; ++change) here += change->students;
    if (day < from_on || day > until_on) continue;
    const HostingCapacity* capacity = CapacityOn(day);
    if (capacity != nullptr && here >= static_cast<int32_t>(capacity->seats)) return day;
  }
  return 0;
}

uint32_t CompanyState::FirstFullDayOfStart(uint32_t starts_on, uint32_t ends_on,
                                           uint32_t started_on) const {
  const Days days = DaysBeside(starts_on, ends_on, started_on);
  return days.from_on == 0 ? 0 : FirstFullDay(days.from_on, days.until_on);
}

void CompanyState::BookStart(uint32_t starts_on, uint32_t ends_on, uint32_t started_on) {
  const Days days = DaysBeside(starts_on, ends_on, started_on);
  if (days.from_on != 0) Book(days.from_on, days.until_on, 1);
}

void CompanyState::FreeAfter(uint32_t starts_on, uint32_t ends_on, uint32_t started_on,
                             uint32_t ended_on) {
  const uint32_t free_from = std::max(std::min(starts_on, started_on), AddDays(ended_on, 1));
  if (free_from <= ends_on) Book(free_from, ends_on, -1);
}

}  // namespace jalon::domain
