// The keys of tenants: each wraps what the key store holds of one tenant, for one epoch. They lie
// outside of the key store, one file each, so that no copy of it holds them: what a copy from
// before an erasure still has of a person opens no more once the epoch's key is destroyed.
//
//   FOLDER/<SHA-256 of the tenant, in hexadecimal>.<number of the epoch>
//
// A file is the key wrapped by the root key (wrap.h), bound to tenant and number.
//
// Example: the first key of the tenant "T" lies in
// e632b7095b0bf32c260fa4c539e9fd7b852d0de454e9be26f24d0d6f91d069d3.1
//
// If the process dies while a key is made, it is there whole or not at all, and nothing was wrapped
// with it; a file NAME.next may be left, which the next start erases. If it dies while one is
// destroyed, the file may still be there: destroyed again.
//
// Thread safety: one thread at a time for one tenant.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/mirror.h"
#include "eventstore/vault/secret.h"

namespace jalon::eventstore {

class EpochKeys {
 public:
  // Looks at nothing yet. What is kept and destroyed is in `mirror` first, which must outlive it;
  // null: none.
  explicit EpochKeys(std::string folder, Mirror* mirror = nullptr)
      : folder_(std::move(folder)), mirror_(mirror) {}
  // Made with the first key otherwise.
  Result<void> MakeFolder() const;
  // Erases what a crash left half written: nothing else would, and the key in it may be that of an
  // epoch that ends later. REQUIRES: none is being kept.
  Result<void> EraseLeft() const;

  // None: there is no such file. UNAVAILABLE VAULT_UNAVAILABLE: it cannot be read, or does not
  // open.
  Result<std::optional<Secret>> Read(std::string_view tenant, uint32_t number,
                                     const Secret& root) const;
  // Durable when it returns. Replaces what a crash left under that number.
  Result<void> Keep(std::string_view tenant, uint32_t number, const Secret& key, const Secret& root,
                    Micros now);
  // Overwritten, then removed, both durably. What a disk keeps of overwritten blocks is beyond it.
  Result<void> Destroy(std::string_view tenant, uint32_t number);

  // The numbers of all files, by what their names begin with (NameOf).
  Result<std::map<std::string, std::vector<uint32_t>>> All() const;
  static std::string NameOf(std::string_view tenant);

  // Files by their names, as they lie on the disk: for a copy of them elsewhere, and a new root
  // key. Read: none if it is not there. INVALID_ARGUMENT VAULT_CALL_INVALID: no file has that name.
  Result<std::vector<std::string>> Names() const;
  Result<std::optional<std::string>> ReadFile(const std::string& name) const;
  Result<void> KeepFile(const std::string& name, std::string_view value);
  Result<void> DestroyFile(const std::string& name);
  // What the key of a file is bound to, by the tenant that its rows name.
  static std::string PlaceOf(std::string_view tenant, uint32_t number);

 private:
  std::string PathOf(std::string_view tenant, uint32_t number) const;

  const std::string folder_;
  Mirror* const mirror_;
};

}  // namespace jalon::eventstore
