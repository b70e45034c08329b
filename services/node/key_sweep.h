// Removes keys of persons whom no event names: what a command leaves behind that was refused, or
// never came to be recorded, after its key was made.
//
// At the start, and once a day. A key is only looked at if it was made 8 days before the last round
// began, by the dates of the log: by then no command that it was made for is still on its way, nor
// can be sent again, wherever a virtual clock has gone since. And a round waits until the rows that
// are asked reflect every record that was there when it began.
#pragma once

#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/vault/vault.h"
#include "eventstore/writer/state_store.h"
#include "services/api/placement.h"

namespace jalon::node {

// Whether the stored rows reflect every record up to these, per partition from 0.
Result<bool> RowsReflect(eventstore::StateStore& state, const std::vector<Seq>& heads);

// One sweep of keys made before then: how many went. A person whose rows cannot be read keeps the
// key. REQUIRES: the rows reflect every record that a command of that time can have become.
Result<size_t> SweepKeys(eventstore::Vault& vault, eventstore::StateStore& state,
                         const api::Placement& placement, Micros made_before);

// The thread that does it. Thread safety: Start and Stop once, from one thread.
class KeySweep {
 public:
  struct Parts {
    eventstore::Vault& vault;
    eventstore::StateStore& state;
    const api::Placement& placement;
    const Clock& clock;  // of the log, and of the vault
    // The last record of every partition; none while a writer does not serve.
    std::function<std::optional<std::vector<Seq>>()> heads;
  };
  // All must outlive the sweep.
  explicit KeySweep(Parts parts) : parts_(std::move(parts)), round_began_(parts_.clock.Wall()) {}
  ~KeySweep() { Stop(); }

  // REQUIRES: no command was taken yet.
  void Start();
  // Waits for a round to end.
  void Stop();

 private:
  void Run(const std::stop_token& stop);
  // False: not yet.
  Result<bool> Round(const std::stop_token& stop);
  // False if it is to stop.
  bool Wait(const std::stop_token& stop, Micros time);

  const Parts parts_;
  Micros round_began_;  // the last one, by the log's clock
  Mutex mutex_;
  Condition wake_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
