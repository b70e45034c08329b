#include "projections/engine/rebuild.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/base/mutex.h"
#include "projections/engine/rebuild_lane.h"

namespace jalon::projections {
namespace {

using eventstore::StoredEntry;

// What one read takes, and how much read and not folded lies about at most.
constexpr eventstore::ReadLimit kReadLimit{16 * 1024, 8 * 1024 * 1024};
constexpr size_t kPendingEntriesMax = 64 * 1024;
// Rows in a run: enough of them that two threads end about together, few enough files to open.
constexpr size_t kRowsPerRun = 32 * 1024;
// A lane whose rows weigh less than this part of its fair share is not worth spilling.
constexpr size_t kSpillShare = 2;
// Whoever waits looks again at this pace, whether or not somebody woke it.
constexpr std::chrono::milliseconds kWaitAtMost{10};

}  // namespace

class Rebuild::Impl {
 public:
  Impl(RebuildOptions options, eventstore::Log& log, ViewStore& store, const ViewSet& views)
      : options_(std::move(options)), log_(log), store_(store), views_(views) {}

  ~Impl() {
    follower_.reset();
    if (handed_out_) return;
    for (const auto& lane : lanes_) {
      for (const BuiltGeneration& built : lane->lane.Built()) store_.Retire(built.generation);
    }
  }

  Result<void> Open() {
    std::vector<eventstore::Start> from;
    for (const MissingView& target : options_.targets) {
      auto& lane = by_partition_[target.partition];
      if (lane == nullptr) {
        JALON_ASSIGN_OR_RETURN(const Offset end, log_.Head(target.partition));
        lanes_.push_back(std::make_unique<Lane>(target.partition, end, store_, views_));
        lane = lanes_.back().get();
        from.push_back({target.partition, Offset{0}});
        entries_total_ += end.value;
      }
      lane->lane.Build(target.view);
    }
    {
      const MutexLock lock(mutex_);
      unread_ = entries_total_;
    }
    JALON_ASSIGN_OR_RETURN(follower_, log_.Follow(std::move(from), [this] { TellNews(); }));
    return {};
  }

  void Work() {
    for (Job job = Next(); job.kind != Job::Kind::kEnd; job = Next()) Do(std::move(job));
  }

  void Cancel() { Stop({Code::kCancelled, "CANCELLED", "the rebuild was cancelled", {}}); }

  Result<std::vector<BuiltGeneration>> Finish() {
    {
      const MutexLock lock(mutex_);
      if (error_) return std::unexpected(*error_);
      JALON_CHECK(stage_ == Stage::kWritten);
    }
    std::vector<BuiltGeneration> built;
    for (const auto& lane : lanes_) {
      const auto here = lane->lane.Built();
      built.insert(built.end(), here.begin(), here.end());
    }
    if (!runs_.empty()) JALON_RETURN_IF_ERROR(store_.Ingest(std::move(runs_)));
    handed_out_ = true;
    const MutexLock lock(mutex_);
    stage_ = Stage::kFinished;
    return built;
  }

  RebuildProgress Progress() const {
    RebuildProgress progress;
    progress.entries_done = entries_done_;
    progress.events_done = events_done_;
    progress.entries_total = entries_total_;
    progress.spilled = spilled_;
    const MutexLock lock(mutex_);
    progress.phase = stage_ == Stage::kFolding    ? RebuildProgress::Phase::kFolding
                     : stage_ == Stage::kFinished ? RebuildProgress::Phase::kFinished
                                                  : RebuildProgress::Phase::kIngesting;
    return progress;
  }

 private:
  enum class Stage { kFolding, kGathering, kSorting, kWriting, kWritten, kFinished };
  using Chunk = std::vector<StoredEntry>;
  struct Lane {
    Lane(Partition partition, Offset end, ViewStore& store, const ViewSet& views)
        : lane(partition, end, store, views) {}
    RebuildLane lane;  // of the thread that made it busy
    // The rest under the lock.
    bool busy = false;
    std::deque<Chunk> pending;
    size_t pending_entries = 0;
    size_t weight = 0;
  };
  struct Job {
    enum class Kind { kEnd, kRead, kFold, kGather, kSort, kWrite } kind = Kind::kEnd;
    size_t index = 0;               // of the part to sort or the run to write
    Lane* lane = nullptr;           // to fold into
    std::deque<Chunk> chunks = {};  // to fold
  };

