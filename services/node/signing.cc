#include "services/node/signing.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "services/node/disk_space.h"
#include "services/node/files.h"
#include "services/node/json_log.h"
#include "services/node/last_words.h"

namespace jalon::node {
namespace {

using eventstore::SignerParts;
using eventstore::SignerSeat;

std::unexpected<Error> SignerLost(const DataFolder& folder) {
  return Fail(Code::kFailedPrecondition, "SIGNER_KEY_LOST",
              fmt::format("{} is not there, but the log has entries: a new key would be another "
                          "signer of their trails. Put the folder back from its copy, key and "
                          "memory together; if it is lost for good, or this log is older than "
                          "signed trails, make one with 'jalon signer init "
                          "--replaces-lost-key', and tell everybody who checks trails its public "
                          "half",
                          folder.SignerKey()));
}

// None: it holds no key, and is to make none.
Result<std::optional<SignerParts>> OpenParts(DataFolder& folder, bool written, bool only,
                                             const eventstore::SignerClaims& claims) {
  auto signer = eventstore::OpenSignerFolder(folder.Signer());
  if (!signer && signer.error().code == Code::kNotFound && !only) {
    if (folder.embedded_log() == nullptr) {
      Log(Level::kInfo, "signs no trail: the deployment's signing key is not here",
          {{"key", folder.SignerKey()}});
      return std::nullopt;
    }
    if (written || claims.Last()) return SignerLost(folder);
    signer = eventstore::MakeSigner(folder.Signer());
    if (signer) {
      Log(Level::kInfo, "made a new key, which signs the trails", {{"key", folder.SignerKey()}});
    }
  }
  if (!signer) return std::unexpected(std::move(signer).error());
  return *std::move(signer);
}

// A change that the next start makes known: so no server runs.
Result<void> OnStopped(const std::string& data,
                       Result<SignerParts> (*change)(const std::string& folder),
                       Result<void> (*check)(const std::string& data) = nullptr) {
  JALON_RETURN_IF_ERROR(eventstore::LoadSigningKey(eventstore::KeyIn(SignerIn(data))));
  JALON_ASSIGN_OR_RETURN(const auto lock, FileLock::Take(LockIn(data)));
  if (check != nullptr) {
    JALON_RETURN_IF_ERROR(check(data));
  }
  JALON_RETURN_IF_ERROR(change(SignerIn(data)));
  return {};
}

// A shared log is looked at when a node starts on it.
Result<void> HasGenerations(const std::string& data) {
  if (!std::filesystem::exists(LogIn(data))) return {};
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::RocksLog::OpenReadOnly(LogIn(data)));
  if (log->birth().system_partition) return {};
  return Fail(Code::kFailedPrecondition, "UNSUPPORTED",
              "this log was born without a system partition, and so has no generation but the "
              "first: 'jalon log copy' to a new one gives it one");
}

}  // namespace

Result<std::unique_ptr<Signing>> Signing::Open(DataFolder& folder, bool written, bool only,
                                               Placements& placements) {
  eventstore::SignerClaims& claims = placements.claims();
  JALON_ASSIGN_OR_RETURN(auto parts, OpenParts(folder, written, only, claims));
  std::unique_ptr<Signing> signing(new Signing(placements, folder));
  if (!parts) return signing;
  JALON_RETURN_IF_ERROR(signing->CheckKey(*parts));
  JALON_RETURN_IF_ERROR(eventstore::ForgetRefused(folder.Signer()));  // this start meets it anew
  if (claims.Generation() > parts->generation) {
    JALON_RETURN_IF_ERROR(eventstore::RememberGeneration(folder.Signer(), claims.Generation()));
    parts->generation = claims.Generation();
  }
  signing->generation_ = parts->generation;
  signing->rotations_ = std::move(parts->rotations);
  signing->replaces_lost_key_ = parts->replaces_lost_key;
  signing->signer_ = std::make_unique<eventstore::Signer>(
      std::move(parts->keys), std::move(parts->memory),
      [signing = signing.get()](const Error& error) { signing->OnRefused(error); }, &claims);
  return signing;
}

void Signing::OnRefused(const Error& error) const {
  LogError("a trail is not what was signed", error);
  if (is_refused_.test_and_set()) return;
  if (const auto remembered = eventstore::RememberRefused(folder_); !remembered) {
    LogError("that it was refused is not remembered", remembered.error());
  }
}

