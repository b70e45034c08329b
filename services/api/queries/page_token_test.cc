// Page tokens of several nodes that share a vault, each with what it has seen of it.
#include "services/api/queries/page_token.h"

#include <gtest/gtest.h>

#include "services/api/queries/vault_testing.h"

namespace jalon::api {
namespace {

using std::chrono::days;

constexpr uint32_t kToday = 20'000;

class PageTokenTest : public testing::Test {
 protected:
  static std::string ReasonOf(const Result<std::optional<PagePlace>>& opened) {
    if (!opened) return opened.error().reason;
    return *opened ? "" : "none";
  }

  TestVault vault_;
  ManualClock clock_{days(kToday) + std::chrono::hours(12)};
  PageTokens node_{vault_, clock_};
  PageTokens other_{vault_, clock_};
  const PagePlace place_{.list = Sha256("a list"),
                         .log_incarnation = Bytes(16, 'L'),
                         .seq = 7,
                         .after = "the last row"};
};

TEST_F(PageTokenTest, ATokenOfOneNodeIsGoodAtAnother) {
  EXPECT_EQ(**other_.Open(node_.Seal(place_)), place_);
  const PageTokens restarted(vault_, clock_);
  EXPECT_EQ(**restarted.Open(node_.Seal(place_)), place_);
}

TEST_F(PageTokenTest, ATokenOfAnotherDeploymentIsNone) {
  TestVault another;
  const PageTokens theirs(another, clock_);
  EXPECT_EQ(ReasonOf(node_.Open(theirs.Seal(place_))), "none");
}

TEST_F(PageTokenTest, NoByteOfATokenCanBeChanged) {
  const std::string token = node_.Seal(place_);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] ^= 1;
    EXPECT_EQ(ReasonOf(other_.Open(changed)), "none") << i;
    EXPECT_EQ(ReasonOf(other_.Open(token.substr(0, i))), "none") << i;
  }
}

TEST_F(PageTokenTest, TheVaultIsAskedOncePerDay) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(ReasonOf(node_.Open(node_.Seal(place_))), "");
  EXPECT_EQ(vault_.day_keys_asked, 1u);
  clock_.Advance(days(1));
  ASSERT_EQ(ReasonOf(node_.Open(node_.Seal(place_))), "");
  EXPECT_EQ(vault_.day_keys_asked, 2u);
}

TEST_F(PageTokenTest, ATokenIsGoodForAWeek) {
  const std::string token = node_.Seal(place_);
  clock_.Advance(days(kPageTokenDays));
  EXPECT_EQ(ReasonOf(node_.Open(token)), "");
  EXPECT_EQ(ReasonOf(other_.Open(token)), "");
  clock_.Advance(days(1));
  EXPECT_EQ(ReasonOf(node_.Open(token)), "none") << "although it holds the key";
  EXPECT_EQ(ReasonOf(other_.Open(token)), "none");
}

// Or a caller could have the vault make a key of every day there is.
TEST_F(PageTokenTest, TheVaultIsAskedForNoDayThatNoTokenMayName) {
  std::string token = node_.Seal(place_);
  const uint32_t asked = vault_.day_keys_asked;
  for (const uint32_t day : {1U, kToday - kPageTokenDays - 1, kToday + 2, UINT32_MAX}) {
    for (int byte = 0; byte < 4; ++byte) {
      token[1 + byte] = static_cast<char>(day >> (24 - 8 * byte));
    }
    EXPECT_EQ(ReasonOf(node_.Open(token)), "none") << day;
  }
  EXPECT_EQ(vault_.day_keys_asked, asked);
}

TEST_F(PageTokenTest, AClockMayBeALittleAhead) {
  ManualClock ahead(days(kToday + 1));
  const PageTokens early(vault_, ahead);
  EXPECT_EQ(ReasonOf(node_.Open(early.Seal(place_))), "");
}

TEST_F(PageTokenTest, WithTheVaultAwayListsGoOn) {
  const std::string before = node_.Seal(place_);
  vault_.reachable = false;
  EXPECT_EQ(ReasonOf(node_.Open(before)), "");
  clock_.Advance(days(1));
  const std::string after_midnight = node_.Seal(place_);
  EXPECT_EQ(ReasonOf(node_.Open(after_midnight)), "");
  EXPECT_EQ(ReasonOf(other_.Open(after_midnight)), "VAULT_UNAVAILABLE") << "it has seen no key yet";
  vault_.reachable = true;
  EXPECT_EQ(ReasonOf(other_.Open(after_midnight)), "") << "under yesterday's key";
}

TEST_F(PageTokenTest, ANodeThatNeverSawTheVaultHasAKeyOfItsOwn) {
  vault_.reachable = false;
  const std::string token = node_.Seal(place_);
  EXPECT_EQ(**node_.Open(token), place_);
  EXPECT_EQ(ReasonOf(other_.Open(token)), "none");
  vault_.reachable = true;
  EXPECT_EQ(**node_.Open(token), place_) << "the list goes on";
  EXPECT_EQ(ReasonOf(other_.Open(node_.Seal(place_))), "") << "and the next ones are everybody's";
}

TEST_F(PageTokenTest, TheLargestPlaceFits) {
  PagePlace largest = place_;
  largest.after = std::string(160, 'k');  // projections::Key::kBytesMax
  EXPECT_LE(node_.Seal(largest).size(), kPageTokenBytesMax);
}

}  // namespace
}  // namespace jalon::api
