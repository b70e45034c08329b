#include "services/node/stopped_keys.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/key_backup.h"
#include "eventstore/vault/embedded/key_repair.h"
#include "eventstore/vault/embedded/root_rotation.h"
#include "eventstore/vault/key_witness.h"
#include "eventstore/vault/served/standing.h"
#include "services/node/data_folder.h"
#include "services/node/disk_space.h"
#include "services/node/files.h"
#include "services/node/last_words.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;
using eventstore::Standing;

// Only a vault in a process of its own has one.
std::string StandingIn(const std::string& data) { return data + "/standing"; }

std::string RootKeyOf(const cli::KeysPlace& place) {
  return place.root_key.empty() ? place.data + "/root.key" : place.root_key;
}

// It lies with the log where that is embedded.
std::string WitnessOf(const std::string& data) {
  std::error_code failed;
  return KeysWitnessIn(fs::exists(LogIn(data), failed) ? LogIn(data) : data);
}

Result<std::unique_ptr<FileLock>> Take(const std::string& data) {
  std::error_code failed;
  if (!fs::is_directory(data, failed)) {
    return Fail(Code::kNotFound, "NOT_A_DATA_FOLDER",
                fmt::format("{} is not there: give --data the folder of the process that has the "
                            "keys",
                            data));
  }
  return FileLock::Take(LockIn(data));
}

constexpr const char* kPromoteStandby =
    "promote the standby instead ('jalon vault promote' in its folder), and begin this one anew as "
    "its standby, on an empty folder with the root key";

// A standby in step has every key that was given; one that is to be given all again may lack some.
bool HasAllAtStandby(const Standing& standing) {
  return standing.role() == Standing::Role::kServing &&
         standing.standby() == Standing::Standby::kAttached;
}

// What to do where nothing may be cut.
std::string InsteadOfCut(const Standing& standing) {
  if (standing.role() != Standing::Role::kServing) {
    return "begin it anew as a standby, on an empty folder with the root key: it is given every "
           "key";
  }
  if (!HasAllAtStandby(standing)) return eventstore::kRestoreKeys;
  return fmt::format("{}; if the standby is lost too, {}", kPromoteStandby,
                     eventstore::kRestoreKeys);
}

Result<void> CheckWitness(const std::string& witness_path, const eventstore::KeyMark& mark) {
  JALON_ASSIGN_OR_RETURN(const auto witness, eventstore::KeyWitness::Open(witness_path));
  if (witness == nullptr) return {};
  const eventstore::KeyMark& seen = witness->Last();
  if (seen.life == mark.life && seen.writes <= mark.writes) return {};
  return Fail(Code::kFailedPrecondition, "KEYS_OLDER",
              fmt::format("{} saw keys that were written {} times, and the copy {}{}: use the "
                          "newest copy; if it is that, --accept-older: what was sealed with keys "
                          "made since stays closed",
                          witness_path, seen.writes, mark.writes,
                          seen.life == mark.life ? "" : ", of another store"));
}

}  // namespace