Result<void> Signing::CheckKey(const SignerParts& parts) const {
  const auto last = claims_.Last();
  if (!last || last->key == parts.keys.now.PublicKey()) return {};
  if (!RotationsFrom(last->key, parts.rotations).empty()) return {};
  if (parts.replaces_lost_key) {
    Log(Level::kWarning,
        "signs with a key that replaces a lost one: whoever checks trails needs the new one");
    return {};
  }
  return Fail(
      Code::kFailedPrecondition, "SIGNER_KEY_OTHER",
      fmt::format("the key in {} is not the one that signs this log, {}, and no note of "
                  "that one leads to it: put back the folder that was there; if that key "
                  "is lost for good, move this one away, make a new one with 'jalon signer "
                  "init --replaces-lost-key', and tell everybody who checks trails its "
                  "public half",
                  folder_,
                  ToHex({reinterpret_cast<const char*>(last->key.data()), last->key.size()})));
}

WantedClaim Signing::Wanted() const {
  if (generation_ > claims_.Generation()) {
    Log(Level::kWarning, "opens another generation: every log is signed under a new name from here",
        {{"generation", uint64_t{generation_}}});
  }
  return {.keys = signer_->keys(),
          .deployment = deployment_,
          .generation = generation_,
          .rotations = rotations_,
          .replaces_lost_key = replaces_lost_key_};
}

void Signing::OnSeat(SignerSeat seat) const {
  if (seat == SignerSeat::kHeld) {
    Log(Level::kInfo, "signs the trails: its claim counts");
    // The word was for this claim, and for no later one.
    if (!replaces_lost_key_) return;
    if (const auto forgotten = eventstore::SayNoKeyWasLost(folder_); !forgotten) {
      LogError("the word that a key was lost stays, and is to be removed", forgotten.error());
    }
  }
  if (seat != SignerSeat::kSuperseded) return;
  Log(Level::kWarning,
      "another signer has claimed after this one, which signs no more: start only one with this "
      "key, and this node again if it is to be that one");
}

void Signing::Begin(Parts parts) {
  if (signer_ == nullptr) return;
  if (!system_) {
    if (generation_ == trail::kFirstGeneration) return;
    return Log(Level::kWarning,
               "this log has no system partition, and so no generation but the first: 'jalon log "
               "copy' to a new one gives it one");
  }
  claiming_ = std::make_unique<Claiming>(
      Claiming::Parts{.sink = parts.sink,
                      .system = *system_,
                      .claims = claims_,
                      .clock = parts.clock,
                      .tell =
                          [this, tell = std::move(parts.tell)](SignerSeat seat) {
                            OnSeat(seat);
                            tell(seat);
                          },
                      .on_fault = std::move(parts.on_fault)},
      Wanted());
}

Result<void> MakeSignerIn(const std::string& data) {
  JALON_RETURN_IF_ERROR(eventstore::MakeSigner(SignerIn(data)));
  return {};
}

Result<void> ReplaceSignerIn(const std::string& data) {
  JALON_RETURN_IF_ERROR(eventstore::MakeSigner(SignerIn(data), true));
  return {};
}

Result<void> ForgetSignedIn(const std::string& data) {
  JALON_RETURN_IF_ERROR(eventstore::ForgetSigned(SignerIn(data)));
  return {};
}

Result<void> RotateKeyIn(const std::string& data) { return OnStopped(data, eventstore::RotateKey); }

Result<void> RetireKeyIn(const std::string& data) { return OnStopped(data, eventstore::RetireKey); }

Result<void> OpenGenerationIn(const std::string& data) {
  return OnStopped(data, eventstore::OpenNextGeneration, HasGenerations);
}

Result<cli::StoreCut> RepairMemoryIn(const std::string& data, bool dry_run) {
  JALON_RETURN_IF_ERROR(eventstore::LoadSigningKey(eventstore::KeyIn(SignerIn(data))));
  JALON_ASSIGN_OR_RETURN(const auto lock, FileLock::Take(LockIn(data)));
  LeaveLastWords(data);
  JALON_RETURN_IF_ERROR(NeedFree(data, kRoomToWork, "to repair"));
  JALON_ASSIGN_OR_RETURN(eventstore::rocks::StoreTail tail,
                         eventstore::RepairMemory(SignerIn(data), dry_run));
  return cli::StoreCut{.bytes = tail.bytes,
                       .has_write = tail.has_write,
                       .damage = std::move(tail.damage),
                       .witness = "",
                       .is_cut = !dry_run};
}

}  // namespace jalon::node
