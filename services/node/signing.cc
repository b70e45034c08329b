#include "services/node/signing.h"

#include <fmt/format.h>

#include <utility>

#include "eventstore/signer/rocks/signer_folder.h"
#include "services/node/files.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using eventstore::SignerParts;
using eventstore::SignerSeat;

std::unexpected<Error> SignerLost(const DataFolder& folder) {
  return Fail(Code::kFailedPrecondition, "SIGNER_KEY_LOST",
              fmt::format("{} is not there, but the log has entries: a new key would be another "
                          "signer of their trails. Put the folder back from its copy, key and "
                          "memory together; if it is lost for good, or this log is older than "
                          "signed trails, make one with 'jalon signer init', and tell everybody "
                          "who checks trails its public half",
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

void LogSeat(SignerSeat seat) {
  if (seat == SignerSeat::kHeld) Log(Level::kInfo, "signs the trails: its claim counts");
  if (seat != SignerSeat::kSuperseded) return;
  Log(Level::kWarning,
      "another signer has claimed after this one, which signs no more: start only one with this "
      "key, and this node again if it is to be that one");
}

// A change that the next start makes known: so no server runs.
Result<void> OnStopped(const std::string& data,
                       Result<SignerParts> (*change)(const std::string& folder)) {
  JALON_RETURN_IF_ERROR(eventstore::LoadSigningKey(eventstore::KeyIn(SignerIn(data))));
  JALON_ASSIGN_OR_RETURN(const auto lock, FileLock::Take(LockIn(data)));
  JALON_RETURN_IF_ERROR(change(SignerIn(data)));
  return {};
}

}  // namespace

Result<std::unique_ptr<Signing>> Signing::Open(DataFolder& folder, bool written, bool only,
                                               Placements& placements) {
  eventstore::SignerClaims& claims = placements.claims();
  JALON_ASSIGN_OR_RETURN(auto parts, OpenParts(folder, written, only, claims));
  std::unique_ptr<Signing> signing(new Signing(placements));
  if (!parts) return signing;
  if (claims.Generation() > parts->generation) {
    JALON_RETURN_IF_ERROR(eventstore::RememberGeneration(folder.Signer(), claims.Generation()));
    parts->generation = claims.Generation();
  }
  signing->generation_ = parts->generation;
  signing->signer_ = std::make_unique<eventstore::Signer>(
      std::move(parts->keys), std::move(parts->memory),
      [](const Error& error) { LogError("a trail is not what was signed", error); }, &claims);
  return signing;
}

eventstore::SignerClaim Signing::Claim() const {
  const eventstore::SigningKeys& keys = signer_->keys();
  eventstore::SignerClaim claim{
      .claimant = {}, .key = keys.now.PublicKey(), .generation = generation_};
  if (keys.before) claim.previous_key = keys.before->PublicKey();
  const auto last = claims_.Last();
  if (last && last->key != claim.key && last->key != claim.previous_key) {
    Log(Level::kWarning,
        "signs with another key than the last signer: whoever checks trails needs the new one");
  }
  if (generation_ > claims_.Generation()) {
    Log(Level::kWarning, "opens another generation: every log is signed under a new name from here",
        {{"generation", uint64_t{generation_}}});
  }
  return claim;
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
                          [tell = std::move(parts.tell)](SignerSeat seat) {
                            LogSeat(seat);
                            tell(seat);
                          },
                      .on_fault = std::move(parts.on_fault)},
      Claim());
}

Result<void> MakeSignerIn(const std::string& data) {
  JALON_RETURN_IF_ERROR(eventstore::MakeSigner(SignerIn(data)));
  return {};
}

Result<void> ForgetSignedIn(const std::string& data) {
  JALON_RETURN_IF_ERROR(eventstore::ForgetSigned(SignerIn(data)));
  return {};
}

Result<void> RotateKeyIn(const std::string& data) { return OnStopped(data, eventstore::RotateKey); }

Result<void> RetireKeyIn(const std::string& data) { return OnStopped(data, eventstore::RetireKey); }

Result<void> OpenGenerationIn(const std::string& data) {
  return OnStopped(data, eventstore::OpenNextGeneration);
}

}  // namespace jalon::node
