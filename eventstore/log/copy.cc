#include "eventstore/log/copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "eventstore/base/mutex.h"

namespace jalon::eventstore {
namespace {

// How long an entry may take to come back from the target.
constexpr std::chrono::seconds kReadBackMax{60};

std::unexpected<Error> Changed(Partition partition) {
  return Fail(
      Code::kFailedPrecondition, "LOG_CHANGED",
      fmt::format("somebody wrote to partition {} while it was copied: stop every server of "
                  "the log, and copy it into a new one",
                  partition.value));
}

std::unexpected<Error> NotOurs(Partition partition, uint64_t offset) {
  return Fail(
      Code::kAlreadyExists, "LOG_EXISTS",
      fmt::format("partition {} of the target has something else at offset {} than the copy "
                  "has there: name a target that is empty",
                  partition.value, offset));
}

// Appends to one partition, and waits until what was appended was read back, byte for byte.
class Appender {
 public:
  static Result<std::unique_ptr<Appender>> Make(Log& log, Partition partition, Offset end) {
    auto appender = std::unique_ptr<Appender>(new Appender(log, partition));
    JALON_ASSIGN_OR_RETURN(appender->follower_,
                           log.Follow({{partition, end}}, [bell = appender->bell_] {
                             {
                               MutexLock lock(bell->mutex);
                               bell->more = true;
                             }
                             bell->rung.notify_one();
                           }));
    return appender;
  }

  Result<void> Append(const std::vector<Blob>& entries) {
    if (entries.empty()) return {};
    JALON_RETURN_IF_ERROR(log_.Append(partition_, entries));
    std::deque<Blob> awaited(entries.begin(), entries.end());
    while (!awaited.empty()) {
      JALON_ASSIGN_OR_RETURN(const auto came, Await());
      for (const StoredEntry& entry : came) {
        if (awaited.empty() || *entry.bytes != *awaited.front()) {
          return NotOurs(partition_, entry.offset.value);
        }
        awaited.pop_front();
      }
    }
    return {};
  }

 private:
  struct Bell {
    Mutex mutex;
    Condition rung;
    bool more JALON_GUARDED_BY(mutex) = true;
  };

  Appender(Log& log, Partition partition) : log_(log), partition_(partition) {}

  // The next entries: some, at least.
  Result<std::vector<StoredEntry>> Await() {
    while (true) {
      {
        MutexLock lock(bell_->mutex);
        bell_->more = false;
      }
      JALON_ASSIGN_OR_RETURN(auto entries, follower_->Poll({}));
      if (!entries.empty()) return entries;
      MutexLock lock(bell_->mutex);
      const bool more = lock.WaitFor(bell_->rung, kReadBackMax,
                                     [this]() JALON_REQUIRES(bell_->mutex) { return bell_->more; });
      if (!more) {
        return Fail(Code::kUnavailable, "LOG_UNREACHABLE",
                    fmt::format("the target does not take entries: none came back for {} s; see to "
                                "it, and run the copy again",
                                kReadBackMax.count()));
      }
    }
  }

  Log& log_;
  const Partition partition_;
  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  std::unique_ptr<Follower> follower_;
};

// One partition of the source, entry by entry, of which only those that count are handed on.
class CountedReader {
 public:
  CountedReader(Log& log, Partition partition, Offset end)
      : log_(log), partition_(partition), end_(end) {}

  bool AtEnd() const { return next_ >= end_; }
  const ChainHead& head() const { return head_; }

  // Of the next entries, those that count; there may be none among them.
  Result<std::vector<Blob>> Next() {
    JALON_ASSIGN_OR_RETURN(auto entries, log_.ReadFrom(partition_, next_, {}));
    if (entries.empty()) return Changed(partition_);
    std::vector<Blob> counted;
    for (StoredEntry& entry : entries) {
      if (AtEnd()) return Changed(partition_);
      next_ = entry.offset.Next();
      JALON_ASSIGN_OR_RETURN(const EntryFrame frame, ReadFrame(*entry.bytes));
      const Fate fate = Classify(head_, entry.offset, frame, *entry.bytes);
      if (fate == Fate::kVoid) continue;
      if (fate != Fate::kCounted) {
        return Fail(Code::kDataLoss, "LOG_CORRUPT",
                    fmt::format("partition {} of the source breaks at offset {}, and was whole "
                                "before: check its disk, and copy again",
                                partition_.value, entry.offset.value));
      }
      counted.push_back(std::move(entry.bytes));
    }
    return counted;
  }

 private:
  Log& log_;
  const Partition partition_;
  const Offset end_;
  Offset next_{};
  ChainHead head_;
};

// Compares what the target has already with what it is to have there.
Result<void> Compare(Log& target, Partition partition, uint64_t first,
                     std::span<const Blob> wanted) {
  while (!wanted.empty()) {
    JALON_ASSIGN_OR_RETURN(const auto there,
                           target.ReadFrom(partition, Offset{first}, {.entries = wanted.size()}));
    if (there.empty()) return NotOurs(partition, first);
    for (const StoredEntry& entry : there) {
      if (*entry.bytes != *wanted.front()) return NotOurs(partition, entry.offset.value);
      wanted = wanted.subspan(1);
      ++first;
    }
  }
  return {};
}

class Copier {
 public:
  Copier(Log& source, Log& target, const CopyPlan& plan, const VerifyProgress& progress)
      : source_(source), target_(target), plan_(plan), progress_(progress) {}

