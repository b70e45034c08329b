// What follows an erasure once it counts (PersonKeyDestroyed): the key is destroyed in the vault,
// here or elsewhere, and dropped from this node's memory.
//
// Follows every partition as any reader does, from a place of its own that it keeps in a file:
// destroying again changes nothing, so that a place too early is none too bad, and none is kept
// before what stands there is done. Without the file, which an operator may remove, it goes through
// the whole log once more.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "eventstore/vault/vault.h"
#include "projections/engine/cursor.h"
#include "services/node/data_folder.h"

namespace jalon::node {

// Without a thread. Thread safety: one thread at a time; `wake` comes from any.
class ErasureFollower {
 public:
  struct Parts {
    eventstore::Log& log;
    const eventstore::Birth& birth;
    eventstore::Vault& vault;
    std::string path;            // of the file that keeps the place
    std::function<void()> wake;  // there is more to read
  };
  // All must outlive it.
  explicit ErasureFollower(Parts parts) : parts_(std::move(parts)) {}

  // Reads on and destroys what is to be. True: there may be more at once. An error: nothing is
  // forgotten, call again; UNAVAILABLE passes, DATA_LOSS does not.
  Result<bool> Step();
  // Keeps the place. UNAVAILABLE ERASURES_NOT_KEPT: the disk.
  Result<void> Keep();

  // Persons whose keys were destroyed since it was made, or were destroyed already.
  size_t destroyed() const { return destroyed_; }

 private:
  Result<void> Begin();
  Result<void> Take(const eventstore::StoredEntry& entry);
  Result<void> Destroy();

  const Parts parts_;
  std::vector<projections::Cursor> cursors_;  // by partition; none: it has not begun
  std::unique_ptr<eventstore::Follower> follower_;
  std::map<Bytes, std::set<Bytes>> pending_;  // read, and not destroyed yet: persons by tenant
  size_t destroyed_ = 0;
};

// The thread that does it. Thread safety: Start and Stop once, from one thread.
class Erasing {
 public:
  struct Parts {
    eventstore::Log& log;
    const eventstore::Birth& birth;
    eventstore::Vault& vault;
    std::string path;
    const Clock& clock;  // for how long
    // Called from the thread, once at most: the log is damaged, which must end the process.
    std::function<void(const Error&)> on_fault;
  };
  explicit Erasing(Parts parts);
  ~Erasing() { Stop(); }
  // One that runs, for a node on that folder. All must outlive it.
  static std::unique_ptr<Erasing> Begin(DataFolder& folder, eventstore::Vault& vault,
                                        const Clock& clock,
                                        std::function<void(const Error&)> on_fault);

  void Start();
  // Keeps how far it is.
  void Stop();

 private:
  // What the log rings. It may be about to when this goes, so it holds it too.
  struct Bell {
    void Ring();

    Mutex mutex;
    Condition rung;
    bool ringing JALON_GUARDED_BY(mutex) = true;
  };

  void Run(const std::stop_token& stop);
  // False: it cannot go on.
  bool Turn(const std::stop_token& stop);
  // Until the log rings, that time at most.
  void Wait(const std::stop_token& stop, Micros time);
  // That time, unless it is to end.
  void Pause(const std::stop_token& stop, Micros time);

  const Parts parts_;
  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  ErasureFollower follower_;
  Micros keep_at_{};
  bool told_trouble_ = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
