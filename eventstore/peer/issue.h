// Certificates for development and tests: an authority in a folder, and what it signs. A deployment
// may bring certificates of its own authority instead; they need the URI of identity.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/peer/identity.h"

namespace jalon::eventstore {

// What browsers and others accept at most of one certificate.
inline constexpr uint32_t kCertificateDaysMax = 825;
inline constexpr uint32_t kCertificateDaysDefault = 365;
inline constexpr uint32_t kAuthorityDays = 10 * 365;
// Of a peer whose clock is behind.
inline constexpr std::chrono::minutes kClocksApartMax{5};

struct IssueWish {
  std::string authority_folder;  // ca.crt and ca.key; made if it is not there
  std::string folder;            // what certificates.h says; made if it is not there
  PeerIdentity who;
  std::vector<std::string> hosts;
  uint32_t days = kCertificateDaysDefault;
  // Another certificate for the key that is there, in the place of the one that is there: a
  // process that serves takes it without a restart.
  bool renew = false;
};

struct Issued {
  bool authority_made = false;
  Micros expires{};
};

// INVALID_ARGUMENT PEER_NAME_INVALID, HOST_INVALID, CERTIFICATE_DAYS_INVALID; ALREADY_EXISTS
// CERTIFICATE_EXISTS (unless `renew`); FAILED_PRECONDITION AUTHORITY_EXPIRED,
// AUTHORITY_KEY_MISSING, CERTIFICATE_AUTHORITY_OTHER, CERTIFICATE_IS_ANOTHER (renew: of another
// process); INTERNAL CERTIFICATE_NOT_WRITTEN; and those of ReadKeyFile.
// Thread safety: one caller at a time for a folder.
// Durability: what was issued survives a crash; after a crash on the way, the same call ends it.
Result<Issued> IssueCertificate(const IssueWish& wish, const Clock& clock);

}  // namespace jalon::eventstore
