// Certificates and their keys as PEM text: ECDSA on P-256, signed with SHA-256. The one place that
// knows OpenSSL's API for them.
//
// Errors: INTERNAL CERTIFICATE_FAILED if OpenSSL fails, with its words.
// Thread safety: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/peer/identity.h"

namespace jalon::eventstore {

struct Validity {
  Micros from{};
  Micros until{};
};

// What a certificate says. Its signature is not checked.
struct CertificateFacts {
  std::vector<std::string> uris;
  Validity validity;
  bool is_authority = false;
};

// A new private key, in clear. The caller wipes it: WipeText.
Result<std::string> MakePrivateKey();
void WipeText(std::string* text);

// The self-signed certificate of an authority that signs no other authority.
Result<std::string> MakeAuthority(std::string_view key, std::string_view name,
                                  const Validity& validity);

struct CertificateWish {
  PeerIdentity who;
  std::vector<std::string> hosts;  // REQUIRES: each IsHost
  Validity validity;
};
// For both ends of a connection: a process serves peers and calls them with the same one.
Result<std::string> MakeCertificate(std::string_view key, const CertificateWish& wish,
                                    std::string_view authority, std::string_view authority_key);

// A host's name, or an IPv4 or IPv6 address without brackets.
bool IsHost(std::string_view host);

// DATA_LOSS CERTIFICATE_INVALID if it is none.
Result<CertificateFacts> ReadCertificate(std::string_view certificate);
bool IsKeyOf(std::string_view key, std::string_view certificate);
bool IsSignedBy(std::string_view certificate, std::string_view authority);

}  // namespace jalon::eventstore
