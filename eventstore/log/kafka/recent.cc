#include "eventstore/log/kafka/recent.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace jalon::eventstore::kafka {
Error Missing(Partition partition, uint64_t offset) {
  return {Code::kDataLoss,
          "PARTITION_DIVERGED",
          fmt::format("partition {}: Kafka goes on after offset {}, which it does not have; find "
                      "out what took it out of the topic, and restore the log from a backup",
                      partition.value, offset),
          {}};
}

Recent::Recent(Limits limits, const std::vector<uint64_t>& begins)
    : limits_(limits), count_(static_cast<uint32_t>(begins.size())), states_(begins.size()) {
  for (size_t p = 0; p < begins.size(); ++p) {
    states_[p].end = states_[p].visible = states_[p].delivered = begins[p];
  }
}

std::vector<Partition> Recent::Publish(std::vector<StoredEntry> entries) {
  std::vector<Partition> shown;
  {
    MutexLock lock(mutex_);
    for (StoredEntry& entry : entries) {
      State& state = At(entry.partition);
      // A consumer that starts over at its last place may bring an entry twice.
      if (entry.offset.value < state.end) continue;
      if (entry.offset.value > state.end && !state.fault) {
        state.fault = Missing(entry.partition, state.end);
        shown.push_back(entry.partition);
      }
      if (state.fault) continue;
      bytes_ += entry.bytes->size();
      order_.push_back(entry.partition.value);
      const Partition partition = entry.partition;
      state.entries.push_back(std::move(entry));
      ++state.end;
      if (Show(state) && (shown.empty() || shown.back() != partition)) shown.push_back(partition);
    }
    while (bytes_ > limits_.bytes_max || order_.size() > limits_.entries_max) Evict();
  }
  came_.notify_all();
  return shown;
}

bool Recent::Show(State& state) {
  uint64_t to = state.end;
  if (state.on_the_way > 0 || state.in_doubt) to = std::min(to, state.delivered);
  if (to <= state.visible) return false;
  state.visible = to;
  if (to > state.First()) state.last = state.entries[to - 1 - state.First()];
  return true;
}

void Recent::Evict() {
  State& state = states_[order_.front()];
  order_.pop_front();
  bytes_ -= state.entries.front().bytes->size();
  state.entries.pop_front();
}

void Recent::HandedOver(Partition partition) {
  MutexLock lock(mutex_);
  ++At(partition).on_the_way;
}

bool Recent::Delivered(Partition partition, Offset offset) {
  bool shown = false;
  {
    MutexLock lock(mutex_);
    State& state = At(partition);
    --state.on_the_way;
    state.in_doubt = false;
    state.delivered = std::max(state.delivered, offset.value + 1);
    shown = Show(state);
  }
  came_.notify_all();
  return shown;
}

bool Recent::Undelivered(Partition partition) {
  MutexLock lock(mutex_);
  State& state = At(partition);
  --state.on_the_way;
  ++state.doubts;
  state.in_doubt = true;
  return Show(state);
}

std::vector<uint64_t> Recent::Doubts() const {
  MutexLock lock(mutex_);
  std::vector<uint64_t> doubts;
  doubts.reserve(states_.size());
  for (const State& state : states_) doubts.push_back(state.doubts);
  return doubts;
}

bool Recent::Trust(Partition partition, uint64_t doubts) {
  MutexLock lock(mutex_);
  State& state = At(partition);
  if (state.doubts != doubts) return false;
  state.in_doubt = false;
  return Show(state);
}

void Recent::Diverge(Partition partition, Error error) {
  MutexLock lock(mutex_);
  State& state = At(partition);
  if (!state.fault) state.fault = std::move(error);
  came_.notify_all();
}

std::optional<Error> Recent::Fault(Partition partition) const {
  MutexLock lock(mutex_);
  return At(partition).fault;
}

uint64_t Recent::Visible(Partition partition) const {
  MutexLock lock(mutex_);
  return At(partition).visible;
}

uint64_t Recent::End(Partition partition) const {
  MutexLock lock(mutex_);
  return At(partition).end;
}

std::optional<uint64_t> Recent::AwaitVisible(Partition partition, uint64_t end,
                                             std::chrono::milliseconds patience) {
  MutexLock lock(mutex_);
  const State& state = At(partition);
  lock.WaitFor(came_, patience, [&] { return state.end >= end || state.fault; });
  if (state.end < end || state.fault) return std::nullopt;
  return state.visible;
}

uint64_t Recent::First(Partition partition) const {
  MutexLock lock(mutex_);
  return At(partition).First();
}

std::optional<StoredEntry> Recent::Last(Partition partition) const {
  MutexLock lock(mutex_);
  return At(partition).last;
}

bool Recent::Read(Partition partition, uint64_t first, ReadBudget& budget,
                  std::vector<StoredEntry>* entries) const {
  MutexLock lock(mutex_);
  const State& state = At(partition);
  if (first >= state.visible) return true;
  if (first < state.First()) return false;
  for (uint64_t at = first; at < state.visible; ++at) {
    const StoredEntry& entry = state.entries[at - state.First()];
    if (!budget.Take(entry.bytes->size())) break;
    entries->push_back(entry);
  }
  return true;
}

}  // namespace jalon::eventstore::kafka
