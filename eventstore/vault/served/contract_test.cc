// The laws of a vault, through real gRPC and mutual TLS.
#include "eventstore/vault/served/served_testing.h"
#include "eventstore/vault/vault_contract.h"

namespace jalon::eventstore::testing {
namespace {

class RemoteFixture final : public VaultFixture {
 public:
  RemoteFixture() { Connect(); }

  Vault& vault() override { return *vault_; }
  ManualClock& clock() override { return clock_; }
  void Reopen() override {
    vault_.reset();
    served_.Stop();
    served_.Serve();
    Connect();
  }

 private:
  void Connect() {
    vault_ = std::move(*OpenRemoteVault(news_.Options(served_.Address(), folders_.In("witness")),
                                        *credentials_, clock_));
    ASSERT_EQ(news_.reachable, 1);
  }

  ManualClock clock_{Micros(std::chrono::hours(24 * 20'000))};
  PeerFolders folders_{"remote"};
  const std::unique_ptr<PeerCredentials> credentials_ =
      std::move(*PeerCredentials::Load(folders_.Issue(PeerKind::kNode, "n1"), SystemClock()));
  ServedVault served_{folders_, clock_};
  VaultNews news_;
  std::unique_ptr<Vault> vault_;
};

INSTANTIATE_TEST_SUITE_P(Remote, VaultContract, ::testing::Values([] {
                           return std::unique_ptr<VaultFixture>(new RemoteFixture);
                         }));

}  // namespace
}  // namespace jalon::eventstore::testing
