// Sends many commands at once, as the people of several schools would, and keeps count of what
// became of each.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "deploy/demo/histories.h"
#include "eventstore/base/mutex.h"
#include "services/client/client.h"

namespace jalon::demo {

// Thread safety: Send and Wait from one thread; the handlers run on gRPC's threads, one at a time.
class Crew {
 public:
  using Handler = std::function<void(const client::Reply&)>;

  // `now_ms` stamps request ids: the server's time, which may be virtual.
  explicit Crew(std::function<uint64_t()> now_ms) : now_ms_(std::move(now_ms)) {}

  // From now on what every client sent and was told is kept there, which must outlive the crew.
  void KeepIn(Histories& histories) { histories_ = &histories; }

  // Sends `command` as `who`; waits first if kInFlight are out. A lost connection sends the same
  // request id again. `handler` may be empty; any refusal without a handler is a fault of the
  // demonstration.
  void Send(const client::Client& who, const google::protobuf::Message& command,
            Handler handler = {});
  // Waits until every command is answered.
  void Wait();

  // From now on keeps each accepted command with the position it was acknowledged at.
  void Remember();
  // Sends every remembered command again, each with its first request id, and counts the answers
  // that do not name the first position: 0, unless the server lost or doubled what it had
  // acknowledged.
  struct Recheck {
    uint64_t checked = 0;
    uint64_t wrong = 0;
  };
  Recheck SendRememberedAgain();

  // Waits until that many commands were accepted, of all that were ever sent.
  void WaitForAccepted(uint64_t count);

  // Does that while commands are out, of which none is answered before it is done. How many; 0:
  // none is out, and nothing was done.
  uint32_t WhileOut(const std::function<void()>& act);

  uint64_t accepted() const;
  uint64_t refused() const;
  // The last position in the partition at which a command was accepted: a query that names it sees
  // them all.
  type::v1::Position LastPosition(uint32_t partition) const;
  // Empty, or what first went wrong in a way that was not meant.
  std::string fault() const;

 private:
  static constexpr uint32_t kInFlight = 64;

  struct Job;
  void Enter();
  void Try(std::shared_ptr<Job> job);
  void Answered(std::shared_ptr<Job> job, const client::Reply& reply);
  void Record(const Job& job, const client::Reply& reply);

  std::function<uint64_t()> now_ms_;
  Histories* histories_ = nullptr;
  mutable Mutex mutex_;
  Condition changed_;
  uint32_t out_ JALON_GUARDED_BY(mutex_) = 0;
  uint64_t accepted_ JALON_GUARDED_BY(mutex_) = 0;
  uint64_t refused_ JALON_GUARDED_BY(mutex_) = 0;
  uint64_t wrong_ JALON_GUARDED_BY(mutex_) = 0;
  std::map<uint32_t, type::v1::Position> last_ JALON_GUARDED_BY(mutex_);  // by partition
  bool remember_ JALON_GUARDED_BY(mutex_) = false;
  std::vector<std::shared_ptr<Job>> remembered_ JALON_GUARDED_BY(mutex_);
  std::string fault_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::demo
