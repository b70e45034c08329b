#include "projections/engine/projector.h"

#include <algorithm>
#include <map>
#include <utility>

#include "eventstore/base/at_once.h"
#include "eventstore/base/check.h"
#include "eventstore/base/mutex.h"

namespace jalon::projections {
namespace {

// One Step takes about a millisecond, so that queries that wait are answered soon.
constexpr eventstore::ReadLimit kStepLimit{1024, 4 * 1024 * 1024};
// Nobody reads while everything catches up since the start: larger steps, and rows are written only
// when they weigh much or all is read.
constexpr eventstore::ReadLimit kCatchUpLimit{16 * 1024, 16 * 1024 * 1024};
constexpr uint64_t kUncollectedRecordsMax = 100'000;
// What joins reads this many entries per Step beside what is followed.
constexpr size_t kJoinEntries = 4096;
// How many partitions are opened at a time: as many as a log on Kafka lends readers.
constexpr size_t kOpenAtOnce = 4;
// A published snapshot is replaced at this age even if its partitions stood still, since another
// projector of the same store may have written meanwhile.
constexpr Micros kSnapshotAge = std::chrono::seconds{1};

}  // namespace

class Projector::Impl {
 public:
  Impl(ProjectorOptions options, eventstore::Log& log, ViewStore& store, const ViewSet& views)
      : options_(std::move(options)),
        log_(log),
        store_(store),
        publication_(views),
        batch_(store.NewBatch()) {
    for (const Partition partition : options_.partitions) {
      const bool is_new =
          folds_.emplace(partition, std::make_unique<PartitionFold>(partition, log, store, views))
              .second;
      JALON_CHECK(is_new);
    }
  }
  ~Impl() {
    publication_.Close();
    AbandonAdoptions({Code::kUnavailable, "NOT_SERVING", "the node stops", {}});
  }

  Result<void> Open() {
    const Folds folds = Everything();
    // Each asks the log where it stands, which brokers take their time to tell.
    JALON_RETURN_IF_ERROR(ForEachAtOnce(folds.size(), kOpenAtOnce, [&](size_t i) {
      return folds[i]->Open(options_.fold_entries_max);
    }));
    JALON_RETURN_IF_ERROR(Follow());
    Publish(Everything());
    NoteMissing();
    return {};
  }

  void OnWork(std::function<void()> wake) { wake_ = std::move(wake); }

  bool Step(Micros now) {
    if (Failed()) return false;
    if (now_ == Micros{}) last_flush_ = last_snapshot_ = now;
    now_ = now;
    const bool joined = TakeAdoptions();
    const Result<bool> more = Advance();
    if (!more) return Fail(more.error());
    if (const Result<void> written = Write(joined); !written) return Fail(written.error());
    publication_.Expire(now);
    return *more;
  }

  bool Serving() const {
    const MutexLock lock(mutex_);
    return std::ranges::all_of(status_, [](const auto& each) { return each.second.serving; });
  }
  std::vector<MissingView> Missing() const {
    const MutexLock lock(mutex_);
    return missing_;
  }
  ProjectorStatus Status() const {
    const MutexLock lock(mutex_);
    ProjectorStatus status = counters_;
    for (const auto& [partition, each] : status_) status.partitions.push_back(each);
    return status;
  }

  void Adopt(std::vector<BuiltGeneration> built, std::function<void(Result<void>)> done) {
    auto adoption = std::make_shared<Adoption>();
    adoption->left = built.size();
    adoption->done = std::move(done);
    std::optional<Error> failed;
    std::vector<BuiltGeneration> refused;
    {
      const MutexLock lock(mutex_);
      failed = counters_.error;
      if (failed) {
        refused = std::move(built);
      } else {
        adoptions_.push_back({std::move(built), adoption});
      }
    }
    if (failed) {
      for (const BuiltGeneration& each : refused) store_.Retire(each.generation);
      adoption->done(std::unexpected(*failed));
    }
    if (wake_) wake_();
  }

  Publication& publication() { return publication_; }

 private:
  struct Request {
    std::vector<BuiltGeneration> built;
    std::shared_ptr<Adoption> adoption;
  };
  using Folds = std::vector<PartitionFold*>;

