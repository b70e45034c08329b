// Mutual TLS between the processes of one deployment: who is not known to its authority is refused
// before a byte of a call is read, at both ends.
//
// A certificate that is renewed on disk counts for connections made from then on, within
// kCertificatesReadEach; those that are open stay. The key file's mode is checked at the start
// only.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/peer/certificates.h"
#include "eventstore/peer/identity.h"

namespace grpc {
class AuthContext;
class ChannelArguments;
class ChannelCredentials;
class ServerCredentials;
namespace experimental {
class FileWatcherCertificateProvider;
}
}  // namespace grpc

namespace jalon::eventstore {

inline constexpr std::chrono::seconds kCertificatesReadEach{30};

// Thread safety: every call may come from any thread. What it gives may outlive it.
class PeerCredentials {
 public:
  // The errors of LoadCertificates.
  static Result<std::unique_ptr<PeerCredentials>> Load(
      const std::string& folder, const Clock& clock,
      std::chrono::seconds read_each = kCertificatesReadEach);

  const Certificates& certificates() const { return certificates_; }
  // A client without a certificate of the authority is refused.
  std::shared_ptr<grpc::ServerCredentials> ForServer() const;
  // So is a server whose certificate does not name the host that was called.
  std::shared_ptr<grpc::ChannelCredentials> ForChannel() const;

 private:
  PeerCredentials(Certificates certificates, std::chrono::seconds read_each);

  const Certificates certificates_;
  std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider> files_;
};

// Of a channel to a peer: a connection that a firewall dropped in silence is found out within
// kPingEach + kPingMax, and another one made. A PeerServer takes such pings.
inline constexpr std::chrono::seconds kPingEach{10};
inline constexpr std::chrono::seconds kPingMax{5};
void KeepAlive(grpc::ChannelArguments* arguments);

// Who the other end of a call is, by its certificate. Asked for each call and never stored in the
// context, whose properties are those of the connection. UNAUTHENTICATED PEER_UNKNOWN.
Result<PeerIdentity> PeerOf(const grpc::AuthContext& context);
// The same, of these kinds only. PERMISSION_DENIED PEER_NOT_SERVED.
Result<PeerIdentity> AdmitPeer(const grpc::AuthContext& context,
                               std::initializer_list<PeerKind> served);

}  // namespace jalon::eventstore
