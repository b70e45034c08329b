#include "eventstore/vault/embedded/embedded_vault.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/thread_name.h"
#include "eventstore/vault/embedded/epochs.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/embedded/root_key.h"
#include "eventstore/vault/embedded/wrap.h"
#include "eventstore/vault/key_cache.h"
#include "eventstore/vault/sweep.h"

namespace jalon::eventstore {
namespace {

PersonKey NewKey() {
  return {.id = std::string(Secret::Random().View().substr(0, 8)), .secret = Secret::Random()};
}

std::unexpected<Error> Unreadable(std::string_view what) {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              "a wrapped " + std::string(what) +
                  " does not open: the key store or the root key was changed; restore both from "
                  "their backup");
}

// The keys that are few and needed by every call; never waits for a disk.
class FewKeys {
 public:
  std::optional<Secret> Find(const std::string& row) {
    MutexLock lock(mutex_);
    const auto found = keys_.find(row);
    if (found == keys_.end()) return std::nullopt;
    return found->second.Clone();
  }
  void Put(const std::string& row, const Secret& key) {
    MutexLock lock(mutex_);
    keys_.insert_or_assign(row, key.Clone());
  }
  void Drop(const std::string& row) {
    MutexLock lock(mutex_);
    keys_.erase(row);
  }

 private:
  Mutex mutex_;
  std::map<std::string, Secret> keys_ JALON_GUARDED_BY(mutex_);
};

class EmbeddedVault final : public LocalVault {
 public:
  EmbeddedVault(std::unique_ptr<KeyStore> store, EpochKeys epochs, Secret root, const Clock& clock)
      : store_(std::move(store)),
        root_(std::move(root)),
        clock_(clock),
        epochs_(*store_, std::move(epochs), root_, clock),
        cache_(clock) {
    maker_ = std::jthread([this](const std::stop_token& stop) { MakeKeys(stop); });
  }

  ~EmbeddedVault() override {
    maker_.request_stop();
    {
      MutexLock lock(queue_mutex_);  // it may be about to wait
    }
    wake_.notify_all();
  }

  void PersonKeys(Bytes tenant, std::vector<KeyWanted> wanted, Done done) override {
    std::vector<KeyFound> found;
    bool missing = false;
    for (const KeyWanted& want : wanted) {
      auto key = Find(tenant, want.person);
      if (!key) return done(std::unexpected(std::move(key).error()));
      missing |= want.create && key->state == KeyFound::State::kUnknown;
      found.push_back(std::move(*key));
    }
    if (!missing) return done(std::move(found));
    {
      MutexLock lock(queue_mutex_);
      queue_.push_back({std::move(tenant), std::move(wanted), std::move(done)});
    }
    wake_.notify_one();
  }

  Result<std::vector<KeyFound>> FindPersonKeys(std::string_view tenant,
                                               std::span<const Bytes> persons) override;

  Result<Secret> DayKey(uint32_t day) override;
  Result<std::vector<Secret>> LookupKeys(std::string_view tenant, uint32_t year) override;
  Result<void> DestroyPersonKeys(std::string_view tenant, std::span<const Bytes> persons) override;
  Result<size_t> Sweep(
      Micros made_before,
      const std::function<bool(std::string_view, std::string_view)>& is_named) override {
    return SweepInPages(*this, made_before, is_named);
  }
  KeyMark Mark() override { return store_->Mark(); }
  Result<std::vector<PersonName>> OldKeys(Micros made_before,
                                          const std::optional<PersonName>& after,
                                          size_t max) override;
  Result<size_t> RemoveOldKeys(Micros made_before, const std::vector<PersonName>& persons) override;

  // Ends what a crash left of an erasure. EPOCH_KEY_MISSING.
  Result<void> SettleEpochs() JALON_EXCLUDES(write_mutex_) {
    MutexLock lock(write_mutex_);
    return epochs_.SettleAll();
  }

 private:
  struct Waiting {
    Bytes tenant;
    std::vector<KeyWanted> wanted;
    Done done;
  };

  Result<KeyFound> Find(std::string_view tenant, std::string_view person)
      JALON_EXCLUDES(write_mutex_);
  Result<KeyFound> FindInStore(std::string_view tenant, std::string_view person)
      JALON_REQUIRES(write_mutex_);
  void MakeKeys(const std::stop_token& stop);
  Result<void> MakeGroup(const std::vector<Waiting>& group) JALON_EXCLUDES(write_mutex_);
  // The key of a day or a year by its row, made on first use.
  Result<Secret> MakeOfRow(const std::string& row, const Secret& wrapping)
      JALON_REQUIRES(write_mutex_);
  Result<Secret> LookupKey(std::string_view tenant, const std::string& row)
      JALON_EXCLUDES(write_mutex_);
  // That of the tenant's epoch.
  Result<Secret> EpochKey(std::string_view tenant) JALON_EXCLUDES(write_mutex_);
  Result<Secret> MakeEpochKey(std::string_view tenant) JALON_REQUIRES(write_mutex_);

