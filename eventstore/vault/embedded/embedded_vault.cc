#include "eventstore/vault/embedded/embedded_vault.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "eventstore/base/thread_name.h"
#include "eventstore/vault/embedded/vault_impl.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

// Of a row and the key that wraps it, between which an epoch may begin each time.
constexpr int kTriesUnlocked = 3;

std::unexpected<Error> Unreadable(std::string_view what) {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              "a wrapped " + std::string(what) +
                  " does not open: the key store or the root key was changed; restore both from "
                  "their backup");
}

// Days since the Unix epoch, in UTC.
uint32_t DayOf(Micros wall) {
  return static_cast<uint32_t>(std::chrono::floor<std::chrono::days>(wall).count());
}

}  // namespace

EmbeddedVault::EmbeddedVault(std::unique_ptr<KeyStore> store, EpochKeys epochs, Secret root,
                             const Clock& clock, Parts parts)
    : parts_(std::move(parts)),
      store_(std::move(store)),
      root_(std::move(root)),
      clock_(clock),
      epoch_files_(epochs),
      epochs_(*store_, std::move(epochs), root_, clock,
              {.before_end = [this]() JALON_REQUIRES(write_mutex_) { return BeforeEpochEnds(); },
               .at_step = parts_.at_step}),
      cache_(clock) {
  maker_ = std::jthread([this](const std::stop_token& stop) { MakeKeys(stop); });
}

EmbeddedVault::~EmbeddedVault() {
  maker_.request_stop();
  {
    MutexLock lock(queue_mutex_);  // it may be about to wait
  }
  wake_.notify_all();
}

void EmbeddedVault::PersonKeys(Bytes tenant, std::vector<KeyWanted> wanted, Done done) {
  std::vector<KeyFound> found;
  bool missing = false;
  for (const KeyWanted& want : wanted) {
    auto key = Find(tenant, want.person);
    if (!key) return done(std::unexpected(std::move(key).error()));
    missing |= want.create && key->state == KeyFound::State::kUnknown;
    found.push_back(std::move(*key));
  }
  if (!missing) return done(std::move(found));
  if (Result<void> ready = Ready(); !ready) return done(std::unexpected(std::move(ready).error()));
  {
    MutexLock lock(queue_mutex_);
    queue_.push_back({std::move(tenant), std::move(wanted), std::move(done)});
  }
  wake_.notify_one();
}

Result<KeyFound> EmbeddedVault::Find(std::string_view tenant, std::string_view person) {
  const std::string row = PersonRow(tenant, person);
  if (PersonKeyPtr key = cache_.Find(row)) return KeyFound{KeyFound::State::kFound, std::move(key)};
  const uint64_t drops = cache_.Drops(row);
  for (int tries = 0; tries < kTriesUnlocked; ++tries) {
    JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->Get(row));
    if (!value) {
      JALON_ASSIGN_OR_RETURN(const auto destroyed, store_->Get(DestroyedRow(tenant, person)));
      return KeyFound{destroyed ? KeyFound::State::kDestroyed : KeyFound::State::kUnknown, nullptr};
    }
    JALON_ASSIGN_OR_RETURN(const std::optional<Secret> wrapping, EpochKeyThere(tenant));
    auto wrapped = wrapping ? Unwrap(*wrapping, row, *value) : std::nullopt;
    if (!wrapped) continue;  // an epoch may have begun between the two
    auto key = std::make_shared<const PersonKey>(std::move(wrapped->key));
    cache_.PutUnlessDropped(row, key, drops);
    return KeyFound{KeyFound::State::kFound, std::move(key)};
  }
  MutexLock lock(write_mutex_);
  return FindInStore(tenant, person);
}

Result<KeyFound> EmbeddedVault::FindInStore(std::string_view tenant, std::string_view person) {
  const std::string row = PersonRow(tenant, person);
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->Get(row));
  if (!value) {
    JALON_ASSIGN_OR_RETURN(const auto destroyed, store_->Get(DestroyedRow(tenant, person)));
    return KeyFound{destroyed ? KeyFound::State::kDestroyed : KeyFound::State::kUnknown, nullptr};
  }
  JALON_ASSIGN_OR_RETURN(const Secret wrapping, MakeEpochKey(tenant));
  auto wrapped = Unwrap(wrapping, row, *value);
  if (!wrapped) return Unreadable("person's key");
  return KeyFound{KeyFound::State::kFound,
                  std::make_shared<const PersonKey>(std::move(wrapped->key))};
}