  Result<void> Run() {
    for (uint32_t p = 0; p < plan_.geneses.size(); ++p) JALON_RETURN_IF_ERROR(Copy(Partition{p}));
    for (uint32_t p = 0; p < plan_.geneses.size(); ++p) {
      JALON_ASSIGN_OR_RETURN(const Offset end, source_.Head(Partition{p}));
      if (end != plan_.ends[p]) return Changed(Partition{p});
    }
    return {};
  }

 private:
  Result<void> Tell() {
    if (!progress_ || progress_(done_, plan_.entries)) return {};
    return Fail(Code::kCancelled, "CANCELLED", "the copy was cancelled: run it again to go on");
  }

  Result<void> Copy(Partition partition) {
    JALON_ASSIGN_OR_RETURN(const Offset there, target_.Head(partition));
    JALON_ASSIGN_OR_RETURN(const auto appender, Appender::Make(target_, partition, there));
    CountedReader reader(source_, partition, plan_.ends[partition.value]);
    uint64_t offset = 0;  // in the target, of the next entry that counts
    while (!reader.AtEnd()) {
      JALON_RETURN_IF_ERROR(Tell());
      JALON_ASSIGN_OR_RETURN(std::vector<Blob> counted, reader.Next());
      done_ += counted.size();
      std::span<const Blob> entries = counted;
      if (offset == 0 && !entries.empty()) {  // the target has a genesis of its own
        entries = entries.subspan(1);
        ++offset;
      }
      const size_t known =
          std::min<uint64_t>(entries.size(), there.value - std::min(offset, there.value));
      JALON_RETURN_IF_ERROR(Compare(target_, partition, offset, entries.first(known)));
      const auto missing = entries.subspan(known);
      JALON_RETURN_IF_ERROR(appender->Append({missing.begin(), missing.end()}));
      offset += entries.size();
    }
    if (there.value > offset) return NotOurs(partition, offset);
    return reader.head() == plan_.heads[partition.value] ? Result<void>() : Changed(partition);
  }

  Log& source_;
  Log& target_;
  const CopyPlan& plan_;
  const VerifyProgress& progress_;
  uint64_t done_ = 0;
};

}  // namespace

Result<CopyPlan> PlanCopy(Log& source, const Life& life, const VerifyProgress& progress) {
  JALON_ASSIGN_OR_RETURN(const VerifyReport report, VerifyLog(source, progress));
  if (!report.Sound()) {
    const Finding& first = report.findings[0];
    return Fail(Code::kDataLoss, "LOG_CORRUPT",
                fmt::format("the source is not whole: partition {} offset {}: {}; nothing was "
                            "copied: see 'jalon log verify'",
                            first.partition.value, first.offset.value, first.what));
  }
  CopyPlan plan;
  for (uint32_t p = 0; p < report.partitions.size(); ++p) {
    const PartitionReport& partition = report.partitions[p];
    const uint64_t counted = partition.entries - partition.voids;
    JALON_ASSIGN_OR_RETURN(const log::v1::Genesis genesis, ReadGenesis(source, Partition{p}));
    plan.geneses.push_back(
        Copied(genesis, life,
               {.seq = partition.head.seq, .hash = partition.head.hash, .entries = counted}));
    plan.heads.push_back(partition.head);
    plan.ends.push_back(Offset{partition.entries});
    plan.entries += counted;
    plan.events += partition.events;
    plan.voids += partition.voids;
  }
  return plan;
}

Result<void> CopyEntries(Log& source, Log& target, const CopyPlan& plan,
                         const VerifyProgress& progress) {
  return Copier(source, target, plan, progress).Run();
}

Result<void> CheckCopy(Log& target, const CopyPlan& plan, const VerifyProgress& progress) {
  JALON_ASSIGN_OR_RETURN(const VerifyReport report, VerifyLog(target, progress));
  std::string wrong;
  if (!report.Sound()) {
    const Finding& first = report.findings[0];
    wrong = fmt::format("partition {} offset {}: {}", first.partition.value, first.offset.value,
                        first.what);
  }
  for (uint32_t p = 0; p < plan.heads.size() && wrong.empty(); ++p) {
    ChainHead wanted = plan.heads[p];
    wanted.offset = report.partitions[p].head.offset;  // void entries were left behind
    if (report.partitions[p].head != wanted || report.partitions[p].voids != 0) {
      wrong = fmt::format("partition {} ends otherwise than in the source", p);
    }
  }
  if (wrong.empty()) return {};
  return Fail(
      Code::kDataLoss, "LOG_CORRUPT",
      fmt::format("the copy is not what was copied: {}; check the disks, remove it, and copy "
                  "again",
                  wrong));
}

}  // namespace jalon::eventstore
