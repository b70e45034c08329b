// What a vault is in its pair, remembered in a file: whether it serves or stands by, in which term,
// and whether its standby was detached.
//
//   the file: "jalon.vault.standing.1 ROLE TERM STANDBY", each a word or a number
//
// The term fences: it grows with each promotion of a standby, and whoever has seen a higher one
// takes nothing from a vault of a lower one. One that learns of a higher one serves nobody from
// then on.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore {

// Thread safety: every call may come from any thread.
// Durability: what succeeded survives a crash. UNAVAILABLE VAULT_UNAVAILABLE: the disk.
class Standing {
 public:
  enum class Role { kServing, kStandby, kFenced };
  enum class Standby { kNone, kAttached, kDetached };

  // One that serves, in the first term and without a standby, where there is no file. DATA_LOSS
  // VAULT_STANDING_DAMAGED.
  static Result<std::unique_ptr<Standing>> Open(const std::string& path);

  Role role() const { return role_; }
  uint64_t term() const { return term_; }
  Standby standby() const { return standby_; }

  // Nothing to do where it is so already. Of a standby the term is that of its vault.
  Result<void> BecomeStandby();
  Result<void> FollowTerm(uint64_t term);
  Result<void> Promote();
  Result<void> SetStandby(Standby standby);
  // Somebody has seen that term: if it is higher than ours, this vault was replaced.
  void Fence(uint64_t seen);

  // UNAVAILABLE VAULT_FENCED or VAULT_IS_STANDBY, unless it serves.
  Result<void> MayServe() const;

  // Called with each change of the role, from the thread that changed it; may be empty. Set before
  // other threads are there.
  std::function<void()> on_role = {};

 private:
  Standing(std::string path, Role role, uint64_t term, Standby standby)
      : path_(std::move(path)), role_(role), term_(term), standby_(standby) {}

  Result<void> Keep(Role role, uint64_t term, Standby standby) JALON_REQUIRES(mutex_);

  const std::string path_;
  Mutex mutex_;  // one that changes it
  std::atomic<Role> role_;
  std::atomic<uint64_t> term_;
  std::atomic<Standby> standby_;
};

}  // namespace jalon::eventstore
