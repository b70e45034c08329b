// Which brokers answer. A call to one that does not waits its whole patience, and whoever asks for
// many partitions in turn would wait as often: once one call was not answered, others about
// partitions of the same leader fail at once, until the watch (tail.h) hears that broker again.
//
// Thread safety: any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore::kafka {

class Reach {
 public:
  // `changed` is told, in order and each once, that some broker is away, and that none is any more.
  // It must not call back.
  using Changed = std::function<void(const std::optional<Error>& away)>;
  Reach(uint32_t partition_count, Changed changed)
      : leaders_(partition_count, kNobody), changed_(std::move(changed)) {}

  // UNAVAILABLE LOG_UNREACHABLE: whoever leads the partition did not answer when it was asked last.
  Result<void> Check(Partition partition) const JALON_EXCLUDES(mutex_);
  // A call about the partition that began then was not answered. One that failed at once cost
  // nothing, and says little: a connection breaks, and is there again.
  using Time = std::chrono::steady_clock::time_point;
  void Silent(Partition partition, const Error& why, Time began) JALON_EXCLUDES(mutex_);
  // What `call` returns, which asks the partition's leader: not called where that is silent.
  template <typename Call>
  auto Ask(Partition partition, Call call) -> decltype(call()) {
    JALON_RETURN_IF_ERROR(Check(partition));
    const Time began = std::chrono::steady_clock::now();
    auto answer = call();
    if (!answer && answer.error().code == Code::kUnavailable) {
      Silent(partition, answer.error(), began);
    }
    return answer;
  }

  // The partition's leader gave an answer, or an entry. Where none is silent this costs nothing.
  // This, and Lead, return whether partitions can be asked for again that could not be.
  bool Answered(Partition partition) JALON_EXCLUDES(mutex_);

  // The next four are the watch's. No broker said who leads, when it was asked as Answers said so
  // much: where one answered something since, that is news no more.
  uint64_t Answers() const { return answers_; }
  void NobodyAnswers(const Error& why, uint64_t answers) JALON_EXCLUDES(mutex_);
  // Some broker does: these lead, by partition.
  bool Lead(const std::vector<int32_t>& leaders) JALON_EXCLUDES(mutex_);
  // One partition of each broker that is silent, to ask it again.
  std::vector<Partition> ToAsk() const JALON_EXCLUDES(mutex_);

 private:
  static constexpr int32_t kNobody = -1;  // leads it, or it is not known who

  void Tell() JALON_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::vector<int32_t> leaders_ JALON_GUARDED_BY(mutex_);  // by partition
  std::map<int32_t, Error> silent_ JALON_GUARDED_BY(mutex_);
  std::optional<Error> nobody_ JALON_GUARDED_BY(mutex_);
  std::atomic<bool> told_away_ = false;  // written under the lock
  std::atomic<uint64_t> answers_ = 0;
  const Changed changed_;
};

}  // namespace jalon::eventstore::kafka
