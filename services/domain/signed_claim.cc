#include "services/domain/signed_claim.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "eventstore/base/hash.h"
#include "eventstore/trail/rotation.h"

namespace jalon::domain {
namespace {

std::optional<trail::PublicKey> KeyFrom(std::string_view bytes) {
  trail::PublicKey key;
  if (bytes.size() != key.size()) return std::nullopt;
  std::ranges::copy(bytes, key.begin());
  return key;
}

std::string ClaimText(const event::v1::SignerClaimed& claim, std::string_view deployment) {
  const std::string& previous = claim.previous_public_key();
  return fmt::format(
      "jalon signer claim\ndeployment {}\nclaimant {}\nepoch {}\ngeneration {}\nkey {}\n"
      "previous {}\nreplaces-lost-key {}\n",
      ToHex(deployment), ToHex(claim.claimant()), claim.epoch(), claim.generation(),
      ToHex(claim.public_key()), previous.empty() ? "none" : ToHex(previous),
      claim.replaces_lost_key() ? "yes" : "no");
}

}  // namespace

void SignClaim(const trail::SignerKey& key, std::string_view deployment,
               event::v1::SignerClaimed* claim) {
  const trail::PublicKey& half = key.verifier().key;
  claim->set_public_key(half.data(), half.size());
  claim->set_signature(key.Sign(ClaimText(*claim, deployment)));
}

bool IsSigned(const event::v1::SignerClaimed& claim, std::string_view deployment) {
  const auto key = KeyFrom(claim.public_key());
  return key && trail::IsSignature(*key, ClaimText(claim, deployment), claim.signature());
}

bool ComesAfter(std::string_view last_key, const event::v1::SignerClaimed& claim) {
  auto key = KeyFrom(last_key);
  if (!key || claim.rotations_size() > kRotationsMax) return false;
  for (const std::string& note : claim.rotations()) {
    const auto next = trail::OpenRotation(note, *key);
    if (!next) return false;
    key = *next;
  }
  return key == KeyFrom(claim.public_key());
}

std::string PublicationText(const event::v1::LogsPublished& publication,
                            std::string_view deployment) {
  std::string text = fmt::format("jalon publication\ndeployment {}\n", ToHex(deployment));
  for (const type::v1::PublishedLog& log : publication.logs()) {
    fmt::format_to(std::back_inserter(text), "log {} {} {}\n", ToHex(log.origin()), log.size(),
                   ToHex(log.root()));
  }
  return text;
}

bool IsSignedBy(std::string_view key, const event::v1::LogsPublished& publication,
                std::string_view deployment) {
  const auto half = KeyFrom(key);
  return half && trail::IsSignature(*half, PublicationText(publication, deployment),
                                    publication.signature());
}

}  // namespace jalon::domain