Result<cli::KeysRestored> RestoreKeys(const std::string& copy, const cli::KeysPlace& place,
                                      bool accept_older) {
  JALON_ASSIGN_OR_RETURN(const auto lock, Take(place.data));
  LeaveLastWords(place.data);
  JALON_ASSIGN_OR_RETURN(const auto standing, Standing::Open(StandingIn(place.data)));
  const std::string keys = place.data + "/keys";
  const std::string file = eventstore::KeyBackupIn(copy);
  const std::string witness = WitnessOf(place.data);
  JALON_RETURN_IF_ERROR(eventstore::CheckNoKeys(keys));
  JALON_ASSIGN_OR_RETURN(const auto roots, eventstore::LoadRootKeys(RootKeyOf(place)));
  const eventstore::Secret* next_root = roots.next ? &*roots.next : nullptr;
  const eventstore::EpochKeys epochs(eventstore::EpochsOf(keys));
  JALON_ASSIGN_OR_RETURN(const auto found,
                         eventstore::CheckKeyBackup(file, epochs, roots.root, next_root));
  if (!accept_older) JALON_RETURN_IF_ERROR(CheckWitness(witness, found.mark));
  // Before the keys are there, for a crash in between: the copy has no day's key, and may be of as
  // many writes as what the other of a pair has, and not the same.
  JALON_RETURN_IF_ERROR(standing->SetBehind(true));
  JALON_RETURN_IF_ERROR(standing->GiveAgain());
  JALON_RETURN_IF_ERROR(eventstore::RestoreKeyBackup(file, keys, epochs, roots.root,
                                                     SystemClock().Wall(), next_root));
  if (accept_older) {
    if (const std::error_code failed = RemoveDurably(witness)) {
      return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
                  fmt::format("the keys are restored, but {} stays: {}; remove it, or no start "
                              "takes them",
                              witness, failed.message()));
    }
  }
  return cli::KeysRestored{.keys = found.keys, .writes = found.mark.writes};
}

Result<cli::StoreCut> RepairKeys(const std::string& data, bool dry_run, bool although_paired) {
  JALON_ASSIGN_OR_RETURN(const auto lock, Take(data));
  LeaveLastWords(data);
  JALON_RETURN_IF_ERROR(NeedFree(data, kRoomToWork, "to repair"));
  const std::string witness = WitnessOf(data);
  std::error_code unknown;
  const bool is_asked = fs::exists(witness, unknown);
  JALON_ASSIGN_OR_RETURN(const auto standing, Standing::Open(StandingIn(data)));
  const std::string keys = data + "/keys";
  const std::string otherwise = InsteadOfCut(*standing);
  JALON_ASSIGN_OR_RETURN(eventstore::rocks::StoreTail tail,
                         eventstore::RepairKeyStore(keys, witness, true, otherwise));
  // Else every key stays, and nobody has any that is not here.
  if (tail.has_write && HasAllAtStandby(*standing) && !although_paired) {
    return Fail(
        Code::kFailedPrecondition, "VAULT_IS_PAIRED",
        fmt::format("{}: the standby of this vault may have what is damaged, and would be given "
                    "all keys without it; {}. If the standby is lost, --although-paired",
                    tail.damage, kPromoteStandby));
  }
  if (!dry_run) {
    // Before the cut, for a crash in between: what is cut may have been synced, and given out.
    if (tail.has_write) JALON_RETURN_IF_ERROR(standing->SetBehind(true));
    JALON_ASSIGN_OR_RETURN(tail, eventstore::RepairKeyStore(keys, witness, false, otherwise));
  }
  const bool of_standby = standing->role() == Standing::Role::kStandby;
  return cli::StoreCut{.bytes = tail.bytes,
                       .has_write = tail.has_write,
                       .damage = std::move(tail.damage),
                       .witness = is_asked ? witness : "",
                       .is_cut = !dry_run,
                       .of_standby = of_standby};
}

Result<void> RotateRoot(const cli::KeysPlace& place, bool although_paired) {
  JALON_ASSIGN_OR_RETURN(const auto lock, Take(place.data));
  LeaveLastWords(place.data);
  JALON_ASSIGN_OR_RETURN(const auto standing, Standing::Open(StandingIn(place.data)));
  const bool paired = standing->role() == Standing::Role::kStandby ||
                      standing->standby() == Standing::Standby::kAttached ||
                      standing->standby() == Standing::Standby::kReattaching;
  if (paired && !although_paired) {
    return Fail(Code::kFailedPrecondition, "VAULT_IS_PAIRED",
                fmt::format("{} is that of a vault with a standby, or of a standby, and both must "
                            "have one root key: detach the standby first, and begin it anew with "
                            "the new root.key; or --although-paired",
                            place.data));
  }
  return eventstore::RotateRootKey({.folder = place.data + "/keys",
                                    .root_key_path = RootKeyOf(place),
                                    .witness_path = WitnessOf(place.data)});
}

}  // namespace jalon::node
