#include "eventstore/vault/embedded/root_rotation.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "eventstore/base/durable_file.h"
#include "eventstore/vault/embedded/epoch_keys.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/embedded/root_key.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;

std::string NextOf(const std::string& path) { return path + ".next"; }
std::string PreviousOf(const std::string& path) { return path + ".previous"; }
std::string EpochsIn(const EmbeddedVaultOptions& options) {
  return options.epochs_folder.empty() ? EpochsOf(options.folder) : options.epochs_folder;
}

bool Exists(const std::string& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}

std::unexpected<Error> Unavailable(const std::string& path, const std::error_code& failed) {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              fmt::format("{}: {}; check the disk, then do it again", path, failed.message()));
}

std::unexpected<Error> KeysMissing(const std::string& folder) {
  return Fail(Code::kFailedPrecondition, "KEYS_MISSING",
              folder + " holds no keys: put them back from their backup");
}

// Neither key opens it.
std::unexpected<Error> OfNeither(const std::string& what, const std::string& root_key_path) {
  return Fail(Code::kFailedPrecondition, "ROOT_KEY_WRONG",
              fmt::format("{} opens neither with {} nor with the key that is to replace it: put "
                          "back the root key that made it",
                          what, root_key_path));
}

// What `value` is under the new key; none where it is already.
Result<std::optional<std::string>> Rewrapped(std::string_view place, std::string_view value,
                                             const Secret& from, const Secret& to,
                                             const std::string& root_key_path) {
  if (Unwrap(to, place, value)) return std::nullopt;
  auto wrapped = Unwrap(from, place, value);
  if (!wrapped) return OfNeither("what the root key wraps", root_key_path);
  return Wrap(to, place, wrapped->key, wrapped->made_at);
}

// Of an epoch that has no row nothing is wrapped: a crash left the file, and the epoch's beginning
// replaces it.
Result<void> RewrapEpochs(KeyStore& store, EpochKeys& epochs, const Secret& from, const Secret& to,
                          const std::string& root_key_path) {
  JALON_ASSIGN_OR_RETURN(const auto files, epochs.All());
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> rows, store.Rows("e", "f"));
  for (const std::string& row : rows) {
    const std::string_view tenant = TenantOf(row);
    const auto numbers = files.find(EpochKeys::NameOf(tenant));
    if (numbers == files.end()) continue;
    for (const uint32_t number : numbers->second) {
      const std::string name = fmt::format("{}.{}", numbers->first, number);
      JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, epochs.ReadFile(name));
      if (!value) continue;
      JALON_ASSIGN_OR_RETURN(const auto anew, Rewrapped(EpochKeys::PlaceOf(tenant, number), *value,
                                                        from, to, root_key_path));
      if (anew) JALON_RETURN_IF_ERROR(epochs.KeepFile(name, *anew));
    }
  }
  return {};
}

// In one write. Tenants' keys of an older store too.
Result<void> RewrapRows(KeyStore& store, const Secret& from, const Secret& to,
                        const std::string& root_key_path) {
  std::vector<std::pair<std::string, std::string>> anew;
  for (const auto& [first, end] : {std::pair("d", "e"), std::pair("r", "t")}) {
    JALON_ASSIGN_OR_RETURN(const std::vector<std::string> rows, store.Rows(first, end));
    for (const std::string& row : rows) {
      JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store.Get(row));
      if (!value) continue;
      JALON_ASSIGN_OR_RETURN(auto wrapped, Rewrapped(row, *value, from, to, root_key_path));
      if (wrapped) anew.emplace_back(row, std::move(*wrapped));
    }
  }
  if (!anew.empty()) JALON_RETURN_IF_ERROR(store.Write(anew, {}));
  return store.Forget("d", "t");
}

// Gives the new key the old one's name, and destroys that. Each step may have been done.
Result<void> ChangeNames(const std::string& path, const std::function<void(const char*)>& step) {
  const std::string next = NextOf(path);
  const std::string previous = PreviousOf(path);
  if (Exists(next) && Exists(path)) {
    if (const auto failed = RenameDurably(path, previous)) return Unavailable(path, failed);
    step("old root key put aside");
  }
  if (Exists(next)) {
    if (const auto failed = RenameDurably(next, path)) return Unavailable(next, failed);
    step("new root key in its place");
  }
  if (const auto failed = EraseFileDurably(previous)) return Unavailable(previous, failed);
  step("old root key destroyed");
  return {};
}

}  // namespace

bool IsRootRotationUnfinished(const std::string& root_key_path) {
  return Exists(NextOf(root_key_path)) || Exists(PreviousOf(root_key_path));
}

Result<RootKeys> LoadRootKeys(const std::string& root_key_path) {
  std::optional<Secret> next;
  if (Exists(NextOf(root_key_path))) {
    JALON_ASSIGN_OR_RETURN(next, LoadRootKey(NextOf(root_key_path), false));
    if (!Exists(root_key_path)) return RootKeys{std::move(*next), std::nullopt};
  }
  JALON_ASSIGN_OR_RETURN(Secret root, LoadRootKey(root_key_path, false));
  return RootKeys{std::move(root), std::move(next)};
}

Result<void> RotateRootKey(const EmbeddedVaultOptions& options,
                           const std::function<void(std::string_view step)>& at_step) {
  const std::string& path = options.root_key_path;
  const auto step = [&](const char* name) {
    if (at_step) at_step(name);
  };
  if (!Exists(options.folder)) return KeysMissing(options.folder);
  // A key that was put aside wraps nothing any more, if the other one is there.
  if (Exists(PreviousOf(path)) && (Exists(path) || Exists(NextOf(path)))) {
    return ChangeNames(path, step);
  }
  JALON_ASSIGN_OR_RETURN(const Secret from, LoadRootKey(path, false));
  const auto check = [&](KeyStore& store) -> Result<void> {
    JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store.Get(RootRow()));
    if (!value) return KeysMissing(options.folder);
    if (Unwrap(from, RootRow(), *value)) return {};
    if (Exists(NextOf(path))) {
      JALON_ASSIGN_OR_RETURN(const Secret to, LoadRootKey(NextOf(path), false));
      if (Unwrap(to, RootRow(), *value)) return {};
    }
    return OfNeither(options.folder, path);
  };
  JALON_ASSIGN_OR_RETURN(
      const auto store,
      KeyStore::Open(options.folder, {.witness_path = options.witness_path, .check = check}));
  JALON_ASSIGN_OR_RETURN(const Secret to, LoadRootKey(NextOf(path), true));
  step("new root key made");
  EpochKeys epochs(EpochsIn(options));
  JALON_RETURN_IF_ERROR(RewrapEpochs(*store, epochs, from, to, path));
  step("epochs wrapped anew");
  JALON_RETURN_IF_ERROR(RewrapRows(*store, from, to, path));
  step("rows wrapped anew");
  return ChangeNames(path, step);
}

}  // namespace jalon::eventstore
