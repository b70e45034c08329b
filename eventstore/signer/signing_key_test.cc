#include "eventstore/signer/signing_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "eventstore/trail/trail_testing.h"

namespace jalon::eventstore {
namespace {

class SigningKeyTest : public testing::Test {
 protected:
  std::string ReasonOfLoad() const {
    const auto loaded = LoadSigningKey(path_);
    return loaded ? "" : loaded.error().reason;
  }
  static mode_t ModeOf(const std::filesystem::path& path) {
    struct stat info{};
    EXPECT_EQ(stat(path.c_str(), &info), 0);
    return info.st_mode & 0777;
  }

  trail::TempFolder under_;
  const std::string path_ = (under_.path() / "data/signer/key").string();
};

TEST_F(SigningKeyTest, IsKeptForItsOwnerAlone) {
  EXPECT_EQ(ReasonOfLoad(), "SIGNER_KEY_MISSING");
  const SigningKey key = SigningKey::Random();
  ASSERT_TRUE(CreateSigningKey(path_, key));
  EXPECT_EQ(ModeOf(path_), 0600u);
  EXPECT_EQ(ModeOf(under_.path() / "data/signer"), 0700u);
  EXPECT_EQ(ModeOf(under_.path() / "data"), 0700u);
  const auto loaded = LoadSigningKey(path_);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->VerifierOf("a/b"), key.VerifierOf("a/b"));
  EXPECT_NE(SigningKey::Random().PublicKey(), key.PublicKey());
}

TEST_F(SigningKeyTest, IsNeverWrittenOver) {
  const SigningKey key = SigningKey::Random();
  ASSERT_TRUE(CreateSigningKey(path_, key));
  const auto again = CreateSigningKey(path_, SigningKey::Random());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "ALREADY_EXISTS");
  EXPECT_EQ(LoadSigningKey(path_)->PublicKey(), key.PublicKey());
}

TEST_F(SigningKeyTest, WhatIsNoneOrReadByOthersIsRefused) {
  ASSERT_TRUE(CreateSigningKey(path_, SigningKey::Random()));
  const std::string line = trail::ReadAll(path_);
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  EXPECT_EQ(ReasonOfLoad(), "SIGNER_KEY_UNSAFE");
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  for (const std::string& wrong :
       {std::string(), std::string("jalon-root-key-1:") + line.substr(20), line.substr(0, 40),
        line + "00", line + "\n", line.substr(0, 30) + "g" + line.substr(31),
        line + std::string(300, '\n')}) {
    trail::WriteAll(path_, wrong);
    EXPECT_EQ(ReasonOfLoad(), "SIGNER_KEY_INVALID") << wrong.size();
  }
  trail::WriteAll(path_, line);
  EXPECT_EQ(ReasonOfLoad(), "");
}

// A pipe would be waited on for ever, a folder read in vain.
TEST_F(SigningKeyTest, WhatIsNoFileIsNoKey) {
  ASSERT_TRUE(std::filesystem::create_directories(under_.path() / "data/signer"));
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(ReasonOfLoad(), "SIGNER_KEY_INVALID");
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_EQ(ReasonOfLoad(), "SIGNER_KEY_INVALID");
}

TEST_F(SigningKeyTest, TheFileIsTheSeedInHexadecimal) {
  ASSERT_TRUE(CreateSigningKey(path_, SigningKey(trail::SeedFrom(7))));
  EXPECT_EQ(trail::ReadAll(path_),
            "jalon-signing-key-1:0708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526"
            "\n");
  EXPECT_EQ(LoadSigningKey(path_)->PublicKey(), SigningKey(trail::SeedFrom(7)).PublicKey());
}

}  // namespace
}  // namespace jalon::eventstore