  // The next thing to do; waits while others do what it depends on.
  Job Next() {
    MutexLock lock(mutex_);
    while (!error_) {
      switch (stage_) {
        case Stage::kFolding:
          if (std::optional<Job> job = FoldingJob()) return *std::move(job);
          if (unread_ != 0 || reading_ || busy_lanes_ != 0) break;
          stage_ = Stage::kGathering;
          return {.kind = Job::Kind::kGather};
        case Stage::kGathering:
          break;
        case Stage::kSorting:
          if (next_ < parts_.size()) return {.kind = Job::Kind::kSort, .index = next_++};
          if (left_ != 0) break;
          plan_.emplace(parts_, kRowsPerRun);
          runs_.resize(plan_->runs());
          stage_ = Stage::kWriting;
          next_ = 0;
          left_ = plan_->runs();
          continue;
        case Stage::kWriting:
          if (next_ < plan_->runs()) return {.kind = Job::Kind::kWrite, .index = next_++};
          if (left_ != 0) break;
          stage_ = Stage::kWritten;
          TellNews();
          continue;
        case Stage::kWritten:
        case Stage::kFinished:
          return {};
      }
      WaitForNews(lock);
    }
    return {};
  }

  // Somebody has done something, or the log has more. May be called without the lock.
  void TellNews() {
    ++news_;
    changed_.notify_all();
  }
  void WaitForNews(MutexLock& lock) {
    const uint64_t seen = news_;
    lock.WaitFor(changed_, kWaitAtMost, [&] { return news_ != seen; });
  }

  // Reads if there is little to fold, folds the fullest lane otherwise.
  std::optional<Job> FoldingJob() JALON_REQUIRES(mutex_) {
    Lane* fullest = nullptr;
    for (const auto& lane : lanes_) {
      if (lane->busy || lane->pending_entries == 0) continue;
      if (fullest == nullptr || lane->pending_entries > fullest->pending_entries) {
        fullest = lane.get();
      }
    }
    const bool may_read = !reading_ && unread_ != 0 && pending_entries_ < kPendingEntriesMax;
    if (may_read && (fullest == nullptr || pending_entries_ < kPendingEntriesMax / 2)) {
      reading_ = true;
      return Job{.kind = Job::Kind::kRead};
    }
    if (fullest == nullptr) return std::nullopt;
    fullest->busy = true;
    ++busy_lanes_;
    pending_entries_ -= std::exchange(fullest->pending_entries, 0);
    return Job{
        .kind = Job::Kind::kFold, .lane = fullest, .chunks = std::exchange(fullest->pending, {})};
  }

  void Do(Job job) {
    Result<void> done;
    switch (job.kind) {
      case Job::Kind::kEnd:
        return;
      case Job::Kind::kRead:
        done = Read();
        break;
      case Job::Kind::kFold:
        done = Fold(*job.lane, std::move(job.chunks));
        break;
      case Job::Kind::kGather:
        Gather();
        break;
      case Job::Kind::kSort:
        parts_[job.index].Sort();
        OneDone();
        break;
      case Job::Kind::kWrite:
        done = Write(job.index);
        break;
    }
    if (!done) return Stop(done.error());
    TellNews();
  }

  void Stop(Error error) {
    stopped_ = true;
    {
      const MutexLock lock(mutex_);
      if (!error_ && stage_ != Stage::kFinished) error_ = std::move(error);
    }
    TellNews();
  }

  Result<void> Read() {
    Result<std::vector<StoredEntry>> entries = follower_->Poll(kReadLimit);
    std::map<Partition, Chunk> chunks;
    if (entries) {
      Chunk* chunk = nullptr;  // of the entry before, which is often of the same partition
      const Lane* lane = nullptr;
      for (StoredEntry& entry : *entries) {
        if (lane == nullptr || lane->lane.partition() != entry.partition) {
          lane = by_partition_.at(entry.partition);
          chunk = &chunks[entry.partition];
        }
        if (entry.offset < lane->lane.end()) chunk->push_back(std::move(entry));
      }
    }
    MutexLock lock(mutex_);
    if (entries && entries->empty()) {
      // What was there at Open is on its way from elsewhere.
      WaitForNews(lock);
    }
    reading_ = false;
    for (auto& [partition, chunk] : chunks) {
      if (chunk.empty()) continue;
      Lane& lane = *by_partition_.at(partition);
      unread_ -= chunk.size();
      pending_entries_ += chunk.size();
      lane.pending_entries += chunk.size();
      lane.pending.push_back(std::move(chunk));
    }
    if (!entries) return std::unexpected(entries.error());
    return {};
  }

