#include "eventstore/log/memory/memory_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/base/limits.h"
#include "eventstore/log/read_budget.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore {
namespace {

std::unexpected<Error> Unknown(Partition partition) {
  return Fail(Code::kInvalidArgument, "PARTITION_UNKNOWN",
              fmt::format("the log has no partition {}", partition.value));
}

std::unexpected<Error> Cut(Partition partition) {
  return Fail(Code::kDataLoss, "PARTITION_DIVERGED",
              fmt::format("partition {}: entries that were read are gone from the log; restore it "
                          "from a backup",
                          partition.value));
}

}  // namespace

struct MemoryLog::Cursor {
  enum class Cut { kNone, kUntold, kTold };
  struct Place {
    Partition partition;
    uint64_t next;
    Cut cut = Cut::kNone;
  };
  std::vector<Place> places;
  size_t turn = 0;  // whose turn it is to be read first
  std::shared_ptr<Waker> waker;
};

class MemoryLog::MemoryFollower final : public Follower {
 public:
  MemoryFollower(MemoryLog& log, std::shared_ptr<Cursor> cursor)
      : log_(log), cursor_(std::move(cursor)) {}
  ~MemoryFollower() override {
    {
      MutexLock lock(log_.mutex_);
      std::erase(log_.cursors_, cursor_);
    }
    cursor_->waker->Retire();
  }

  Result<std::vector<StoredEntry>> Poll(ReadLimit limit) override {
    MutexLock lock(log_.mutex_);
    std::vector<StoredEntry> entries;
    ReadBudget budget(limit);
    std::vector<Cursor::Place>& places = cursor_->places;
    bool more = true;
    for (size_t i = 0; i < places.size() && more; ++i) {
      Cursor::Place& place = places[(cursor_->turn + i) % places.size()];
      if (place.cut == Cursor::Cut::kUntold && entries.empty()) {
        place.cut = Cursor::Cut::kTold;
        return jalon::eventstore::Cut(place.partition);
      }
      if (place.cut != Cursor::Cut::kNone) continue;
      const std::vector<Blob>& durable = log_.partitions_[place.partition.value].durable;
      for (; more && place.next < durable.size(); ++place.next) {
        const Blob& bytes = durable[place.next];
        more = budget.Take(bytes->size());
        if (!more) break;
        entries.push_back({place.partition, Offset{place.next}, bytes});
      }
    }
    ++cursor_->turn;
    if (entries.empty()) cursor_->waker->Arm();  // under the lock: nothing can arrive in between
    return entries;
  }

 private:
  MemoryLog& log_;
  const std::shared_ptr<Cursor> cursor_;
};

MemoryLog::MemoryLog(const Birth& birth) : MemoryLog(GenesesOf(birth)) {}

MemoryLog::MemoryLog(const std::vector<log::v1::Genesis>& geneses)
    : MemoryLog(geneses, FaultPlan{}, nullptr, nullptr) {}

MemoryLog::MemoryLog(const Birth& birth, const FaultPlan& plan, const Clock& clock,
                     std::function<uint64_t()> random)
    : MemoryLog(GenesesOf(birth), plan, &clock, std::move(random)) {}

MemoryLog::MemoryLog(const std::vector<log::v1::Genesis>& geneses, const FaultPlan& plan,
                     const Clock* clock, std::function<uint64_t()> random)
    : clock_(clock), random_(std::move(random)), plan_(plan) {
  JALON_CHECK(!geneses.empty());
  partitions_.resize(geneses.size());
  for (size_t i = 0; i < geneses.size(); ++i) {
    partitions_[i].durable.push_back(EncodeGenesis(geneses[i]));
  }
}

MemoryLog::~MemoryLog() {
  MutexLock lock(mutex_);
  JALON_CHECK(cursors_.empty());  // a follower must not outlive its log
}

Result<MemoryLog::PartitionState*> MemoryLog::At(Partition partition) {
  if (partition.value >= partitions_.size()) return Unknown(partition);
  return &partitions_[partition.value];
}

bool MemoryLog::Happens(double probability) {
  // No draw for what never happens: another fault added to a plan leaves the others' draws alone.
  return probability > 0 && static_cast<double>(random_() >> 11) * 0x1p-53 < probability;
}

Micros MemoryLog::Delay() {
  const auto range = static_cast<uint64_t>((plan_.delay_max - plan_.delay_min).count());
  if (range == 0) return plan_.delay_min;
  return plan_.delay_min + Micros{static_cast<int64_t>(random_() % (range + 1))};
}

void MemoryLog::TakeWithFaults(PartitionState& state, const Blob& bytes) {
  ++counts_.appended;
  if (Happens(plan_.drop)) {
    ++counts_.dropped;
    return;
  }
  Micros due = clock_->Monotonic() + Delay();
  if (Happens(plan_.reorder)) {
    ++counts_.reordered;
  } else {
    due = state.last_due = std::max(due, state.last_due);
  }
  state.pending.emplace(due, bytes);
  if (Happens(plan_.duplicate)) {
    ++counts_.duplicated;
    state.pending.emplace(due + Delay(), bytes);
  }
}