Result<std::vector<KeyFound>> EmbeddedVault::FindPersonKeys(std::string_view tenant,
                                                            std::span<const Bytes> persons) {
  if (persons.size() > kPersonsPerCallMax) return TooManyPersons();
  std::vector<KeyFound> found;
  found.reserve(persons.size());
  for (const Bytes& person : persons) {
    JALON_ASSIGN_OR_RETURN(KeyFound key, Find(tenant, person));
    found.push_back(std::move(key));
  }
  return found;
}

void EmbeddedVault::MakeKeys(const std::stop_token& stop) {
  NameThread("keys-make");
  while (true) {
    std::vector<Waiting> group;
    {
      MutexLock lock(queue_mutex_);
      lock.Wait(wake_, [&]() JALON_REQUIRES(queue_mutex_) {
        return stop.stop_requested() || !queue_.empty();
      });
      group.swap(queue_);
    }
    if (group.empty()) return;  // stopped, and nobody waits
    const Result<void> made = MakeGroup(group);
    for (Waiting& waiting : group) {
      if (!made) {
        waiting.done(std::unexpected(made.error()));
        continue;
      }
      std::vector<KeyFound> found;
      Result<KeyFound> key = KeyFound{};
      for (const KeyWanted& want : waiting.wanted) {
        key = Find(waiting.tenant, want.person);
        if (!key) break;
        found.push_back(std::move(*key));
      }
      if (key) {
        waiting.done(std::move(found));
      } else {
        waiting.done(std::unexpected(std::move(key).error()));
      }
    }
  }
}

Result<void> EmbeddedVault::MakeGroup(const std::vector<Waiting>& group) {
  MutexLock lock(write_mutex_);
  std::map<std::string, PersonKeyPtr> made;
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Waiting& waiting : group) {
    JALON_ASSIGN_OR_RETURN(const Secret wrapping, MakeEpochKey(waiting.tenant));
    for (const KeyWanted& want : waiting.wanted) {
      std::string row = PersonRow(waiting.tenant, want.person);
      if (!want.create || made.contains(row)) continue;
      JALON_ASSIGN_OR_RETURN(const auto there, store_->Get(row));
      JALON_ASSIGN_OR_RETURN(const auto destroyed,
                             store_->Get(DestroyedRow(waiting.tenant, want.person)));
      if (there || destroyed) continue;
      auto key = std::make_shared<const PersonKey>(NewKey());
      rows.emplace_back(row, Wrap(wrapping, row, *key, clock_.Wall()));
      made.emplace(std::move(row), std::move(key));
    }
  }
  if (rows.empty()) return {};
  JALON_RETURN_IF_ERROR(store_->Write(rows, {}));
  for (const auto& [row, key] : made) cache_.Put(row, key);
  return {};
}

// A file that is gone was that of an epoch that ended meanwhile, or is missing: it is looked for
// under the lock then.
Result<std::optional<Secret>> EmbeddedVault::EpochKeyThere(std::string_view tenant) {
  const std::string row = EpochRow(tenant);
  if (std::optional<Secret> known = few_.Find(row)) return known;
  MutexLock lock(few_mutex_);
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->Get(row));
  const std::optional<uint32_t> number = value ? EpochOf(*value) : std::nullopt;
  if (!number) return std::nullopt;
  JALON_ASSIGN_OR_RETURN(std::optional<Secret> key, epoch_files_.Read(tenant, *number, root_));
  if (key) few_.Put(row, *key);
  return key;
}

Result<std::optional<Secret>> EmbeddedVault::KeyThere(const std::string& row,
                                                      const Secret& wrapping) {
  if (std::optional<Secret> known = few_.Find(row)) return known;
  MutexLock lock(few_mutex_);
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->Get(row));
  auto wrapped = value ? Unwrap(wrapping, row, *value) : std::nullopt;
  if (!wrapped) return std::nullopt;
  few_.Put(row, wrapped->key.secret);
  return std::move(wrapped->key.secret);
}

void EmbeddedVault::PutEpochKey(std::string_view tenant, const Secret& key) {
  MutexLock lock(few_mutex_);
  few_.Put(EpochRow(tenant), key);
}

Result<Secret> EmbeddedVault::MakeEpochKey(std::string_view tenant) {
  const std::string row = EpochRow(tenant);
  if (std::optional<Secret> known = few_.Find(row)) return std::move(*known);
  JALON_ASSIGN_OR_RETURN(Secret key, epochs_.Key(tenant));
  PutEpochKey(tenant, key);
  return key;
}