  Mutex write_mutex_;  // one writer at a time: two callers must not make one key twice

  const std::unique_ptr<KeyStore> store_;
  const Secret root_;
  const Clock& clock_;
  Epochs epochs_ JALON_GUARDED_BY(write_mutex_);
  KeyCache cache_;
  FewKeys few_;  // epochs, days, years

  Mutex queue_mutex_;
  Condition wake_;
  std::vector<Waiting> queue_ JALON_GUARDED_BY(queue_mutex_);
  std::jthread maker_;  // last: it uses everything above
};

Result<KeyFound> EmbeddedVault::Find(std::string_view tenant, std::string_view person) {
  const std::string row = PersonRow(tenant, person);
  if (PersonKeyPtr key = cache_.Find(row)) return KeyFound{KeyFound::State::kFound, std::move(key)};
  const uint64_t drops = cache_.Drops(row);
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->Get(row));
  if (!value) {
    JALON_ASSIGN_OR_RETURN(const auto destroyed, store_->Get(DestroyedRow(tenant, person)));
    return KeyFound{destroyed ? KeyFound::State::kDestroyed : KeyFound::State::kUnknown, nullptr};
  }
  JALON_ASSIGN_OR_RETURN(const Secret wrapping, EpochKey(tenant));
  auto wrapped = Unwrap(wrapping, row, *value);
  if (!wrapped) {  // an epoch may have begun between the two
    MutexLock lock(write_mutex_);
    return FindInStore(tenant, person);
  }
  auto key = std::make_shared<const PersonKey>(std::move(wrapped->key));
  cache_.PutUnlessDropped(row, key, drops);
  return KeyFound{KeyFound::State::kFound, std::move(key)};
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

Result<Secret> EmbeddedVault::EpochKey(std::string_view tenant) {
  if (std::optional<Secret> known = few_.Find(EpochRow(tenant))) return std::move(*known);
  MutexLock lock(write_mutex_);
  return MakeEpochKey(tenant);
}

Result<Secret> EmbeddedVault::MakeEpochKey(std::string_view tenant) {
  const std::string row = EpochRow(tenant);
  if (std::optional<Secret> known = few_.Find(row)) return std::move(*known);
  JALON_ASSIGN_OR_RETURN(Secret key, epochs_.Key(tenant));
  few_.Put(row, key);
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

// Days since the Unix epoch, in UTC.
uint32_t DayOf(Micros wall) {
  return static_cast<uint32_t>(std::chrono::floor<std::chrono::days>(wall).count());
}

Result<Secret> EmbeddedVault::DayKey(uint32_t day) {
  const std::string row = DayRow(day);
  if (std::optional<Secret> known = few_.Find(row)) return std::move(*known);
  MutexLock lock(write_mutex_);
  JALON_ASSIGN_OR_RETURN(Secret key, MakeOfRow(row, root_));
  // A day that was not in use: time to destroy those that nothing may use any more. A node whose
  // clock is ahead must not take those of today with it.
  const uint32_t today = std::min(day, DayOf(clock_.Wall()));
  if (today < kDayKeysKept) return key;
  const std::string first_kept = DayRow(today - kDayKeysKept + 1);
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> old, store_->Rows(DayRow(0), first_kept));
  if (old.empty()) return key;
  for (const std::string& past : old) few_.Drop(past);
  JALON_RETURN_IF_ERROR(store_->Write({}, old));
  JALON_RETURN_IF_ERROR(store_->Forget(DayRow(0), first_kept));
  return key;
}

Result<Secret> EmbeddedVault::LookupKey(std::string_view tenant, const std::string& row) {
  if (std::optional<Secret> known = few_.Find(row)) return std::move(*known);
  MutexLock lock(write_mutex_);
  JALON_ASSIGN_OR_RETURN(const Secret wrapping, MakeEpochKey(tenant));
  return MakeOfRow(row, wrapping);
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

Result<void> EmbeddedVault::DestroyPersonKeys(std::string_view tenant,
                                              std::span<const Bytes> persons) {
  if (persons.size() > kPersonsPerCallMax) return TooManyPersons();
  if (persons.empty()) return {};
  MutexLock lock(write_mutex_);
  std::set<Bytes, std::less<>> erased;
  for (const Bytes& person : persons) {
    JALON_ASSIGN_OR_RETURN(const auto before, store_->Get(DestroyedRow(tenant, person)));
    if (!before) erased.insert(person);
  }
  if (!erased.empty()) {
    JALON_ASSIGN_OR_RETURN(const Secret key, epochs_.Erase(tenant, erased));
    few_.Put(EpochRow(tenant), key);
    for (const Bytes& person : erased) cache_.Drop(PersonRow(tenant, person));
  }
  return epochs_.Settle(tenant);  // also what could not be ended before
}

// Without the lock, so that keys are made meanwhile: those are too new to be looked at.
Result<std::vector<PersonName>> EmbeddedVault::OldKeys(Micros made_before,
                                                       const std::optional<PersonName>& after,
                                                       size_t max) {
  std::vector<PersonName> old;
  JALON_RETURN_IF_ERROR(
      store_->EachPerson(after ? PersonRow(after->tenant, after->person) : std::string(),
                         [&](std::string_view tenant, std::string_view person, std::string_view,
                             std::string_view value) {
                           if (MadeAt(value) < made_before) {
                             old.push_back({Bytes(tenant), Bytes(person)});
                           }
                           return old.size() < max;
                         }));
  return old;
}

Result<size_t> EmbeddedVault::RemoveOldKeys(Micros made_before,
                                            const std::vector<PersonName>& persons) {
  MutexLock lock(write_mutex_);
  std::vector<std::string> rows;
  for (const PersonName& name : persons) {
    std::string row = PersonRow(name.tenant, name.person);
    JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->Get(row));
    if (value && MadeAt(*value) < made_before) rows.push_back(std::move(row));
  }
  if (rows.empty()) return 0;
  JALON_RETURN_IF_ERROR(store_->Write({}, rows));
  for (const std::string& row : rows) cache_.Drop(row);
  return rows.size();
}

// Without the keys what was sealed is lost, and people who are known would get new ones.
std::unexpected<Error> KeysMissing(const std::string& folder) {
  return Fail(Code::kFailedPrecondition, "KEYS_MISSING",
              folder +
                  " does not hold the keys with which the log's personal parts are sealed: "
                  "put it back from its backup");
}

// The row that shows whether the root key is the right one.
Result<void> CheckRootKey(KeyStore& store, const Secret& root,
                          const EmbeddedVaultOptions& options) {
  const std::string row = RootRow();
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store.Get(row));
  if (!value && options.in_use) return KeysMissing(options.folder);
  if (!value || Unwrap(root, row, *value)) return {};
  return Fail(Code::kFailedPrecondition, "ROOT_KEY_WRONG",
              options.root_key_path +
                  " is not the root key of this key store: put back the one that made it");
}

