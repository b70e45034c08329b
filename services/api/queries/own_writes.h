// What this node has told callers is accepted, by school: a query that comes after is answered from
// views that reflect it (read your writes). What was refused is not kept: it was decided on what
// the whole partition had come to, and a school would wait for what its neighbours do.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"

namespace jalon::api {

// Thread safety: any thread.
class OwnWrites {
 public:
  // Beyond them all is forgotten: whoever asks is then answered from the views as they are.
  static constexpr size_t kSchoolsMax = 65536;

  struct Told {
    Partition partition;  // of the school
    Seq seq;              // of the last record that callers know of
  };

  explicit OwnWrites(Bytes log_incarnation) : log_incarnation_(std::move(log_incarnation)) {}

  // Before the answer leaves.
  void Note(const Bytes& school_id, Told told) JALON_EXCLUDES(mutex_) {
    std::unordered_map<Bytes, Told> forgotten;  // goes without the lock
    MutexLock lock(mutex_);
    if (told_.size() >= kSchoolsMax && !told_.contains(school_id)) told_.swap(forgotten);
    Told& known = told_.try_emplace(school_id, told).first->second;
    if (known.partition != told.partition || known.seq < told.seq) known = told;
    Seq& last = last_[told.partition];
    last = std::max(last, told.seq);
  }

  std::optional<Told> Of(const Bytes& school_id) const JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    const auto found = told_.find(school_id);
    if (found == told_.end()) return std::nullopt;
    return found->second;
  }
  // The last of any school in each partition.
  std::map<Partition, Seq> OfAll() const JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return last_;
  }
  // Of all positions here, 16 bytes.
  const Bytes& log_incarnation() const { return log_incarnation_; }

 private:
  const Bytes log_incarnation_;
  mutable Mutex mutex_;
  std::unordered_map<Bytes, Told> told_ JALON_GUARDED_BY(mutex_);  // by school
  std::map<Partition, Seq> last_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::api
