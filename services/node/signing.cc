#include "services/node/signing.h"

#include <fmt/format.h>

#include <utility>

#include "eventstore/signer/rocks/signer_folder.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using eventstore::SignerSeat;
using eventstore::SigningKey;

std::unexpected<Error> SignerLost(const DataFolder& folder) {
  return Fail(Code::kFailedPrecondition, "SIGNER_KEY_LOST",
              fmt::format("{} is not there, but the log has entries: a new key would be another "
                          "signer of their trails. Put the folder back from its copy, key and "
                          "memory together; if it is lost for good, or this log is older than "
                          "signed trails, make one with 'jalon signer init', and tell everybody "
                          "who checks trails its public half",
                          folder.SignerKey()));
}

Result<std::unique_ptr<eventstore::Signer>> OpenSigner(DataFolder& folder, bool written,
                                                       const eventstore::SignerClaims& claims) {
  auto signer = eventstore::OpenSignerFolder(folder.Signer());
  if (!signer && signer.error().code == Code::kNotFound) {
    if (folder.embedded_log() == nullptr) {
      Log(Level::kInfo, "signs no trail: the deployment's signing key is not here",
          {{"key", folder.SignerKey()}});
      return nullptr;
    }
    if (written || claims.Last()) return SignerLost(folder);
    signer = eventstore::MakeSigner(folder.Signer());
    if (signer) {
      Log(Level::kInfo, "made a new key, which signs the trails", {{"key", folder.SignerKey()}});
    }
  }
  if (!signer) return std::unexpected(std::move(signer).error());
  return std::make_unique<eventstore::Signer>(
      std::move(signer->key), std::move(signer->memory),
      [](const Error& error) { LogError("a trail is not what was signed", error); }, &claims);
}

void LogSeat(SignerSeat seat) {
  if (seat == SignerSeat::kHeld) Log(Level::kInfo, "signs the trails: its claim counts");
  if (seat != SignerSeat::kSuperseded) return;
  Log(Level::kWarning,
      "another signer has claimed after this one, which signs no more: start only one with this "
      "key, and this node again if it is to be that one");
}

}  // namespace

Result<std::unique_ptr<Signing>> Signing::Open(DataFolder& folder, bool written,
                                               Placements& placements) {
  JALON_ASSIGN_OR_RETURN(auto signer, OpenSigner(folder, written, placements.claims()));
  return std::unique_ptr<Signing>(new Signing(std::move(signer), placements));
}

void Signing::Begin(Parts parts) {
  if (signer_ == nullptr || !system_) return;
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
      eventstore::SignerClaim{.claimant = {}, .key = signer_->PublicKey()});
}

Result<SigningKey> MakeSignerIn(const std::string& data) {
  JALON_ASSIGN_OR_RETURN(const auto made, eventstore::MakeSigner(SignerIn(data)));
  return made.key;
}

Result<SigningKey> ForgetSignedIn(const std::string& data) {
  JALON_ASSIGN_OR_RETURN(const auto made, eventstore::ForgetSigned(SignerIn(data)));
  return made.key;
}

}  // namespace jalon::node