  Folds Everything() const {
    Folds folds;
    for (const auto& [partition, fold] : folds_) folds.push_back(fold.get());
    return folds;
  }

  // Follows every partition that has a position to go on from.
  Result<void> Follow() {
    std::vector<eventstore::Start> from;
    for (const auto& [partition, fold] : folds_) {
      if (fold->following()) from.push_back({partition, fold->next()});
    }
    followed_ = from.size();
    follower_.reset();
    if (from.empty()) return {};
    JALON_ASSIGN_OR_RETURN(follower_, log_.Follow(std::move(from), [this] {
      if (wake_) wake_();
    }));
    return {};
  }

  bool TakeAdoptions() {
    std::vector<Request> requests;
    {
      const MutexLock lock(mutex_);
      requests.swap(adoptions_);
    }
    for (Request& request : requests) {
      for (const BuiltGeneration& built : request.built) {
        folds_.at(built.partition)->Join(built, request.adoption);
      }
    }
    return !requests.empty();
  }

  // Folds what the log has; true if there is more at once.
  Result<bool> Advance() {
    const auto following =
        std::ranges::count_if(folds_, [](const auto& fold) { return fold.second->following(); });
    if (static_cast<size_t>(following) != followed_) JALON_RETURN_IF_ERROR(Follow());
    bool more = false;
    if (follower_ != nullptr) {
      const eventstore::ReadLimit limit = caught_up_ ? kStepLimit : kCatchUpLimit;
      const auto entries = follower_->Poll(limit);
      if (!entries && !StopDiverged()) return std::unexpected(entries.error());
      if (entries) Fold(*entries);
      more = !entries || !entries->empty();
    }
    for (const auto& [partition, fold] : folds_) more = fold->CatchUp(kJoinEntries) || more;
    caught_up_ = caught_up_ || std::ranges::all_of(folds_, [](const auto& fold) {
                   return fold.second->ReachedHead() || !fold.second->following();
                 });
    return more;
  }

  void Fold(const std::vector<eventstore::StoredEntry>& entries) {
    for (const eventstore::StoredEntry& entry : entries) {
      folds_.at(entry.partition)->Fold(entry);
    }
    entries_ += entries.size();
    records_since_flush_ += entries.size();
  }

  // A follower that fails may have lost one partition only: stops those whose last entry is not the
  // one that was folded. False if there is none.
  bool StopDiverged() {
    bool found = false;
    for (const auto& [partition, fold] : folds_) found = fold->StopIfDiverged() || found;
    return found;
  }

  // Writes what changed, in one batch, and lets queries see it.
  Result<void> Write(bool joined) {
    Folds changed;
    if (joined || DueToCollect()) {
      batch_->Clear();
      for (const auto& [partition, fold] : folds_) {
        if (fold->Collect(*batch_)) changed.push_back(fold.get());
      }
      if (!changed.empty()) {
        JALON_RETURN_IF_ERROR(store_.Write(*batch_));
        ++batches_;
      }
      Shrink();
    }
    for (const auto& [partition, fold] : folds_) {
      const bool news = joined || fold->HasNews();
      if (news && std::ranges::find(changed, fold.get()) == changed.end()) {
        changed.push_back(fold.get());
      }
    }
    if (joined) NoteMissing();  // before anybody is told
    if (!changed.empty() || now_ - last_snapshot_ >= kSnapshotAge) Publish(changed);
    return Flush();
  }

  // While nobody reads, rows are folded on in memory as long as there is room.
  bool DueToCollect() const {
    if (caught_up_) return true;
    uint64_t records = 0;
    size_t weight = 0;
    for (const auto& [partition, fold] : folds_) {
      records += fold->uncollected();
      weight += fold->Weight();
    }
    return records >= kUncollectedRecordsMax || weight > options_.cached_row_bytes;
  }

