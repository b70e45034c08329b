// What a vault is in its pair, remembered in a file: whether it serves or stands by, in which term,
// how its standby is, and, of a standby, whether it was given every key.
//
//   the file: "jalon.vault.standing.1 ROLE TERM STANDBY KEYS", each a word or a number; without
//   KEYS, of an older version, a standby is taken for one that misses some
//
// The term fences: it grows with each promotion of a standby, and whoever has seen a higher one
// takes nothing from a vault of a lower one. One that learns of a higher one serves nobody from
// then on, and its term is that one: if it is promoted later, it is in a higher one again.
//
// A second file, PATH.sent, has the number of the last write that was sent to the standby, kept
// before it is: so a standby that is one write ahead is known to have what nobody was answered, and
// not what an older copy of the vault has forgotten.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore {

// So many promotions at once nobody can have missed: a higher term is somebody's mistake, and would
// bar every vault of a lower one.
inline constexpr uint64_t kTermsMissedMax = 1000;
// How far ahead an operator's own term may be: a few of them are still within kTermsMissedMax of
// whoever missed them.
inline constexpr uint64_t kTermsForcedMax = 100;

// Thread safety: every call may come from any thread.
// Durability: what succeeded survives a crash. UNAVAILABLE VAULT_UNAVAILABLE: the disk.
class Standing {
 public:
  enum class Role { kServing, kStandby, kFenced };
  // kReattaching: it was detached, and is to be given all keys before it counts.
  enum class Standby { kNone, kAttached, kDetached, kReattaching };
  enum class Keys { kWhole, kBehind };

  // One that serves, in the first term and without a standby, where there is no file. DATA_LOSS
  // VAULT_STANDING_DAMAGED.
  static Result<std::unique_ptr<Standing>> Open(const std::string& path);

  Role role() const { return role_; }
  uint64_t term() const { return term_; }
  Standby standby() const { return standby_; }
  // Of a standby: it was not given every key since it became one, or since it was detached.
  bool behind() const { return keys_ == Keys::kBehind; }
  // The number of the last write that was sent to a standby; 0: none.
  uint64_t sent() const { return sent_; }

  // Nothing to do where it is so already. Of a standby the term is that of its vault:
  // FAILED_PRECONDITION VAULT_TERM_INVALID further than `ahead_max`.
  Result<void> BecomeStandby();
  Result<void> FollowTerm(uint64_t term, uint64_t ahead_max = kTermsMissedMax);
  // Nothing to do of one that is no standby.
  Result<void> SetBehind(bool behind);
  // FAILED_PRECONDITION VAULT_IS_NO_STANDBY; VAULT_STANDBY_BEHIND unless `forced` names the term
  // that begins: INVALID_ARGUMENT VAULT_TERM_INVALID where that is none it can be, further than
  // kTermsForcedMax too.
  Result<void> Promote(std::optional<uint64_t> forced = std::nullopt);

  // Of a vault's standby: it was given every key (FAILED_PRECONDITION VAULT_STANDBY_DETACHED where
  // an operator detached it meanwhile); is detached; is to be given all again.
  Result<void> Attached();
  Result<void> Detach();
  Result<void> Reattach();
  // Of one that is attached: it is to be given all keys again before it counts.
  Result<void> GiveAgain();
  // Durable before that write is sent.
  Result<void> KeepSent(uint64_t write);

  // Somebody has seen that term: if it is higher than ours, this vault was replaced. Beyond
  // kTermsMissedMax it is nobody's.
  void Fence(uint64_t seen);

  // UNAVAILABLE VAULT_FENCED or VAULT_IS_STANDBY, unless it serves.
  Result<void> MayServe() const;

  // Called with each change of the role, from the thread that changed it, one call at a time; it
  // must not change the role. Empty: nobody is told. Waits for a call that is being made: what was
  // told before is not told after it.
  void SetOnRole(std::function<void()> on_role) JALON_EXCLUDES(telling_);

 private:
  struct State {
    Role role = Role::kServing;
    uint64_t term = 1;
    Standby standby = Standby::kNone;
    Keys keys = Keys::kWhole;

    bool operator==(const State&) const = default;
  };
  Standing(std::string path, const State& state, uint64_t sent);

  State Now() const { return {role_, term_, standby_, keys_}; }
  Result<void> Keep(const State& state) JALON_REQUIRES(mutex_);
  void TellRole() JALON_EXCLUDES(telling_, mutex_);

  const std::string path_;
  Mutex mutex_;  // one that changes it
  std::atomic<Role> role_;
  std::atomic<uint64_t> term_;
  std::atomic<Standby> standby_;
  std::atomic<Keys> keys_;
  std::atomic<uint64_t> sent_;
  Mutex telling_;
  std::function<void()> on_role_ JALON_GUARDED_BY(telling_);
};

}  // namespace jalon::eventstore