Result<void> MakeRootRow(KeyStore& store, const Secret& root, Micros now) {
  const std::string row = RootRow();
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store.Get(row));
  if (value) return {};
  return store.Write({{row, Wrap(root, row, NewKey(), now)}}, {});
}

}  // namespace

Result<std::unique_ptr<LocalVault>> OpenEmbeddedVault(const EmbeddedVaultOptions& options,
                                                      const Clock& clock) {
  const bool born = !std::filesystem::exists(options.folder);
  if (born && options.in_use) return KeysMissing(options.folder);
  JALON_ASSIGN_OR_RETURN(Secret root, LoadRootKey(options.root_key_path, born));
  const auto check = [&](KeyStore& stored) { return CheckRootKey(stored, root, options); };
  JALON_ASSIGN_OR_RETURN(auto store,
                         KeyStore::Open(options.folder, {.witness_path = options.witness_path,
                                                         .on_failure = options.on_failure,
                                                         .check = check}));
  JALON_RETURN_IF_ERROR(MakeRootRow(*store, root, clock.Wall()));
  EpochKeys epochs(options.epochs_folder.empty() ? EpochsOf(options.folder)
                                                 : options.epochs_folder);
  JALON_RETURN_IF_ERROR(epochs.MakeFolder());
  auto vault =
      std::make_unique<EmbeddedVault>(std::move(store), std::move(epochs), std::move(root), clock);
  JALON_RETURN_IF_ERROR(vault->SettleEpochs());
  return vault;
}

std::unique_ptr<LocalVault> MakeEmbeddedVault(std::unique_ptr<KeyStore> store, EpochKeys epochs,
                                              Secret root, const Clock& clock) {
  return std::make_unique<EmbeddedVault>(std::move(store), std::move(epochs), std::move(root),
                                         clock);
}

}  // namespace jalon::eventstore