  void Publish(const Folds& changed) {
    std::vector<std::shared_ptr<const PublishedPartition>> published;
    for (PartitionFold* fold : changed) published.push_back(fold->Publish());
    publication_.Publish(store_.Snapshot(), std::move(published));
    last_snapshot_ = now_;
    {
      const MutexLock lock(mutex_);
      for (const PartitionFold* fold : changed) status_[fold->partition()] = fold->Status();
      counters_.entries = entries_;
      counters_.batches = batches_;
    }
    for (PartitionFold* fold : changed) {
      for (const auto& adoption : fold->TakeComplete()) {
        adoption->done(adoption->error ? Result<void>(std::unexpected(*adoption->error))
                                       : Result<void>());
      }
    }
  }

  // Nothing will be swapped in any more, nor is a swap that was not published.
  void AbandonAdoptions(const Error& error) {
    TakeAdoptions();
    for (PartitionFold* fold : Everything()) {
      fold->Abandon(error);
      for (const auto& adoption : fold->TakeComplete()) adoption->done(std::unexpected(error));
    }
  }

  void NoteMissing() {
    std::vector<MissingView> missing;
    for (const auto& [partition, fold] : folds_) {
      const auto here = fold->Missing();
      missing.insert(missing.end(), here.begin(), here.end());
    }
    const MutexLock lock(mutex_);
    missing_ = std::move(missing);
  }

  void Shrink() {
    size_t weight = 0;
    for (const auto& [partition, fold] : folds_) weight += fold->Weight();
    if (weight <= options_.cached_row_bytes) return;
    // A fifth more than is needed, so as not to come back at once.
    const double keep =
        0.8 * static_cast<double>(options_.cached_row_bytes) / static_cast<double>(weight);
    for (const auto& [partition, fold] : folds_) {
      fold->Shrink(static_cast<size_t>(keep * static_cast<double>(fold->Weight())));
    }
  }

  Result<void> Flush() {
    const bool due = records_since_flush_ >= options_.flush_records ||
                     (records_since_flush_ != 0 && now_ - last_flush_ >= options_.flush_interval);
    if (!due) return {};
    records_since_flush_ = 0;
    last_flush_ = now_;
    return store_.Flush(false);
  }

  bool Failed() const {
    const MutexLock lock(mutex_);
    return counters_.error.has_value();
  }
  bool Fail(const Error& error) {
    {
      const MutexLock lock(mutex_);
      counters_.error = error;
    }
    publication_.Close();
    AbandonAdoptions(error);
    return false;
  }

  const ProjectorOptions options_;
  eventstore::Log& log_;
  ViewStore& store_;
  Publication publication_;
  std::function<void()> wake_;
  std::map<Partition, std::unique_ptr<PartitionFold>> folds_;
  std::unique_ptr<eventstore::Follower> follower_;
  size_t followed_ = 0;  // partitions
  std::unique_ptr<StoreBatch> batch_;
  bool caught_up_ = false;  // once, since the start
  Micros now_{};
  Micros last_flush_{};
  Micros last_snapshot_{};
  uint64_t records_since_flush_ = 0;
  uint64_t entries_ = 0;
  uint64_t batches_ = 0;
  mutable Mutex mutex_;
  std::map<Partition, PartitionStatus> status_ JALON_GUARDED_BY(mutex_);
  ProjectorStatus counters_ JALON_GUARDED_BY(mutex_);  // without partitions
  std::vector<MissingView> missing_ JALON_GUARDED_BY(mutex_);
  std::vector<Request> adoptions_ JALON_GUARDED_BY(mutex_);
};

Projector::Projector(ProjectorOptions options, eventstore::Log& log, ViewStore& store,
                     const ViewSet& views)
    : impl_(std::make_unique<Impl>(std::move(options), log, store, views)) {}
Projector::~Projector() = default;

Result<void> Projector::Open() { return impl_->Open(); }
void Projector::OnWork(std::function<void()> wake) { impl_->OnWork(std::move(wake)); }
bool Projector::Step(Micros now) { return impl_->Step(now); }
bool Projector::Serving() const { return impl_->Serving(); }
std::vector<MissingView> Projector::Missing() const { return impl_->Missing(); }
ProjectorStatus Projector::Status() const { return impl_->Status(); }
void Projector::Adopt(std::vector<BuiltGeneration> built, std::function<void(Result<void>)> done) {
  impl_->Adopt(std::move(built), std::move(done));
}
Publication& Projector::publication() { return impl_->publication(); }

}  // namespace jalon::projections
