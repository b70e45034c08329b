// The vault: the keys that personal data is sealed under, and the only place that can destroy them.
//
// Order: a key is durable here before anything is sealed with it, and a sealed command is appended
// after that. So a counted event's key is there unless it was destroyed on purpose. If the process
// dies between the two, a key stays that no event names: Sweep removes it after the window of
// request ids.
//
// Keys are in no event, no backup of the log and no topic.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/secret.h"

namespace jalon::eventstore {

// One person's key, with the name that travels with what it seals.
struct PersonKey {
  Bytes id;  // 8 random bytes
  Secret secret;
};
using PersonKeyPtr = std::shared_ptr<const PersonKey>;

// Asks for the key of a person (8 bytes), made if there is none and `create`.
struct KeyWanted {
  Bytes person;
  bool create = false;
};

// The key, or why there is none.
struct KeyFound {
  enum class State { kFound, kUnknown, kDestroyed } state = State::kUnknown;
  PersonKeyPtr key;  // kFound
};

// How many persons' keys are asked for at once, at most: two for each row of the largest page.
inline constexpr size_t kPersonsPerCallMax = 1024;

// How far the destruction of a person's key is.
struct KeyErasure {
  // Whether those that stay are in a copy of the keys that was made since.
  enum class Backup { kNotConfigured, kPending, kVerified };

  KeyFound::State key = KeyFound::State::kUnknown;
  bool epoch_ended = false;  // what wrapped it is destroyed: older copies open it no more
  Backup backup = Backup::kNotConfigured;
  Micros destroyed_at{};  // by the vault's clock
  Micros backed_up_at{};  // when a copy was last verified, by the vault's clock; 0: never
  // Nodes that were given keys and have not said that they dropped this one, and when they have
  // dropped it whatever happens; 0: none has to.
  std::vector<std::string> unconfirmed = {};
  Micros dropped_by{};

  bool Complete() const {
    return key == KeyFound::State::kDestroyed && epoch_ended && backup != Backup::kPending &&
           unconfirmed.empty() && dropped_by == Micros();
  }
};

// A person of a tenant.
struct PersonName {
  Bytes tenant;
  Bytes person;

  auto operator<=>(const PersonName&) const = default;
};

// Thread safety: every call may come from any thread.
// Durability: a key is given out only once it survives a crash; a destroyed one is not given out
// again, here or after a restart.
// Errors: UNAVAILABLE VAULT_UNAVAILABLE when keys cannot be reached; nothing is then sealed or
// opened, and never written in clear instead.
class Vault {
 public:
  using Done = std::function<void(Result<std::vector<KeyFound>>)>;

  virtual ~Vault() = default;

  // The keys of persons of a tenant, in the order asked. `done` is called once: at once if every
  // key is at hand, otherwise from a thread of the vault, which it must not hold up.
  virtual void PersonKeys(Bytes tenant, std::vector<KeyWanted> wanted, Done done) = 0;
  // The keys that exist of persons (8 bytes each) of a tenant, in the order asked: for opening.
  // However many they are, a vault that is far away is asked once. INVALID_ARGUMENT
  // VAULT_CALL_INVALID: more than kPersonsPerCallMax.
  virtual Result<std::vector<KeyFound>> FindPersonKeys(std::string_view tenant,
                                                       std::span<const Bytes> persons) = 0;
  // The one of one person.
  Result<KeyFound> FindPersonKey(std::string_view tenant, std::string_view person) {
    const Bytes persons[] = {Bytes(person)};
    JALON_ASSIGN_OR_RETURN(std::vector<KeyFound> found, FindPersonKeys(tenant, persons));
    return std::move(found.front());
  }

  // The key under which commands of that day (days since the Unix epoch, UTC) are MACed, made on
  // first use. Those of days before `kDayKeysKept` are destroyed: a MAC under a lasting key would
  // let its holder guess an erased word.
  virtual Result<Secret> DayKey(uint32_t day) = 0;
  // The keys of a tenant's look-ups: first that year's, made on first use; then those that are kept
  // of the year after it and of the kLookupYears - 1 before it, so that what was told in another
  // year is recognised. Those of years that no request may look up in any more (FirstLookupYear)
  // are destroyed as days' keys are: from then on nobody can link what was told in them.
  virtual Result<std::vector<Secret>> LookupKeys(std::string_view tenant, uint32_t year) = 0;

  // Destroys the keys of persons (8 bytes each) of a tenant for ever. Idempotent; also of a person
  // that has none, so that none is made later. All at once cost little more than one: whatever else
  // the tenant has is wrapped anew. INVALID_ARGUMENT VAULT_CALL_INVALID: more than
  // kPersonsPerCallMax.
  virtual Result<void> DestroyPersonKeys(std::string_view tenant,
                                         std::span<const Bytes> persons) = 0;
  // That of one person.
  Result<void> DestroyPersonKey(std::string_view tenant, std::string_view person) {
    const Bytes persons[] = {Bytes(person)};
    return DestroyPersonKeys(tenant, persons);
  }

  // How far that is. One that cannot say more says whether the key is destroyed.
  virtual Result<KeyErasure> ErasureOf(std::string_view tenant, std::string_view person) {
    JALON_ASSIGN_OR_RETURN(const KeyFound found, FindPersonKey(tenant, person));
    return KeyErasure{.key = found.state,
                      .epoch_ended = found.state == KeyFound::State::kDestroyed};
  }

  // Removes keys made before `made_before` that no counted event names. Unlike a destroyed one,
  // such a person may get a key again. Returns how many.
  virtual Result<size_t> Sweep(
      Micros made_before,
      const std::function<bool(std::string_view tenant, std::string_view person)>& is_named) = 0;
};

// A request id is valid for 7 days and may be 5 minutes ahead; a day more for the edges.
inline constexpr uint32_t kDayKeysKept = 9;
// Longer than anyone is at school without a new enrolment. A year is a school year, named by the
// one it begins in, on 1 July.
inline constexpr uint32_t kLookupYears = 8;
// The first year whose look-up key is in use on that day (since the Unix epoch, UTC) or later.
inline uint32_t FirstLookupYear(uint32_t day) {
  using std::chrono::July;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  const bool has_begun = date.month() >= July;
  const auto year = static_cast<uint32_t>(static_cast<int>(date.year()));
  return (has_begun ? year : year - 1) - (kLookupYears - 1);
}
inline constexpr std::chrono::hours kUnnamedKeysKept{8 * 24};

inline std::unexpected<Error> TooManyPersons() {
  return Fail(Code::kInvalidArgument, "VAULT_CALL_INVALID", "too many persons for one call");
}

}  // namespace jalon::eventstore
