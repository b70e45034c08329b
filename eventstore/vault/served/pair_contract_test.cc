// The laws of a vault, of one with a standby; and then of the standby, promoted in its place.
#include "eventstore/vault/served/pair_testing.h"
#include "eventstore/vault/served/served_testing.h"
#include "eventstore/vault/vault_contract.h"

namespace jalon::eventstore::testing {
namespace {

class PairFixture final : public VaultFixture {
 public:
  // `promotes`: each Reopen is the death of the vault, whose standby goes on.
  explicit PairFixture(bool promotes) : promotes_(promotes) {
    vault_half().Serve();  // makes the root key
    vault_half().Stop();
    standby_half().TakeRootKeyOf(vault_half());
    Begin();
  }

  Vault& vault() override { return *node_; }
  ManualClock& clock() override { return clock_; }
  void Reopen() override {
    node_.reset();
    if (promotes_) {
      vault_half().Stop();
      ASSERT_TRUE(standby_half().standby().Promote());
      standby_half().Stop();
      std::swap(vault_at_, standby_at_);
    } else {
      vault_half().Stop();
      standby_half().Stop();
    }
    Begin();
  }

 private:
  VaultHalf& vault_half() { return halves_[vault_at_]; }
  VaultHalf& standby_half() { return halves_[standby_at_]; }
  void Begin() {
    standby_half().StandBy(vault_half().name());
    vault_half().Serve(standby_half().Address());
    vault_half().AwaitInStep();
    node_ = std::move(*OpenRemoteVault(
        news_.Options(vault_half().Address(), folders_.In("witness")), *credentials_, clock_));
    ASSERT_EQ(news_.reachable, 1);
  }

  const bool promotes_;
  ManualClock clock_{Micros(std::chrono::hours(24 * 20'000))};
  PeerFolders folders_{"pair"};
  const std::unique_ptr<PeerCredentials> credentials_ =
      std::move(*PeerCredentials::Load(folders_.Issue(PeerKind::kNode, "n1"), SystemClock()));
  VaultHalf halves_[2] = {{folders_, clock_, "v1"}, {folders_, clock_, "v2"}};
  size_t vault_at_ = 0;
  size_t standby_at_ = 1;
  VaultNews news_;
  std::unique_ptr<Vault> node_;
};

INSTANTIATE_TEST_SUITE_P(Pair, VaultContract, ::testing::Values([] {
                           return std::unique_ptr<VaultFixture>(new PairFixture(false));
                         }));
INSTANTIATE_TEST_SUITE_P(Promoted, VaultContract, ::testing::Values([] {
                           return std::unique_ptr<VaultFixture>(new PairFixture(true));
                         }));

}  // namespace
}  // namespace jalon::eventstore::testing
