#include "eventstore/vault/embedded/epochs.h"

#include <algorithm>
#include <optional>
#include <string>

#include "eventstore/vault/embedded/key_backup.h"
#include "eventstore/vault/embedded/rewrap.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

constexpr uint32_t kFirstEpoch = 1;
constexpr char kEpochLetter = 'e';
constexpr char kOlderLetter = 's';

std::unexpected<Error> Unreadable(const char* what) {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              std::string("a tenant's ") + what +
                  " cannot be read: the key store or the root key was changed; restore both from "
                  "their backup");
}

std::unexpected<Error> KeyMissing() {
  return Fail(Code::kFailedPrecondition, "EPOCH_KEY_MISSING",
              "the key that wraps a school's keys is not there: these keys are a copy from before "
              "an erasure, or their folder of epochs is gone; put back a copy of the keys that is "
              "newer than the last erasure, and the epochs as they were last");
}

}  // namespace

Result<uint32_t> Epochs::Current(KeyStore& store, std::string_view tenant) {
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store.Get(EpochRow(tenant)));
  if (!value) return 0U;
  const std::optional<uint32_t> number = EpochOf(*value);
  if (!number) return Unreadable("epoch");
  return *number;
}

Result<Secret> Epochs::Key(std::string_view tenant) {
  JALON_ASSIGN_OR_RETURN(const uint32_t number, Current(tenant));
  if (number == 0) return BeginFirst(tenant);
  JALON_ASSIGN_OR_RETURN(std::optional<Secret> key, keys_.Read(tenant, number, root_));
  if (!key) return KeyMissing();
  return std::move(*key);
}

// With the tenant's own key where the store is an older one.
Result<Secret> Epochs::BeginFirst(std::string_view tenant) {
  const std::string older = TenantRow(tenant);
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_.Get(older));
  Secret key = Secret::Random();
  std::vector<std::string> gone;
  if (value) {
    auto wrapped = Unwrap(root_, older, *value);
    if (!wrapped) return Unreadable("key");
    key = std::move(wrapped->key.secret);
    gone.push_back(older);
  }
  JALON_RETURN_IF_ERROR(keys_.Keep(tenant, kFirstEpoch, key, root_, clock_.Wall()));
  JALON_RETURN_IF_ERROR(store_.Write({{EpochRow(tenant), EpochBytes(kFirstEpoch)}}, gone));
  if (value) JALON_RETURN_IF_ERROR(store_.Forget(older, older + '\0'));
  return key;
}

Result<void> Epochs::BeginAll() {
  JALON_ASSIGN_OR_RETURN(
      const std::vector<std::string> rows,
      store_.Rows(std::string(1, kOlderLetter), std::string(1, kOlderLetter + 1)));
  for (const std::string& row : rows) JALON_RETURN_IF_ERROR(Key(TenantOf(row)));
  return {};
}

Result<Secret> Epochs::BeginNext(std::string_view tenant,
                                 const std::set<Bytes, std::less<>>& erased) {
  JALON_ASSIGN_OR_RETURN(const Secret from, Key(tenant));
  JALON_ASSIGN_OR_RETURN(const uint32_t current, Current(tenant));
  const uint32_t next = current + 1;
  Secret to = Secret::Random();
  JALON_RETURN_IF_ERROR(keys_.Keep(tenant, next, to, root_, clock_.Wall()));
  Step("next epoch's key kept");
  JALON_ASSIGN_OR_RETURN(
      auto rows, Rewrapped(store_, tenant, from, to,
                           [&](std::string_view person) { return erased.contains(person); }));
  const std::string noted = NotedBytes(clock_.Wall(), store_.Mark().writes + 1);
  std::vector<std::string> gone;
  for (const Bytes& person : erased) {
    rows.emplace_back(DestroyedRow(tenant, person), noted);
    gone.push_back(PersonRow(tenant, person));
  }
  rows.emplace_back(EpochRow(tenant), EpochBytes(next));
  JALON_RETURN_IF_ERROR(store_.Write(rows, gone));
  Step("keys wrapped anew");
  return to;
}

Result<bool> Epochs::HasEarlier(KeyStore& store, const EpochKeys& keys, std::string_view tenant) {
  JALON_ASSIGN_OR_RETURN(const uint32_t current, Current(store, tenant));
  JALON_ASSIGN_OR_RETURN(const auto files, keys.All());
  const auto numbers = files.find(EpochKeys::NameOf(tenant));
  if (numbers == files.end()) return false;
  return std::ranges::any_of(numbers->second, [&](uint32_t number) { return number < current; });
}

Result<void> Epochs::Settle(std::string_view tenant) {
  JALON_ASSIGN_OR_RETURN(const uint32_t current, Current(tenant));
  JALON_ASSIGN_OR_RETURN(const auto files, keys_.All());
  const auto numbers = files.find(EpochKeys::NameOf(tenant));
  if (numbers == files.end()) return KeyMissing();
  return SettleAt(tenant, current, numbers->second);
}

// A later one than the current wrapped nothing: a crash left it.
Result<void> Epochs::SettleAt(std::string_view tenant, uint32_t current,
                              std::vector<uint32_t> numbers) {
  if (std::erase(numbers, current) == 0) return KeyMissing();
  if (numbers.empty()) return {};
  const bool ends_one =
      std::ranges::any_of(numbers, [&](uint32_t number) { return number < current; });
  if (ends_one && hooks_.before_end) JALON_RETURN_IF_ERROR(hooks_.before_end());
  JALON_RETURN_IF_ERROR(ForgetTenant(store_, tenant));
  Step("compacted");
  for (const uint32_t number : numbers) JALON_RETURN_IF_ERROR(keys_.Destroy(tenant, number));
  Step("epoch ended");
  return {};
}

Result<void> Epochs::SettleAll(const std::function<void(const Error&)>& on_left) {
  JALON_ASSIGN_OR_RETURN(const auto files, keys_.All());
  JALON_ASSIGN_OR_RETURN(
      const std::vector<std::string> rows,
      store_.Rows(std::string(1, kEpochLetter), std::string(1, kEpochLetter + 1)));
  for (const std::string& row : rows) {
    const std::string_view tenant = TenantOf(row);
    JALON_ASSIGN_OR_RETURN(const uint32_t current, Current(tenant));
    const auto numbers = files.find(EpochKeys::NameOf(tenant));
    if (numbers == files.end()) return KeyMissing();
    const Result<void> settled = SettleAt(tenant, current, numbers->second);
    if (settled) continue;
    const std::string& reason = settled.error().reason;
    if (reason != kKeyBackupFailed && reason != kStandbyGone) return settled;
    if (on_left) on_left(settled.error());
  }
  return {};
}

}  // namespace jalon::eventstore
