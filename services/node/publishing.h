// The thread that publishes: every few minutes it writes into the system partition how far trails
// and receipts logs have grown, and at once what an export asks for. The sizes and
// roots that are written there are no checkpoints, and the record is signed as a whole by the key
// that has the seat; the root log is its fold (projections/views/root_log.h).
//
// Of several nodes, the one that signs publishes, by way of whoever owns the system partition; an
// export at another one begins there.
//
// If the process dies here, what it had not written is found again, by the next turn of whoever
// goes on.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "services/api/command_sink.h"
#include "services/api/placement.h"
#include "services/api/publisher.h"
#include "services/api/queries/reader.h"
#include "services/api/queries/trail_names.h"
#include "services/domain/refusals.h"

namespace jalon::node {

// How long an export waits for its publication, at most.
inline constexpr std::chrono::seconds kPublishWait{2};
// Of one record: far below what a record may hold.
inline constexpr size_t kLogsPerPublication = 500;

// Thread safety: Start and Stop once, from one thread; Publish from any.
class Publishing final : public api::Publisher {
 public:
  struct Parts {
    api::CommandSink& sink;
    api::Views& views;
    const api::Placement& placement;
    const api::TrailNames& names;
    const Clock& clock;  // that of Views::Await and of the sink
    std::chrono::seconds every;
    // Called with what is wrong inside.
    std::function<void(const Error&)> on_fault;
  };

  // All of `parts` must outlive this.
  explicit Publishing(Parts parts) : parts_(std::move(parts)) {}
  ~Publishing() override { Stop(); }

  void Start();
  // Ends the thread. REQUIRES: the writers are drained, and the views' publication is closed.
  void Stop();

  void Publish(const trail::Checkpoint& log, std::function<void()> done) override;

 private:
  struct Asked {
    trail::Checkpoint log;
    std::function<void()> done;
  };

  bool Publishes() const;
  void Run(const std::stop_token& stop);
  // All that has grown.
  void PublishGrown(const std::stop_token& stop);
  // The log has another root at a size, or another signer: only the first ends the process.
  void OnRefused(const domain::Refusals& refusals) const;
  // Writes them, waits until the views reflect it or kPublishWait is over; false if it is.
  bool Write(const std::vector<trail::Checkpoint>& logs);

  const Parts parts_;
  Mutex mutex_;
  Condition wake_;
  std::deque<Asked> asked_ JALON_GUARDED_BY(mutex_);
  bool ended_ JALON_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
