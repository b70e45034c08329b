// Which nodes may hold a destroyed key in memory: those that were given keys lately, and have not
// said since that they dropped it. In memory only: whom the vault served before it started, or whom
// the one served whose place it took, it does not know.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/vault/served/limits.h"
#include "eventstore/vault/vault.h"

namespace jalon::eventstore::served {

// An answer may be on its way that long, and what it brought is kept for kKeysKept.
inline constexpr Micros kHeldMax = Micros(kKeysKept) + Micros(kPersonKeysMax);
// Of the clocks of two vaults: what was destroyed longer ago than that, by another one's, is held
// by nobody.
inline constexpr std::chrono::hours kClocksApartMax{24};

// Thread safety: every call may come from any thread.
class NodeLeases {
 public:
  // `term`: of the vault (standing.h).
  explicit NodeLeases(const Clock& clock, uint64_t term = 1)
      : clock_(clock), term_(term), began_(clock.Monotonic()) {}

  // It serves in that term. A higher one than before: another vault served until now.
  void InTerm(uint64_t term) JALON_EXCLUDES(mutex_);

  // The node is about to be given keys.
  void Served(const std::string& node) JALON_EXCLUDES(mutex_);
  // From now on nobody is given the keys of these persons.
  void Destroyed(const std::vector<PersonName>& persons) JALON_EXCLUDES(mutex_);
  // The node has dropped them.
  void Confirmed(const std::string& node, const std::vector<PersonName>& persons)
      JALON_EXCLUDES(mutex_);

  // Who may hold the key of a person that was destroyed then, by the wall clock of the vault that
  // did, and until when: by Wall() of this one's clock.
  void Show(const PersonName& person, Micros destroyed_at, KeyErasure* erasure)
      JALON_EXCLUDES(mutex_);

 private:
  struct Waiting {
    std::set<std::string> nodes;
    Micros until{};  // Monotonic
  };
  void Forget(Micros now) JALON_REQUIRES(mutex_);

  const Clock& clock_;
  Mutex mutex_;
  uint64_t term_ JALON_GUARDED_BY(mutex_);
  Micros began_ JALON_GUARDED_BY(mutex_);  // Monotonic: who was given keys before is not known
  std::map<std::string, Micros, std::less<>> served_ JALON_GUARDED_BY(mutex_);  // Monotonic, last
  std::map<PersonName, Waiting> waiting_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::eventstore::served
