#include "projections/feed/outlet_testing.h"

#include <algorithm>
#include <cmath>

namespace jalon::projections::testing {

using eventstore::OutletPlace;
using eventstore::OutMessage;

namespace {

std::unexpected<Error> Broken() {
  return Fail(Code::kUnavailable, "OUTLET_BROKEN", "told to fail");
}

std::string HeaderOf(const OutMessage& message, std::string_view name) {
  for (const auto& [key, value] : message.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

Result<bool> MemoryOutlet::Send(const OutMessage& message, uint64_t ticket) {
  if (broken_) return Broken();
  if (on_the_way_.size() >= on_the_way_max) return false;
  on_the_way_.push_back({message, ticket});
  return true;
}

void MemoryOutlet::Arrive(size_t count, std::vector<uint64_t>* tickets) {
  for (; count > 0; --count) {
    topic_.messages.push_back(std::move(on_the_way_.front().message));
    tickets->push_back(on_the_way_.front().ticket);
    on_the_way_.pop_front();
  }
}

Result<std::vector<uint64_t>> MemoryOutlet::Delivered() {
  if (broken_ || unreachable) return Broken();
  std::vector<uint64_t> tickets;
  const size_t count = on_the_way_.size();
  if (Chance(fails)) {
    ++failures;
    broken_ = true;  // a prefix arrived, and nobody is told of it
    Arrive(std::uniform_int_distribution<size_t>(0, count)(random_), &tickets);
    return Broken();
  }
  Arrive(static_cast<size_t>(std::ceil(static_cast<double>(count) * arrives)), &tickets);
  return tickets;
}

Result<void> MemoryOutlet::Reset() {
  if (unreachable) return Broken();
  on_the_way_.clear();
  broken_ = false;
  return {};
}

Result<std::vector<OutletPlace>> MemoryOutlet::Load() {
  if (unreachable) return Broken();
  std::vector<OutletPlace> places;
  places.reserve(topic_.places.size());
  for (const auto& [partition, place] : topic_.places) places.push_back(place);
  return places;
}

Result<void> MemoryOutlet::Keep(const std::vector<OutletPlace>& places, bool) {
  if (unreachable) return Broken();
  for (const OutletPlace& place : places) topic_.places[place.partition.value] = place;
  return {};
}

Taken TakeByRule(const MemoryTopic& topic) {
  Taken taken;
  std::map<std::string, std::string> last;
  for (const OutMessage& message : topic.messages) {
    std::string& known = last[HeaderOf(message, "ce_source")];
    const std::string sequence = HeaderOf(message, "ce_sequence");
    if (sequence <= known) {
      ++taken.dropped;
      continue;
    }
    known = sequence;
    taken.ids.push_back(HeaderOf(message, "ce_id"));
  }
  return taken;
}

}  // namespace jalon::projections::testing
