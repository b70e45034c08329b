// The thread that folds views.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "projections/engine/projector.h"

namespace jalon::node {

// Thread safety: Start and Stop once, from one thread.
class Folding {
 public:
  // Called from the thread: `on_status` now and then, and at once when every view answers;
  // `on_fault`, once at most, if views, or those of one partition, cannot be folded any more, which
  // must end the process. Both references must outlive this.
  Folding(projections::Projector& projector, const Clock& clock,
          std::function<void(const projections::ProjectorStatus&)> on_status,
          std::function<void(const Error&)> on_fault);
  ~Folding();

  // REQUIRES: the projector is open.
  void Start();
  // Ends the thread after the batch it is at.
  void Stop();

 private:
  void Run(const std::stop_token& stop);
  // True if a partition stopped: `on_fault` was called.
  bool TellStopped(const projections::ProjectorStatus& status);
  // Waits for work, or for a moment.
  void Wait(const std::stop_token& stop);
  // Lets work gather for a moment, unless somebody waits for it.
  void Gather(const std::stop_token& stop);

  // What the log and queries ring. They may be about to when the thread ends and this goes, so they
  // hold it too.
  struct Bell {
    void Wake();
    void Hurry();

    Mutex mutex;
    Condition wake;
    bool woken JALON_GUARDED_BY(mutex) = true;
    bool hurried JALON_GUARDED_BY(mutex) = false;  // somebody waits
  };

  projections::Projector& projector_;
  const Clock& clock_;
  const std::function<void(const projections::ProjectorStatus&)> on_status_;
  const std::function<void(const Error&)> on_fault_;
  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
