#include "eventstore/peer/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace jalon::eventstore {
namespace {

constexpr std::string_view kScheme = "jalon://";
constexpr size_t kNameBytesMax = 63;

constexpr std::array<std::pair<PeerKind, std::string_view>, 3> kKinds = {
    {{PeerKind::kNode, "node"}, {PeerKind::kVault, "vault"}, {PeerKind::kSigner, "signer"}}};

bool IsNameByte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

}  // namespace

std::string_view WordOf(PeerKind kind) {
  for (const auto& [known, word] : kKinds) {
    if (known == kind) return word;
  }
  return "unknown";
}

std::optional<PeerKind> PeerKindNamed(std::string_view word) {
  for (const auto& [kind, known] : kKinds) {
    if (known == word) return kind;
  }
  return std::nullopt;
}

bool IsPeerName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, IsNameByte) &&
         name.front() != '-' && name.back() != '-';
}

std::string PeerIdentity::Uri() const {
  return fmt::format("{}{}/{}", kScheme, WordOf(kind), name);
}

Result<PeerIdentity> ParsePeerUri(std::string_view uri) {
  const auto refused = [] {
    return Fail(Code::kUnauthenticated, "PEER_UNKNOWN",
                "the certificate names no process of a deployment: it needs one URI of the form "
                "jalon://KIND/NAME, as jalon cert issue makes it");
  };
  if (!uri.starts_with(kScheme)) return refused();
  const std::string_view rest = uri.substr(kScheme.size());
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return refused();
  const auto kind = PeerKindNamed(rest.substr(0, slash));
  const std::string_view name = rest.substr(slash + 1);
  if (!kind || !IsPeerName(name)) return refused();
  return PeerIdentity{*kind, std::string(name)};
}

}  // namespace jalon::eventstore
