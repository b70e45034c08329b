#include "projections/engine/partition_fold.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/base/check.h"
#include "eventstore/log/classify.h"
#include "eventstore/log/genesis.h"

namespace jalon::projections {
namespace {

constexpr const char* kDiverged = "PARTITION_DIVERGED";

std::unexpected<Error> Refused(Partition partition, std::string_view what) {
  return Fail(Code::kDataLoss, kDiverged,
              fmt::format("partition {}: {}; if the log is the right one, delete the folder of "
                          "views: they are rebuilt from the log",
                          partition.value, what));
}

}  // namespace

PartitionFold::PartitionFold(Partition partition, eventstore::Log& log, ViewStore& store,
                             const ViewSet& views)
    : partition_(partition),
      log_(log),
      store_(store),
      views_(views),
      tables_(views.size()),
      rows_(views.size(), nullptr),
      map_(std::make_shared<GenerationMap>(store, std::vector<Generation>(views.size()))) {
  as_of_.partition = partition;
}

Result<void> PartitionFold::Open(uint64_t fold_entries_max) {
  JALON_ASSIGN_OR_RETURN(reach_, log_.Head(partition_));
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                         store_.Get(DirectoryKey(partition_)));
  if (stored) {
    Directory directory;
    if (!Decode(*stored, &directory)) return Refused(partition_, "its directory cannot be read");
    JALON_RETURN_IF_ERROR(OpenDirectory(directory));
  }
  if (reach_.value <= fold_entries_max) {
    for (size_t view = 0; view < views_.size(); ++view) {
      if (tables_[view] == nullptr) JoinFresh(view);
    }
  }
  next_ = cursor_.Next();
  return {};
}

Result<void> PartitionFold::OpenDirectory(const Directory& directory) {
  JALON_RETURN_IF_ERROR(CheckAgainstLog(directory.cursor));
  for (const ServingView& serving : directory.views) {
    const std::optional<size_t> view = views_.IndexOf(serving.view);
    if (view && views_[*view].Version() == serving.version) {
      cursor_ = directory.cursor;
      Install(*view, std::make_unique<RowTable>(views_[*view], serving.generation, store_, false));
    } else {
      replaced_.push_back(serving.generation);  // once the directory is written without it
    }
  }
  return {};
}

Result<void> PartitionFold::CheckAgainstLog(const Cursor& cursor) {
  JALON_ASSIGN_OR_RETURN(const log::v1::Genesis genesis, eventstore::ReadGenesis(log_, partition_));
  if (genesis.log_incarnation() != cursor.log_incarnation) {
    return Refused(partition_, "its views are of another life of the log");
  }
  return eventstore::CheckAnchor(log_, partition_, cursor.head);
}

void PartitionFold::Install(size_t view, std::unique_ptr<RowTable> table) {
  tables_[view] = std::move(table);
  rows_[view] = tables_[view].get();
  following_ = true;
  moved_ = true;
}

void PartitionFold::JoinFresh(size_t view) {
  auto table = std::make_unique<RowTable>(views_[view], store_.NewGeneration(), store_, true);
  if (!eventstore::IsBorn(cursor_.head)) {
    Install(view, std::move(table));
    return;
  }
  joiners_.push_back(
      std::make_unique<Joiner>(Joiner{view, Cursor{}, Offset{0}, std::move(table), nullptr}));
}

bool PartitionFold::Serving() const {
  return !error_ && ReachedHead() &&
         std::ranges::all_of(tables_, [](const auto& table) { return table != nullptr; });
}

bool PartitionFold::Joining(size_t view) const {
  return std::ranges::any_of(joiners_, [view](const auto& joiner) { return joiner->view == view; });
}

std::vector<MissingView> PartitionFold::Missing() const {
  std::vector<MissingView> missing;
  for (size_t view = 0; view < views_.size(); ++view) {
    if (tables_[view] == nullptr && !Joining(view)) missing.push_back({view, partition_});
  }
  return missing;
}

void PartitionFold::Fold(const eventstore::StoredEntry& entry) {
  if (error_ || entry.offset < next_) return;
  const Result<Step> step =
      FoldEntry(cursor_, partition_, entry.offset, *entry.bytes, views_, rows_);
  if (!step) return Stop(step.error());
  next_ = entry.offset.Next();
  if (!step->counted) return;
  moved_ = true;
  ++uncollected_;
  for (const auto& table : tables_) {
    if (table != nullptr && table->fault()) return Stop(*table->fault());
  }
}

bool PartitionFold::StopIfDiverged() {
  if (!following() || !eventstore::IsBorn(cursor_.head)) return false;
  const Result<void> there = eventstore::CheckAnchor(log_, partition_, cursor_.head);
  if (there || there.error().code != Code::kDataLoss) return false;
  Stop(there.error());
  return true;
}

