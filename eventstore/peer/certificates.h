// The certificates folder of one process:
//
//   ca.crt     the authority that signed every process of the deployment
//   node.crt   this process: its hosts, and who it is as a URI (identity.h)
//   node.key   its private key; nobody else may read it
#pragma once

#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/peer/identity.h"

namespace jalon::eventstore {

struct Certificates {
  std::string authority_path;
  std::string certificate_path;
  std::string key_path;
  PeerIdentity self;
  Micros expires{};
};

// Where they lie in the folder; `self` and `expires` are not filled in.
Certificates CertificatesIn(const std::string& folder);

// One file of a certificates folder. NOT_FOUND CERTIFICATES_MISSING, INTERNAL
// CERTIFICATES_UNREADABLE.
Result<std::string> ReadCertificateFile(const std::string& path);
// The same of a private key: FAILED_PRECONDITION CERTIFICATE_KEY_UNSAFE if others may read it.
Result<std::string> ReadKeyFile(const std::string& path);

// Reads and checks the folder before anything is done with it, so that what is wrong is said at the
// start, in words, and not by every peer. Beside the errors above: DATA_LOSS CERTIFICATE_INVALID,
// FAILED_PRECONDITION CERTIFICATE_KEY_OTHER (of another certificate), CERTIFICATE_AUTHORITY_OTHER,
// CERTIFICATE_EXPIRED, UNAUTHENTICATED PEER_UNKNOWN (it names no process).
// Thread safety: any thread.
Result<Certificates> LoadCertificates(const std::string& folder, const Clock& clock);

}  // namespace jalon::eventstore