Result<Secret> EmbeddedVault::MakeOfRow(const std::string& row, const Secret& wrapping) {
  if (std::optional<Secret> known = few_.Find(row)) return std::move(*known);
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->Get(row));
  PersonKey key;
  if (value) {
    auto wrapped = Unwrap(wrapping, row, *value);
    if (!wrapped) return Unreadable("key");
    key = std::move(wrapped->key);
  } else {
    key = NewKey();
    JALON_RETURN_IF_ERROR(store_->Write({{row, Wrap(wrapping, row, key, clock_.Wall())}}, {}));
  }
  few_.Put(row, key.secret);
  return std::move(key.secret);
}

Result<Secret> EmbeddedVault::DayKey(uint32_t day) {
  const std::string row = DayRow(day);
  if (std::optional<Secret> known = few_.Find(row)) return std::move(*known);
  JALON_ASSIGN_OR_RETURN(std::optional<Secret> there, KeyThere(row, root_));
  if (there) {
    JALON_ASSIGN_OR_RETURN(const std::vector<std::string> past, PastRows(day));
    if (past.empty() || !Ready()) return std::move(*there);
  }
  JALON_RETURN_IF_ERROR(Ready());
  MutexLock lock(write_mutex_);
  JALON_ASSIGN_OR_RETURN(Secret key, MakeOfRow(row, root_));
  JALON_RETURN_IF_ERROR(DropPast(day));
  return key;
}

// Days and years before those that are kept when `day` is in use, by their rows. A node whose clock
// is ahead must not take those of today with it; and where the vault's own is ahead for a moment no
// year goes, which nobody could bring back: a day shortly before this one must have been in use.
Result<std::vector<std::string>> EmbeddedVault::PastRows(uint32_t day) {
  const uint32_t today = std::min(day, DayOf(clock_.Wall()));
  if (today < kDayKeysKept) return std::vector<std::string>();
  const uint32_t first_day = today - kDayKeysKept + 1;
  JALON_ASSIGN_OR_RETURN(std::vector<std::string> past, store_->Rows(DayRow(0), DayRow(first_day)));
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> before,
                         store_->Rows(DayRow(first_day), DayRow(today)));
  if (before.empty()) return past;
  // The year that ended may be looked up in as long as its last day is kept.
  const uint32_t first_year = FirstLookupYear(first_day);
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> lookups,
                         store_->Rows(FirstLookupRow(), EndOfLookupRows()));
  for (const std::string& row : lookups) {
    if (YearOfLookup(row) < first_year) past.push_back(row);
  }
  return past;
}

// A day that was not in use: time to destroy those that nothing may use any more.
Result<void> EmbeddedVault::DropPast(uint32_t day) {
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> past, PastRows(day));
  if (past.empty()) return {};
  past_forgotten_ = false;
  const Result<void> removed = store_->Write({}, past);
  {
    MutexLock lock(few_mutex_);  // after the write: none is read any more
    for (const std::string& row : past) few_.Drop(row);
  }
  JALON_RETURN_IF_ERROR(removed);
  return ForgetPast();
}

// Days and years, and little lies between their rows.
Result<void> EmbeddedVault::ForgetPast() {
  if (past_forgotten_) return {};
  JALON_RETURN_IF_ERROR(store_->Forget(DayRow(0), EndOfLookupRows()));
  past_forgotten_ = true;
  return {};
}

Result<Secret> EmbeddedVault::LookupKey(std::string_view tenant, const std::string& row) {
  if (std::optional<Secret> known = few_.Find(row)) return std::move(*known);
  JALON_ASSIGN_OR_RETURN(const std::optional<Secret> wrapping, EpochKeyThere(tenant));
  if (wrapping) {
    JALON_ASSIGN_OR_RETURN(std::optional<Secret> there, KeyThere(row, *wrapping));
    if (there) return std::move(*there);
  }
  JALON_RETURN_IF_ERROR(Ready());
  MutexLock lock(write_mutex_);
  JALON_ASSIGN_OR_RETURN(const Secret key, MakeEpochKey(tenant));
  return MakeOfRow(row, key);
}

Result<std::vector<Secret>> EmbeddedVault::LookupKeys(std::string_view tenant, uint32_t year) {
  const std::string this_year = LookupRow(tenant, year);
  std::vector<Secret> keys;
  JALON_ASSIGN_OR_RETURN(Secret made, LookupKey(tenant, this_year));
  keys.push_back(std::move(made));
  const uint32_t first = year - std::min(year, kLookupYears - 1);
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> kept,
                         store_->Rows(LookupRow(tenant, first), LookupRow(tenant, year + 2)));
  for (const std::string& row : kept) {
    if (row == this_year) continue;
    JALON_ASSIGN_OR_RETURN(Secret other, LookupKey(tenant, row));
    keys.push_back(std::move(other));
  }
  return keys;
}

}  // namespace jalon::eventstore
