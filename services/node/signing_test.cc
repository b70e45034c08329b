// Which key a node that is alone on its log takes for the deployment's, from start to start.
#include "services/node/signing.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/signer/key_folder.h"
#include "services/node/node_testing.h"

namespace jalon::node {
namespace {

class SigningTest : public NodeTest {
 protected:
  // Started, until its claim counted, and stopped. The reason why it does not start.
  std::string Served() {
    const auto started = Start();
    if (!started) return started.error().reason;
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!IsServing()) {
      if (std::chrono::steady_clock::now() > patience) return "NOT_SERVING";
      std::this_thread::yield();
    }
    node_.reset();
    return {};
  }
  std::string Folder() const { return SignerIn(config_.data); }
  static std::string ReasonOf(const Result<void>& result) {
    return result ? "" : result.error().reason;
  }
};

TEST_F(SigningTest, AnotherKeySignsOnlyByAnOperatorsWord) {
  ASSERT_EQ(Served(), "");
  const std::string lost = config_.data + "/lost";
  fs::rename(Folder(), lost);
  EXPECT_EQ(Served(), "SIGNER_KEY_LOST");
  ASSERT_TRUE(MakeSignerIn(config_.data));
  EXPECT_EQ(Served(), "SIGNER_KEY_OTHER");
  fs::remove_all(Folder());
  ASSERT_TRUE(ReplaceSignerIn(config_.data));
  EXPECT_TRUE(eventstore::ReadKeyFolder(Folder())->replaces_lost_key);
  EXPECT_EQ(Served(), "");
  // The word was for one claim.
  EXPECT_FALSE(eventstore::ReadKeyFolder(Folder())->replaces_lost_key);
  EXPECT_EQ(Served(), "");
  // It was not lost after all, and comes too late.
  fs::remove_all(Folder());
  fs::rename(lost, Folder());
  EXPECT_EQ(Served(), "SIGNER_KEY_OTHER");
}

TEST_F(SigningTest, AKeyThatTheLastOneVouchesForSigns) {
  ASSERT_EQ(Served(), "");
  const std::string before = config_.data + "/before";
  fs::copy(Folder(), before, fs::copy_options::recursive);
  ASSERT_TRUE(RotateKeyIn(config_.data));
  ASSERT_TRUE(RetireKeyIn(config_.data));
  // Two changes between two starts.
  ASSERT_TRUE(RotateKeyIn(config_.data));
  EXPECT_EQ(Served(), "");
  ASSERT_TRUE(RetireKeyIn(config_.data));
  EXPECT_EQ(Served(), "");
  // A retired key, from its copy.
  fs::remove_all(Folder());
  fs::rename(before, Folder());
  EXPECT_EQ(Served(), "SIGNER_KEY_OTHER");
}

TEST_F(SigningTest, AGenerationIsOpenedOnlyWhereSomethingWasRefused) {
  ASSERT_EQ(Served(), "");
  EXPECT_EQ(ReasonOf(OpenGenerationIn(config_.data)), "NOTHING_REFUSED");
  ASSERT_TRUE(eventstore::RememberRefused(Folder()));
  EXPECT_EQ(ReasonOf(OpenGenerationIn(config_.data)), "");
  EXPECT_EQ(Served(), "");
  // What was refused before the last start is no ground any more.
  ASSERT_TRUE(eventstore::RememberRefused(Folder()));
  EXPECT_EQ(Served(), "");
  EXPECT_EQ(ReasonOf(OpenGenerationIn(config_.data)), "NOTHING_REFUSED");
}

TEST_F(SigningTest, ALogWithoutASystemPartitionHasNoGenerationButTheFirst) {
  fs::create_directories(config_.data);
  ASSERT_TRUE(eventstore::RocksLog::Create(
      LogIn(config_.data),
      {.cluster_id = Bytes(16, 'c'), .log_incarnation = Bytes(16, 'l'), .partition_count = 4}));
  ASSERT_TRUE(MakeSignerIn(config_.data));
  ASSERT_TRUE(eventstore::RememberRefused(Folder()));
  const auto refused = OpenGenerationIn(config_.data);
  EXPECT_EQ(ReasonOf(refused), "UNSUPPORTED");
  EXPECT_NE(refused.error().message.find("jalon log copy"), std::string::npos);
}

}  // namespace
}  // namespace jalon::node
