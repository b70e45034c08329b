// Another root key in the place of one: all that it wraps is wrapped anew, then it is destroyed.
//
//   ROOT.next      the new key, made first
//   ROOT           the old one, until everything is under the new one
//   ROOT.previous  the old one, until it is overwritten
//
// In order: the new key is made; the keys of epochs are wrapped by it, a file at a time; the rows
// of the store, in one write; then the files change their names, and the old one is destroyed.
//
// If the process dies in between, the next start of the vault goes on: as long as one of those two
// files is there. The root key lies in no copy of the keys: copies stay as good as they were.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/secret.h"

namespace jalon::eventstore {

// REQUIRES: nobody has the vault open. Errors of OpenEmbeddedVault; after one it is called again.
// `at_step`: for tests; may be empty.
Result<void> RotateRootKey(const EmbeddedVaultOptions& options,
                           const std::function<void(std::string_view step)>& at_step = {});

// Whether one did not end.
bool IsRootRotationUnfinished(const std::string& root_key_path);

// What wraps the keys of epochs, also where one did not end.
struct RootKeys {
  Secret root;                 // the old one; the new one where the old one was put aside
  std::optional<Secret> next;  // the new one, which may wrap epochs already
};
// Errors of LoadRootKey.
Result<RootKeys> LoadRootKeys(const std::string& root_key_path);

}  // namespace jalon::eventstore