void PartitionFold::Join(const BuiltGeneration& built, std::shared_ptr<Adoption> adoption) {
  if (error_) return Refuse(built.generation, std::move(adoption), *error_);
  auto joiner = std::make_unique<Joiner>(Joiner{
      built.view, Cursor{}, Offset{},
      std::make_unique<RowTable>(views_[built.view], built.generation, store_, false), adoption});
  const auto stored = store_.Get(GenerationKey(built.generation));
  GenerationCheckpoint checkpoint;
  // What was ingested must say itself how far it is: anything else may be half of a generation.
  if (!stored || !*stored || !Decode(**stored, &checkpoint) ||
      checkpoint.view != views_[built.view].Name() ||
      checkpoint.version != views_[built.view].Version() || checkpoint.partition != partition_) {
    return Refuse(built.generation, std::move(adoption),
                  Refused(partition_, "a rebuilt view came without its checkpoint").error());
  }
  joiner->cursor = checkpoint.cursor;
  joiner->next = checkpoint.cursor.Next();
  joiners_.push_back(std::move(joiner));
  if (!following_ && Missing().empty()) {
    // Nothing served so far: the partition goes on from the furthest of what joins.
    for (const auto& each : joiners_) {
      if (each->cursor.Next() > cursor_.Next()) cursor_ = each->cursor;
    }
    next_ = cursor_.Next();
    following_ = true;
  }
}

void PartitionFold::Refuse(Generation generation, std::shared_ptr<Adoption> adoption, Error error) {
  store_.Retire(generation);
  adoption->error = std::move(error);
  if (--adoption->left == 0) complete_.push_back(std::move(adoption));
}

bool PartitionFold::CatchUp(size_t entries) {
  bool more = false;
  std::erase_if(joiners_, [&](const std::unique_ptr<Joiner>& joiner) {
    if (error_ || CaughtUp(*joiner)) return false;
    if (joiner->cursor.Next() > cursor_.Next()) return false;  // the partition comes to it
    if (const Result<void> advanced = AdvanceJoiner(*joiner, entries); !advanced) {
      return Fails(*joiner, advanced.error());
    }
    more = more || !CaughtUp(*joiner);
    return false;
  });
  if (error_) Abandon(*error_);
  return more && !error_;
}

// What serves goes on without what joins beside it, unless the log itself is wrong, or the view is
// built here, where nobody would build it again.
bool PartitionFold::Fails(Joiner& joiner, const Error& error) {
  if (joiner.adoption == nullptr || error.reason == kDiverged) {
    error_ = error;
    return false;
  }
  Refuse(joiner.table->generation(), std::move(joiner.adoption), error);
  return true;
}

Result<void> PartitionFold::AdvanceJoiner(Joiner& joiner, size_t entries) {
  std::vector<ViewRows*> rows(views_.size(), nullptr);
  rows[joiner.view] = joiner.table.get();
  JALON_ASSIGN_OR_RETURN(const auto read,
                         log_.ReadFrom(partition_, joiner.next, {.entries = entries}));
  for (const eventstore::StoredEntry& entry : read) {
    JALON_RETURN_IF_ERROR(
        FoldEntry(joiner.cursor, partition_, entry.offset, *entry.bytes, views_, rows));
    joiner.next = entry.offset.Next();
    joiner.advanced = true;
    if (CaughtUp(joiner)) break;
  }
  if (joiner.table->fault()) return std::unexpected(*joiner.table->fault());
  if (!CaughtUp(joiner) && joiner.next > cursor_.head.offset) {
    return Refused(partition_, "a rebuilt view came to another position than the one that serves");
  }
  return {};
}

bool PartitionFold::Collect(StoreBatch& batch) {
  if (error_ || !following_) return false;
  bool wrote = false;
  for (const auto& joiner : joiners_) {
    if (!joiner->advanced) continue;
    joiner->advanced = false;
    wrote = true;
    WriteChanges(*joiner->table, batch);
    scratch_.clear();
    Encode(GenerationCheckpoint{std::string(views_[joiner->view].Name()),
                                views_[joiner->view].Version(), partition_, joiner->cursor},
           &scratch_);
    batch.Put(GenerationKey(joiner->table->generation()), scratch_);
  }
  std::erase_if(joiners_, [&](const std::unique_ptr<Joiner>& joiner) {
    if (!CaughtUp(*joiner)) return false;
    batch.Delete(GenerationKey(joiner->table->generation()));
    Swap(*joiner);
    return true;
  });
  uncollected_ = 0;
  if (!moved_ || !eventstore::IsBorn(cursor_.head)) return wrote;
  moved_ = false;
  for (const auto& table : tables_) {
    if (table != nullptr) WriteChanges(*table, batch);
  }
  scratch_.clear();
  Encode(MakeDirectory(), &scratch_);
  batch.Put(DirectoryKey(partition_), scratch_);
  return true;
}

