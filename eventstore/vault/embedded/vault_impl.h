// The embedded vault's class, for its own files: embedded_vault.cc finds and makes keys,
// ending_keys.cc destroys, rotates and copies them, open_vault.cc opens it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/epochs.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/key_cache.h"
#include "eventstore/vault/mirror.h"
#include "eventstore/vault/sweep.h"

namespace jalon::eventstore {

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
  void DropAll() {
    MutexLock lock(mutex_);
    keys_.clear();
  }

 private:
  Mutex mutex_;
  std::map<std::string, Secret> keys_ JALON_GUARDED_BY(mutex_);
};

class EmbeddedVault final : public LocalVault {
 public:
  // Of a vault's options, what it goes on to need.
  struct Parts {
    std::string key_backup = {};
    std::function<void(std::string_view step)> at_step = {};
    std::function<void(const Error&)> on_left = {};
    Mirror* mirror = nullptr;
  };
  EmbeddedVault(std::unique_ptr<KeyStore> store, EpochKeys epochs, Secret root, const Clock& clock,
                Parts parts);
  ~EmbeddedVault() override;

  void PersonKeys(Bytes tenant, std::vector<KeyWanted> wanted, Done done) override;
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

  Result<KeyErasure> ErasureOf(std::string_view tenant, std::string_view person) override
      JALON_EXCLUDES(write_mutex_);
  Result<KeysBackedUp> BackUp(const std::string& folder) override JALON_EXCLUDES(write_mutex_);
  Result<uint32_t> RotateTenant(std::string_view tenant) override JALON_EXCLUDES(write_mutex_);
  Result<Micros> BackedUpAt() override;
  Result<void> WithoutChanges(const std::function<Result<void>(KeyCopy&)>& work) override
      JALON_EXCLUDES(write_mutex_);
  Result<void> Settle() override JALON_EXCLUDES(write_mutex_);

  // Ends what a crash left of an erasure or a rotation. EPOCH_KEY_MISSING.
  Result<void> SettleEpochs() JALON_EXCLUDES(write_mutex_);

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
  // That of the tenant's epoch, if one has begun: waits for nobody who makes keys, so that what is
  // sealed is opened whatever the standby does.
  Result<std::optional<Secret>> EpochKeyThere(std::string_view tenant) JALON_EXCLUDES(few_mutex_);
  // A key by its row, if it is there; the same.
  Result<std::optional<Secret>> KeyThere(const std::string& row, const Secret& wrapping)
      JALON_EXCLUDES(few_mutex_);
  // Of a new epoch.
  void PutEpochKey(std::string_view tenant, const Secret& key) JALON_EXCLUDES(few_mutex_);
  Result<std::vector<std::string>> PastRows(uint32_t day);
  Result<void> DropPast(uint32_t day) JALON_REQUIRES(write_mutex_);
  // The bytes of what was dropped, and what a drop that was cut short left of them.
  Result<void> ForgetPast() JALON_REQUIRES(write_mutex_);
  // Whether keys could be made: before anybody waits for that.
  Result<void> Ready() const {
    return parts_.mirror == nullptr ? Result<void>() : parts_.mirror->Ready();
  }
  Result<Secret> MakeEpochKey(std::string_view tenant) JALON_REQUIRES(write_mutex_);

  Result<KeysBackedUp> BackUpNow(const std::string& folder) JALON_REQUIRES(write_mutex_);
  // Before an epoch's key is destroyed.
  Result<void> BeforeEpochEnds() JALON_REQUIRES(write_mutex_);

  const Parts parts_;
  Mutex write_mutex_;  // one writer at a time: two callers must not make one key twice

  const std::unique_ptr<KeyStore> store_;
  const Secret root_;
  const Clock& clock_;
  const EpochKeys epoch_files_;  // to read only
  Epochs epochs_ JALON_GUARDED_BY(write_mutex_);
  bool past_forgotten_ JALON_GUARDED_BY(write_mutex_) = false;  // no bytes of the past are left
  KeyCache cache_;
  FewKeys few_;  // epochs, days, years
  // From where one of them is read until it is put there, so that none that was replaced is.
  Mutex few_mutex_;

  Mutex queue_mutex_;
  Condition wake_;
  std::vector<Waiting> queue_ JALON_GUARDED_BY(queue_mutex_);
  std::jthread maker_;  // last: it uses everything above
};

}  // namespace jalon::eventstore
