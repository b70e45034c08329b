// How keys end: destroyed, swept, wrapped anew; and the copy that is made before older ones are
// noise.
#include <filesystem>
#include <set>

#include "eventstore/vault/embedded/key_backup.h"
#include "eventstore/vault/embedded/stored_copy.h"
#include "eventstore/vault/embedded/vault_impl.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {

namespace {

// Whether a copy has what was written at the end of a key. The clock may have been put back since;
// it is asked where an older version noted nothing else.
bool IsSince(const Noted& copy, const Noted& end) {
  if (copy.writes && end.writes) return *copy.writes >= *end.writes;
  return copy.at >= end.at;
}

}  // namespace

Result<void> EmbeddedVault::DestroyPersonKeys(std::string_view tenant,
                                              std::span<const Bytes> persons) {
  if (persons.size() > kPersonsPerCallMax) return TooManyPersons();
  if (persons.empty()) return {};
  JALON_RETURN_IF_ERROR(Ready());
  MutexLock lock(write_mutex_);
  std::set<Bytes, std::less<>> erased;
  for (const Bytes& person : persons) {
    JALON_ASSIGN_OR_RETURN(const auto before, store_->Get(DestroyedRow(tenant, person)));
    if (!before) erased.insert(person);
  }
  if (!erased.empty()) {
    JALON_ASSIGN_OR_RETURN(const Secret key, epochs_.BeginNext(tenant, erased));
    PutEpochKey(tenant, key);
    for (const Bytes& person : erased) cache_.Drop(PersonRow(tenant, person));
  }
  return epochs_.Settle(tenant);  // also what could not be ended before
}

Result<uint32_t> EmbeddedVault::RotateTenant(std::string_view tenant) {
  JALON_RETURN_IF_ERROR(Ready());
  MutexLock lock(write_mutex_);
  JALON_ASSIGN_OR_RETURN(const uint32_t before, epochs_.Current(tenant));
  if (before == 0) {
    JALON_ASSIGN_OR_RETURN(const auto older, store_->Get(TenantRow(tenant)));
    if (!older) {
      return Fail(Code::kNotFound, "KEYS_UNKNOWN",
                  "this vault has no keys of that school: check its id, or ask the vault that has");
    }
  }
  JALON_ASSIGN_OR_RETURN(const bool goes_on, epochs_.HasEarlier(tenant));
  if (!goes_on) {
    JALON_ASSIGN_OR_RETURN(const Secret key, epochs_.BeginNext(tenant, {}));
    PutEpochKey(tenant, key);
  }
  JALON_RETURN_IF_ERROR(epochs_.Settle(tenant));
  return epochs_.Current(tenant);
}

Result<void> EmbeddedVault::SettleEpochs() {
  MutexLock lock(write_mutex_);
  JALON_RETURN_IF_ERROR(epochs_.SettleAll(parts_.on_left));
  if (!Ready()) return {};  // until Settle, with the standby
  return ForgetPast();
}

Result<void> EmbeddedVault::Settle() {
  Result<void> left;
  MutexLock lock(write_mutex_);
  JALON_RETURN_IF_ERROR(
      epochs_.SettleAll([&](const Error& error) { left = std::unexpected(error); }));
  JALON_RETURN_IF_ERROR(ForgetPast());
  return left;
}

Result<void> EmbeddedVault::WithoutChanges(const std::function<Result<void>(KeyCopy&)>& work) {
  MutexLock lock(write_mutex_);
  StoredCopy keys(*store_, epochs_.keys(), root_);
  const Result<void> worked = work(keys);
  // Whatever came of it, and whatever the mark says: another vault, whose standby this is, may have
  // changed rows and be at as many writes as before.
  MutexLock few(few_mutex_);
  few_.DropAll();
  cache_.DropAll();
  return worked;
}

Result<KeysBackedUp> EmbeddedVault::BackUp(const std::string& folder) {
  MutexLock lock(write_mutex_);
  return BackUpNow(folder);
}

Result<KeysBackedUp> EmbeddedVault::BackUpNow(const std::string& folder) {
  JALON_RETURN_IF_ERROR(epochs_.BeginAll());
  JALON_ASSIGN_OR_RETURN(KeysBackedUp made,
                         BackUpKeys(*store_, epochs_.keys(), root_, folder, parts_.at_step));
  // Not counted: the copy is as late as the store.
  const KeyMark mark = store_->Mark();
  const Result<void> noted =
      store_->WriteAs(mark, {{BackedUpRow(), NotedBytes(clock_.Wall(), mark.writes)}}, {});
  // The copy is there all the same: only that it is waits for the standby.
  if (!noted && noted.error().reason != kStandbyGone) return std::unexpected(noted.error());
  return made;
}

Result<void> EmbeddedVault::BeforeEpochEnds() {
  if (parts_.key_backup.empty()) return {};
  JALON_RETURN_IF_ERROR(BackUpNow(parts_.key_backup));
  return {};
}

Result<Micros> EmbeddedVault::BackedUpAt() {
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->Get(BackedUpRow()));
  return value ? NotedOf(*value).at : Micros{};
}

Result<KeyErasure> EmbeddedVault::ErasureOf(std::string_view tenant, std::string_view person) {
  JALON_ASSIGN_OR_RETURN(const KeyFound found, Find(tenant, person));
  KeyErasure erasure{.key = found.state};
  JALON_ASSIGN_OR_RETURN(const auto backed_up, store_->Get(BackedUpRow()));
  const Noted copy = NotedOf(backed_up.value_or(""));
  erasure.backed_up_at = copy.at;
  if (found.state != KeyFound::State::kDestroyed) return erasure;
  // Without the lock. Who is destroyed was so before the epoch that is found then, or with it.
  JALON_ASSIGN_OR_RETURN(const bool has_earlier, Epochs::HasEarlier(*store_, epoch_files_, tenant));
  erasure.epoch_ended = !has_earlier;
  JALON_ASSIGN_OR_RETURN(const auto destroyed, store_->Get(DestroyedRow(tenant, person)));
  using Backup = KeyErasure::Backup;
  const Noted end = NotedOf(destroyed.value_or(""));
  erasure.destroyed_at = end.at;
  if (destroyed && IsSince(copy, end)) {
    erasure.backup = Backup::kVerified;
  } else if (!parts_.key_backup.empty() && !erasure.epoch_ended) {
    erasure.backup = Backup::kPending;
  }
  return erasure;
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
  JALON_RETURN_IF_ERROR(Ready());
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

}  // namespace jalon::eventstore
