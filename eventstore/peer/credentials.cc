#include "eventstore/peer/credentials.h"

#include <fmt/format.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace jalon::eventstore {

using grpc::experimental::FileWatcherCertificateProvider;

PeerCredentials::PeerCredentials(Certificates certificates, std::chrono::seconds read_each)
    : certificates_(std::move(certificates)),
      files_(std::make_shared<FileWatcherCertificateProvider>(
          certificates_.key_path, certificates_.certificate_path, certificates_.authority_path,
          static_cast<unsigned int>(read_each.count()))) {}

Result<std::unique_ptr<PeerCredentials>> PeerCredentials::Load(const std::string& folder,
                                                               const Clock& clock,
                                                               std::chrono::seconds read_each) {
  JALON_ASSIGN_OR_RETURN(Certificates certificates, LoadCertificates(folder, clock));
  return std::unique_ptr<PeerCredentials>(new PeerCredentials(std::move(certificates), read_each));
}

std::shared_ptr<grpc::ServerCredentials> PeerCredentials::ForServer() const {
  grpc::experimental::TlsServerCredentialsOptions options(files_);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> PeerCredentials::ForChannel() const {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(files_);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(true);
  options.set_certificate_verifier(
      std::make_shared<grpc::experimental::HostNameCertificateVerifier>());
  return grpc::experimental::TlsCredentials(options);
}

Result<PeerIdentity> PeerOf(const grpc::AuthContext& context) {
  const std::vector<grpc::string_ref> uris =
      context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME);
  const bool known = context.IsPeerAuthenticated() && uris.size() == 1;
  return ParsePeerUri(known ? std::string_view(uris[0].data(), uris[0].size()) : "");
}

Result<PeerIdentity> AdmitPeer(const grpc::AuthContext& context,
                               std::initializer_list<PeerKind> served) {
  JALON_ASSIGN_OR_RETURN(PeerIdentity peer, PeerOf(context));
  if (std::ranges::find(served, peer.kind) != served.end()) return peer;
  return Fail(Code::kPermissionDenied, "PEER_NOT_SERVED",
              fmt::format("{} is known, but this is not for a process of its kind: call with a "
                          "certificate of the right kind",
                          peer.Uri()));
}

void KeepAlive(grpc::ChannelArguments* arguments) {
  const auto millis = [](std::chrono::milliseconds time) { return static_cast<int>(time.count()); };
  arguments->SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, millis(kPingEach));
  arguments->SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, millis(kPingMax));
  arguments->SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

}  // namespace jalon::eventstore