  Result<void> Fold(Lane& lane, std::deque<Chunk> chunks) {
    Result<void> done;
    for (; !chunks.empty() && done && !stopped_; chunks.pop_front()) {
      const Result<uint64_t> events = lane.lane.Fold(chunks.front());
      if (!events) {
        done = std::unexpected(events.error());
        break;
      }
      events_done_ += *events;
      entries_done_ += chunks.front().size();
      if (NoteWeight(lane) > options_.memory_bytes) done = SpillIfHeavy(lane);
    }
    const MutexLock lock(mutex_);
    lane.busy = false;
    --busy_lanes_;
    return done;
  }

  // Notes what the lane weighs now, and returns what all weigh together.
  size_t NoteWeight(Lane& lane) {
    const size_t weight = lane.lane.weight();
    const MutexLock lock(mutex_);
    weight_ += weight;
    weight_ -= std::exchange(lane.weight, weight);
    return weight_;
  }

  Result<void> SpillIfHeavy(Lane& lane) {
    lane.lane.Weigh();
    if (NoteWeight(lane) <= options_.memory_bytes) return {};
    if (lane.lane.weight() < options_.memory_bytes / lanes_.size() / kSpillShare) return {};
    spilled_ = true;
    JALON_RETURN_IF_ERROR(lane.lane.Spill());
    NoteWeight(lane);
    return {};
  }

  void Gather() {
    follower_.reset();  // all is read
    std::vector<RunPart> parts;
    for (const auto& lane : lanes_) {
      std::vector<RunPart> here = lane->lane.TakeParts();
      std::ranges::move(here, std::back_inserter(parts));
    }
    std::ranges::sort(parts, {}, &RunPart::generation);
    const MutexLock lock(mutex_);
    parts_ = std::move(parts);
    next_ = 0;
    left_ = parts_.size();
    stage_ = Stage::kSorting;
  }

  Result<void> Write(size_t run) {
    JALON_ASSIGN_OR_RETURN(runs_[run], plan_->Write(run, store_));
    OneDone();
    return {};
  }

  void OneDone() {
    const MutexLock lock(mutex_);
    --left_;
  }

  const RebuildOptions options_;
  eventstore::Log& log_;
  ViewStore& store_;
  const ViewSet& views_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::map<Partition, Lane*> by_partition_;
  std::unique_ptr<eventstore::Follower> follower_;  // of the thread that reads
  uint64_t entries_total_ = 0;
  std::atomic<uint64_t> entries_done_ = 0;
  std::atomic<uint64_t> events_done_ = 0;
  std::atomic<bool> spilled_ = false;
  std::atomic<bool> stopped_ = false;  // cancelled or failed
  bool handed_out_ = false;

  // Written by one thread in a stage of its own, read in later ones.
  std::vector<RunPart> parts_;
  std::optional<RunPlan> plan_;
  std::vector<std::unique_ptr<RunWriter>> runs_;

  std::atomic<uint64_t> news_ = 0;  // whoever waits compares
  mutable Mutex mutex_;
  Condition changed_;
  Stage stage_ JALON_GUARDED_BY(mutex_) = Stage::kFolding;
  std::optional<Error> error_ JALON_GUARDED_BY(mutex_);
  bool reading_ JALON_GUARDED_BY(mutex_) = false;
  uint64_t unread_ JALON_GUARDED_BY(mutex_) = 0;         // entries
  size_t pending_entries_ JALON_GUARDED_BY(mutex_) = 0;  // read, with no thread yet
  size_t busy_lanes_ JALON_GUARDED_BY(mutex_) = 0;
  size_t weight_ JALON_GUARDED_BY(mutex_) = 0;  // of all lanes
  size_t next_ JALON_GUARDED_BY(mutex_) = 0;    // part to sort or run to write
  size_t left_ JALON_GUARDED_BY(mutex_) = 0;    // of these, not done
};

Rebuild::Rebuild(RebuildOptions options, eventstore::Log& log, ViewStore& store,
                 const ViewSet& views)
    : impl_(std::make_unique<Impl>(std::move(options), log, store, views)) {}
Rebuild::~Rebuild() = default;

Result<void> Rebuild::Open() { return impl_->Open(); }
void Rebuild::Work() { impl_->Work(); }
void Rebuild::Cancel() { impl_->Cancel(); }
Result<std::vector<BuiltGeneration>> Rebuild::Finish() { return impl_->Finish(); }
RebuildProgress Rebuild::Progress() const { return impl_->Progress(); }

}  // namespace jalon::projections
