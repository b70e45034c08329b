// Through real gRPC: who gets through, and who is refused before its call is read.
#include "eventstore/peer/credentials.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "eventstore/peer/peer_testing.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace jalon::eventstore {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// Serves nodes only, and says in its error what it thinks of the caller.
class NodesOnly final : public Health::CallbackService {
  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context, const HealthCheckRequest*,
                                  HealthCheckResponse*) override {
    auto* reactor = context->DefaultReactor();
    const auto peer = AdmitPeer(*context->auth_context(), {PeerKind::kNode});
    if (peer) {
      context->AddTrailingMetadata("peer", peer->Uri());
      reactor->Finish(grpc::Status::OK);
    } else {
      reactor->Finish({static_cast<grpc::StatusCode>(peer.error().code), peer.error().reason});
    }
    return reactor;
  }
};

// What a call came to.
struct Outcome {
  grpc::Status status;
  std::string peer;       // as the server saw the client
  PeerIdentity answered;  // as the client saw the server
};

class CredentialsTest : public ::testing::Test {
 protected:
  ~CredentialsTest() override {
    if (server_ != nullptr) server_->Shutdown();
  }

  static std::unique_ptr<PeerCredentials> Load(const std::string& folder, const Clock& clock) {
    auto loaded = PeerCredentials::Load(folder, clock, std::chrono::seconds(1));
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
  }
  std::unique_ptr<PeerCredentials> Load(const std::string& folder) { return Load(folder, clock_); }

  void Serve(const PeerCredentials& credentials) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials.ForServer(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }

  Outcome Call(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
               const std::string& host = "127.0.0.1") const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // each call shakes hands
    const auto stub = Health::NewStub(
        grpc::CreateCustomChannel(host + ":" + std::to_string(port_), credentials, arguments));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    HealthCheckResponse response;
    Outcome outcome;
    outcome.status = stub->Check(&context, {}, &response);
    const auto& metadata = context.GetServerTrailingMetadata();
    if (const auto peer = metadata.find("peer"); peer != metadata.end()) {
      outcome.peer.assign(peer->second.data(), peer->second.size());
    }
    if (outcome.status.ok()) outcome.answered = PeerOf(*context.auth_context()).value();
    return outcome;
  }

  const SystemClock clock_;
  testing::PeerFolders folders_{"credentials"};
  NodesOnly service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

TEST_F(CredentialsTest, BothEndsKnowEachOther) {
  const auto server = Load(folders_.Issue(PeerKind::kVault, "v1"));
  Serve(*server);
  const auto client = Load(folders_.Issue(PeerKind::kNode, "n1"));
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const Outcome outcome = Call(client->ForChannel(), host);
    ASSERT_TRUE(outcome.status.ok()) << outcome.status.error_message();
    EXPECT_EQ(outcome.peer, "jalon://node/n1");
    EXPECT_EQ(outcome.answered, (PeerIdentity{PeerKind::kVault, "v1"}));
  }
}

TEST_F(CredentialsTest, AKindThatIsNotServedIsRefused) {
  const auto server = Load(folders_.Issue(PeerKind::kVault, "v1"));
  Serve(*server);
  const auto client = Load(folders_.Issue(PeerKind::kSigner, "s1"));
  const grpc::Status status = Call(client->ForChannel()).status;
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(status.error_message(), "PEER_NOT_SERVED");
}

TEST_F(CredentialsTest, WhoHasNoCertificateOfThisAuthorityIsRefused) {
  const std::string folder = folders_.Issue(PeerKind::kVault, "v1");
  const auto server = Load(folder);
  Serve(*server);
  // Knows the authority, and shows nothing.
  const auto files =
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(folder + "/ca.crt", 1);
  grpc::experimental::TlsChannelCredentialsOptions none;
  none.set_certificate_provider(files);
  none.watch_root_certs();
  EXPECT_EQ(Call(grpc::experimental::TlsCredentials(none)).status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(grpc::InsecureChannelCredentials()).status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
  // Of another authority; it would believe this server.
  const std::string foreign = folders_.Issue(PeerKind::kNode, "n1", "other");
  const auto believing = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      foreign + "/node.key", foreign + "/node.crt", folder + "/ca.crt", 1);
  grpc::experimental::TlsChannelCredentialsOptions other;
  other.set_certificate_provider(believing);
  other.watch_root_certs();
  other.watch_identity_key_cert_pairs();
  EXPECT_EQ(Call(grpc::experimental::TlsCredentials(other)).status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Call(Load(folders_.Issue(PeerKind::kNode, "n1"))->ForChannel()).status.ok());
}

TEST_F(CredentialsTest, AClientRefusesAServerOfAnotherAuthorityOrHost) {
  const std::string folder = folders_.In("v1");
  testing::PeerFolders::Must({.authority_folder = folders_.In("ca"),
                              .folder = folder,
                              .who = {PeerKind::kVault, "v1"},
                              .hosts = {"127.0.0.1"}},
                             clock_);
  const auto server = Load(folder);
  Serve(*server);
  const auto foreign = Load(folders_.Issue(PeerKind::kNode, "n1", "other"));
  EXPECT_EQ(Call(foreign->ForChannel()).status.error_code(), grpc::StatusCode::UNAVAILABLE);
  const auto client = Load(folders_.Issue(PeerKind::kNode, "n1"));
  EXPECT_EQ(Call(client->ForChannel(), "localhost").status.error_code(),
            grpc::StatusCode::UNAVAILABLE)
      << "its certificate does not name that host, where it is reached all the same";
  EXPECT_TRUE(Call(client->ForChannel()).status.ok());
}

TEST_F(CredentialsTest, AnExpiredCertificateIsRefused) {
  const ManualClock last_year{clock_.Wall() - std::chrono::days(300)};
  const std::string folder = folders_.In("expired");
  IssueWish wish{.authority_folder = folders_.In("ca"),
                 .folder = folder,
                 .who = {PeerKind::kNode, "n1"},
                 .hosts = {"127.0.0.1"},
                 .days = 100};
  testing::PeerFolders::Must(wish, last_year);
  const auto server = Load(folders_.Issue(PeerKind::kVault, "v1"));
  Serve(*server);
  const auto client = Load(folder, ManualClock{clock_.Wall() - std::chrono::days(250)});
  EXPECT_EQ(Call(client->ForChannel()).status.error_code(), grpc::StatusCode::UNAVAILABLE);
  // Renewed on disk, it counts without a restart.
  wish.renew = true;
  testing::PeerFolders::Must(wish, clock_);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  bool served = false;
  while (!served && std::chrono::steady_clock::now() < give_up) {
    served = Call(client->ForChannel()).status.ok();
  }
  EXPECT_TRUE(served);
}

}  // namespace
}  // namespace jalon::eventstore
