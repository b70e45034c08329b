// What this node has told callers of each school: a query that comes after is answered from views
// that reflect it (read your writes).
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
  // Beyond them all is forgotten, since callers may name schools that are none: whoever asks is
  // then answered from the views as they are.
  static constexpr size_t kSchoolsMax = 65536;

  struct Told {
    Partition partition;  // of the school
    Seq seq;              // of the last record that callers know of
  };

  explicit OwnWrites(Bytes log_incarnation) : log_incarnation_(std::move(log_incarnation)) {}

  // Before the answer leaves.
  void Note(const Bytes& school_id, Told told) JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (told_.size() >= kSchoolsMax && !told_.contains(school_id)) told_.clear();
    Told& known = told_.try_emplace(school_id, told).first->second;
    if (known.partition != told.partition || known.seq < told.seq) known = told;
  }

  std::optional<Told> Of(const Bytes& school_id) const JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    const auto found = told_.find(school_id);
    if (found == told_.end()) return std::nullopt;
    return found->second;
  }
  // The last in each partition.
  std::map<Partition, Seq> OfAll() const JALON_EXCLUDES(mutex_) {
    std::map<Partition, Seq> last;
    MutexLock lock(mutex_);
    for (const auto& [school, told] : told_) {
      last[told.partition] = std::max(last[told.partition], told.seq);
    }
    return last;
  }
  // Of all positions here, 16 bytes.
  const Bytes& log_incarnation() const { return log_incarnation_; }

 private:
  const Bytes log_incarnation_;
  mutable Mutex mutex_;
  std::unordered_map<Bytes, Told> told_ JALON_GUARDED_BY(mutex_);  // by school
};

}  // namespace jalon::api
