#include "eventstore/log/rocks/committer.h"

#include <chrono>
#include <utility>

#include "eventstore/base/limits.h"
#include "eventstore/base/thread_name.h"

namespace jalon::eventstore::rocks {

Committer::Committer(Database& database, Witness& witness, Ring& ring, const Watchers& watchers,
                     Counters& counters, const Extent& extent,
                     std::function<void(CommitPoint)> at_point)
    : database_(database),
      witness_(witness),
      ring_(ring),
      watchers_(watchers),
      counters_(counters),
      at_point_(std::move(at_point)),
      next_commit_(extent.next_commit),
      heads_(extent.heads),
      parts_(extent.heads.size()),
      thread_([this] { Loop(); }) {}

Committer::~Committer() {
  MutexLock lock(mutex_);
  ending_ = true;
  more_.notify_one();
}

void Committer::HandOver(Partition partition, std::vector<Blob> entries) {
  bool wake = false;
  {
    MutexLock lock(mutex_);
    queue_.push_back({partition, std::move(entries)});
    wake = std::exchange(waiting_, false);
  }
  if (wake) more_.notify_one();
}

bool Committer::Take(std::vector<Append>* taken) {
  taken->clear();
  MutexLock lock(mutex_);
  if (queue_.empty() && !ending_) {
    waiting_ = true;
    lock.Wait(more_, [this]() JALON_REQUIRES(mutex_) { return !queue_.empty() || ending_; });
    waiting_ = false;
  }
  taken->swap(queue_);
  return !taken->empty();
}

void Committer::Loop() {
  NameThread("log-commit");
  std::vector<Append> taken;
  while (Take(&taken)) {
    At(CommitPoint::kTaken);
    for (size_t from = 0; from < taken.size();) {
      from = Gather(taken, from);
      Commit();
    }
  }
}

// Sorts the next appends by partition, as many as fit one group; returns the first that does not.
// An append is never split: after a crash it is there whole or not at all.
size_t Committer::Gather(std::vector<Append>& taken, size_t from) {
  touched_.clear();
  size_t entries = 0;
  group_bytes_ = 0;
  for (; from < taken.size(); ++from) {
    Append& append = taken[from];
    size_t bytes = 0;
    for (const Blob& entry : append.entries) bytes += entry->size();
    if (entries > 0 && (entries + append.entries.size() > limits::kGroupEntriesMax ||
                        group_bytes_ + bytes > limits::kGroupBytesMax)) {
      break;
    }
    entries += append.entries.size();
    group_bytes_ += bytes;
    auto& part = parts_[append.partition.value];
    if (part.empty()) touched_.push_back(append.partition);
    part.push_back(&append);
  }
  return from;
}

void Committer::Commit() {
  batch_.Clear();
  group_.clear();
  for (const Partition partition : touched_) {
    Run run{partition, Offset{heads_[partition.value]}, next_commit_, 0};
    for (Append* append : parts_[partition.value]) {
      for (Blob& entry : append->entries) {
        const Offset offset{heads_[partition.value]++};
        database_.PutEntry(batch_, next_commit_++, partition, offset, *entry);
        group_.push_back({partition, offset, std::move(entry)});
        ++run.count;
      }
    }
    database_.PutRun(batch_, run);
    parts_[partition.value].clear();
  }

  const auto before = std::chrono::steady_clock::now();
  database_.Write(batch_);
  counters_.CountGroup(group_.size(), group_bytes_, std::chrono::steady_clock::now() - before);
  At(CommitPoint::kSynced);

  const StoredEntry& last = group_.back();
  witness_.Write(
      {next_commit_ - 1, HashOfEntry(next_commit_ - 1, last.partition, last.offset, *last.bytes)});
  At(CommitPoint::kWitnessed);

  ring_.Publish(group_);
  At(CommitPoint::kPublished);
  wakers_.clear();
  for (const Partition partition : touched_) watchers_.Collect(partition, &wakers_);
  for (const auto& waker : wakers_) waker->Fire();
}

}  // namespace jalon::eventstore::rocks