Result<void> MemoryLog::Append(Partition partition, std::vector<Blob> entries) {
  JALON_CHECK(!entries.empty());
  for (const Blob& bytes : entries) JALON_CHECK(bytes->size() <= limits::kRecordBytesMax);
  Wakers wakers;
  {
    MutexLock lock(mutex_);
    JALON_ASSIGN_OR_RETURN(PartitionState * state, At(partition));
    if (clock_ == nullptr) {
      counts_.appended += entries.size();
      std::ranges::move(entries, std::back_inserter(state->durable));
      wakers = WakersOf(partition);
    } else if (Happens(plan_.refuse)) {
      ++counts_.refused;
      return Fail(Code::kResourceExhausted, "DISK_FULL", "the fault plan says the disk is full");
    } else {
      if (entries.size() > 1 && Happens(plan_.tear)) {
        const size_t kept = random_() % entries.size();
        counts_.torn += entries.size() - kept;
        entries.resize(kept);
      }
      for (const Blob& bytes : entries) TakeWithFaults(*state, bytes);
    }
  }
  for (const auto& waker : wakers) waker->Fire();
  return {};
}

Result<std::vector<StoredEntry>> MemoryLog::ReadFrom(Partition partition, Offset first,
                                                     ReadLimit limit) {
  MutexLock lock(mutex_);
  JALON_ASSIGN_OR_RETURN(const PartitionState* state, At(partition));
  std::vector<StoredEntry> entries;
  ReadBudget budget(limit);
  for (uint64_t at = first.value; at < state->durable.size(); ++at) {
    if (!budget.Take(state->durable[at]->size())) break;
    entries.push_back({partition, Offset{at}, state->durable[at]});
  }
  return entries;
}

Result<std::unique_ptr<Follower>> MemoryLog::Follow(std::vector<Start> from,
                                                    std::function<void()> wake) {
  auto cursor = std::make_shared<Cursor>();
  cursor->waker = std::make_shared<Waker>(std::move(wake));
  MutexLock lock(mutex_);
  for (const Start& start : from) {
    JALON_RETURN_IF_ERROR(At(start.partition));
    cursor->places.push_back({start.partition, start.offset.value});
  }
  cursors_.push_back(cursor);
  return std::make_unique<MemoryFollower>(*this, std::move(cursor));
}

Result<Offset> MemoryLog::Head(Partition partition) {
  MutexLock lock(mutex_);
  JALON_ASSIGN_OR_RETURN(const PartitionState* state, At(partition));
  return Offset{state->durable.size()};
}

MemoryLog::Wakers MemoryLog::WakersOf(Partition partition) {
  Wakers wakers;
  for (const auto& cursor : cursors_) {
    const auto place = std::ranges::find(cursor->places, partition, &Cursor::Place::partition);
    if (place != cursor->places.end()) wakers.push_back(cursor->waker);
  }
  return wakers;
}

void MemoryLog::Step() {
  if (clock_ == nullptr) return;
  Wakers wakers;
  {
    MutexLock lock(mutex_);
    const Micros now = clock_->Monotonic();
    for (uint32_t i = 0; i < partitions_.size(); ++i) {
      PartitionState& state = partitions_[i];
      const auto due_end = state.pending.upper_bound(now);
      if (due_end == state.pending.begin()) continue;
      for (auto it = state.pending.begin(); it != due_end; ++it) {
        state.durable.push_back(std::move(it->second));
      }
      state.pending.erase(state.pending.begin(), due_end);
      std::ranges::move(WakersOf(Partition{i}), std::back_inserter(wakers));
    }
  }
  for (const auto& waker : wakers) waker->Fire();  // once each: firing disarms
}

std::optional<Micros> MemoryLog::NextDue() const {
  MutexLock lock(mutex_);
  std::optional<Micros> next;
  for (const PartitionState& state : partitions_) {
    if (state.pending.empty()) continue;
    const Micros due = state.pending.begin()->first;
    if (!next || due < *next) next = due;
  }
  return next;
}

void MemoryLog::SetPlan(const FaultPlan& plan) {
  JALON_CHECK(clock_ != nullptr);
  MutexLock lock(mutex_);
  plan_ = plan;
}

void MemoryLog::Forge(Partition partition, Blob bytes) {
  Wakers wakers;
  {
    MutexLock lock(mutex_);
    JALON_CHECK(partition.value < partitions_.size());
    partitions_[partition.value].durable.push_back(std::move(bytes));
    wakers = WakersOf(partition);
  }
  for (const auto& waker : wakers) waker->Fire();
}

void MemoryLog::LosePending(Partition partition, double probability) {
  MutexLock lock(mutex_);
  JALON_CHECK(partition.value < partitions_.size());
  counts_.lost +=
      std::erase_if(partitions_[partition.value].pending,
                    [&](const auto&) JALON_REQUIRES(mutex_) { return Happens(probability); });
}

void MemoryLog::Truncate(Partition partition, Offset from, Notice notice) {
  Wakers wakers;
  {
    MutexLock lock(mutex_);
    JALON_CHECK(partition.value < partitions_.size());
    std::vector<Blob>& durable = partitions_[partition.value].durable;
    if (from.value >= durable.size()) return;
    counts_.truncated += durable.size() - from.value;
    durable.resize(from.value);
    for (const auto& cursor : cursors_) {
      for (Cursor::Place& place : cursor->places) {
        if (place.partition != partition || place.next <= from.value) continue;
        if (notice == Notice::kTold && place.cut == Cursor::Cut::kNone) {
          place.cut = Cursor::Cut::kUntold;
          wakers.push_back(cursor->waker);
        }
      }
    }
  }
  for (const auto& waker : wakers) waker->Fire();
}

FaultCounts MemoryLog::Counts() const {
  MutexLock lock(mutex_);
  return counts_;
}

}  // namespace jalon::eventstore