void PartitionFold::Swap(Joiner& joiner) {
  if (tables_[joiner.view] != nullptr) replaced_.push_back(tables_[joiner.view]->generation());
  Install(joiner.view, std::move(joiner.table));
  if (joiner.adoption != nullptr && --joiner.adoption->left == 0) {
    complete_.push_back(std::move(joiner.adoption));
  }
}

void PartitionFold::WriteChanges(RowTable& table, StoreBatch& batch) {
  std::vector<RowTable::Change> changes = table.TakeChanges();
  // In the order of their keys each insertion starts near the one before.
  std::ranges::sort(changes, {}, &RowTable::Change::key);
  for (const RowTable::Change& change : changes) {
    const std::string key = RowStoreKey(table.generation(), change.key);
    if (change.row == nullptr) {
      batch.Delete(key);
      continue;
    }
    scratch_.clear();
    change.row->Encode(&scratch_);
    batch.Put(key, scratch_);
  }
}

Directory PartitionFold::MakeDirectory() const {
  Directory directory;
  directory.cursor = cursor_;
  for (size_t view = 0; view < views_.size(); ++view) {
    if (tables_[view] == nullptr) continue;
    directory.views.push_back(
        {std::string(views_[view].Name()), views_[view].Version(), tables_[view]->generation()});
  }
  return directory;
}

std::shared_ptr<const PublishedPartition> PartitionFold::Publish() {
  std::vector<Generation> by_view(views_.size());
  for (size_t view = 0; view < views_.size(); ++view) {
    if (tables_[view] != nullptr) by_view[view] = tables_[view]->generation();
  }
  if (by_view != map_->by_view()) {
    auto map = std::make_shared<GenerationMap>(store_, std::move(by_view));
    for (const Generation generation : replaced_) map_->RetireAtEnd(generation);
    replaced_.clear();
    map_ = std::move(map);  // queries may still hold the old one
  }
  JALON_CHECK(error_ || uncollected_ == 0);  // never ahead of what is written
  auto published = std::make_shared<PublishedPartition>();
  if (!error_) {
    as_of_ = {.log_incarnation = cursor_.log_incarnation,
              .partition = partition_,
              .seq = cursor_.head.seq,
              .recorded_at = cursor_.recorded_at,
              .head = cursor_.head};
  }
  published->as_of = as_of_;
  published->generations = map_;
  published->serving = published_serving_ = Serving();
  published->error = error_;
  published_error_ = error_.has_value();
  return published;
}

std::vector<std::shared_ptr<Adoption>> PartitionFold::TakeComplete() {
  return std::exchange(complete_, {});
}

bool PartitionFold::HasNews() const {
  const bool stopped = error_.has_value() && !published_error_;
  return stopped || !complete_.empty() || (uncollected_ == 0 && Serving() != published_serving_);
}

PartitionStatus PartitionFold::Status() const {
  PartitionStatus status{partition_, as_of_, next_, published_serving_, {}, {}, error_};
  for (size_t view = 0; view < views_.size(); ++view) {
    status.generations.push_back(tables_[view] == nullptr ? Generation{}
                                                          : tables_[view]->generation());
    status.joining.push_back(Joining(view));
  }
  return status;
}

size_t PartitionFold::Weight() const {
  size_t weight = 0;
  for (const auto& table : tables_) weight += table == nullptr ? 0 : table->weight();
  for (const auto& joiner : joiners_) weight += joiner->table->weight();
  return weight;
}

void PartitionFold::Shrink(size_t weight) {
  const size_t total = std::max<size_t>(Weight(), 1);
  const auto share = [&](const RowTable& table) {
    return static_cast<size_t>(static_cast<double>(table.weight()) / static_cast<double>(total) *
                               static_cast<double>(weight));
  };
  for (const auto& table : tables_) {
    if (table != nullptr) table->Shrink(share(*table));
  }
  for (const auto& joiner : joiners_) joiner->table->Shrink(share(*joiner->table));
}

void PartitionFold::Stop(Error error) {
  error_ = std::move(error);
  Abandon(*error_);
}

void PartitionFold::Abandon(const Error& error) {
  for (const auto& joiner : joiners_) {
    if (joiner->adoption == nullptr) {
      store_.Retire(joiner->table->generation());
    } else {
      Refuse(joiner->table->generation(), std::move(joiner->adoption), error);
    }
  }
  joiners_.clear();
}

}  // namespace jalon::projections
