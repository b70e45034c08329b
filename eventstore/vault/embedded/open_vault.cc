#include <filesystem>
#include <optional>
#include <utility>

#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/mirrored_store.h"
#include "eventstore/vault/embedded/root_key.h"
#include "eventstore/vault/embedded/root_rotation.h"
#include "eventstore/vault/embedded/vault_impl.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

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
  if (!born && IsRootRotationUnfinished(options.root_key_path)) {
    JALON_RETURN_IF_ERROR(RotateRootKey(options));
  }
  if (options.standby && !std::filesystem::exists(options.root_key_path)) {
    return Fail(Code::kNotFound, "ROOT_KEY_MISSING",
                options.root_key_path +
                    " is not there: a standby needs the root key of its vault, which no vault "
                    "sends; copy that file from the vault's machine");
  }
  JALON_ASSIGN_OR_RETURN(Secret root, LoadRootKey(options.root_key_path, born && !options.standby));
  const auto check = [&](KeyStore& stored) { return CheckRootKey(stored, root, options); };
  const auto prepare = [&](KeyStore& store) { return MakeRootRow(store, root, clock.Wall()); };
  JALON_ASSIGN_OR_RETURN(auto store,
                         KeyStore::Open(options.folder, {.witness_path = options.witness_path,
                                                         .keeps_life = options.standby,
                                                         .on_failure = options.on_failure,
                                                         .check = check,
                                                         .prepare = prepare}));
  EpochKeys epochs(options.epochs_folder.empty() ? EpochsOf(options.folder) : options.epochs_folder,
                   options.mirror);
  JALON_RETURN_IF_ERROR(epochs.MakeFolder());
  JALON_RETURN_IF_ERROR(epochs.EraseLeft());
  if (options.mirror != nullptr) store = MakeMirroredStore(std::move(store), *options.mirror);
  auto vault = std::make_unique<EmbeddedVault>(
      std::move(store), std::move(epochs), std::move(root), clock,
      EmbeddedVault::Parts{options.key_backup, options.at_step, options.on_left, options.mirror});
  if (!options.standby) JALON_RETURN_IF_ERROR(vault->SettleEpochs());
  return vault;
}

std::unique_ptr<LocalVault> MakeEmbeddedVault(std::unique_ptr<KeyStore> store, EpochKeys epochs,
                                              Secret root, const Clock& clock) {
  return std::make_unique<EmbeddedVault>(std::move(store), std::move(epochs), std::move(root),
                                         clock, EmbeddedVault::Parts{});
}

}  // namespace jalon::eventstore
