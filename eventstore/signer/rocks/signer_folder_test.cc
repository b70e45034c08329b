#include "eventstore/signer/rocks/signer_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <vector>

#include "eventstore/trail/trail_testing.h"

namespace jalon::eventstore {
namespace {

class SignerFolderTest : public testing::Test {
 protected:
  std::string In(const std::string& name) const { return folder_ + "/" + name; }
  // One that has signed something. Its public key.
  trail::PublicKey MakeOneThatSigned() {
    const auto made = MakeSigner(folder_);
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_TRUE(made->memory->Remember(std::vector{signed_}));
    return made->key.PublicKey();
  }
  std::string ReasonOf(const Result<SignerParts>& opened) {
    return opened ? "" : opened.error().reason;
  }

  trail::TempFolder under_;
  const std::string folder_ = (under_.path() / "data/signer").string();
  const trail::Checkpoint signed_{.origin = "d/s/c/1", .size = 3, .root = Hash{7}};
};

TEST_F(SignerFolderTest, KeyAndMemoryAreMadeTogetherAndOpenedTogether) {
  EXPECT_EQ(ReasonOf(OpenSignerFolder(folder_)), "SIGNER_KEY_MISSING");
  const auto key = MakeOneThatSigned();
  struct stat info{};
  ASSERT_EQ(stat(folder_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  const auto opened = OpenSignerFolder(folder_);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->key.PublicKey(), key);
  EXPECT_EQ(opened->memory->Last("d/s/c/1").value(), signed_);
}

TEST_F(SignerFolderTest, ALostKeyIsNotReplaced) {
  MakeOneThatSigned();
  std::filesystem::remove(In("key"));
  EXPECT_EQ(ReasonOf(OpenSignerFolder(folder_)), "SIGNER_KEY_LOST");
  EXPECT_EQ(ReasonOf(MakeSigner(folder_)), "SIGNER_KEY_LOST");
  EXPECT_FALSE(std::filesystem::exists(In("key")));
}

TEST_F(SignerFolderTest, ALostMemoryIsNotReplaced) {
  const auto key = MakeOneThatSigned();
  std::filesystem::remove_all(In("memory"));
  EXPECT_EQ(ReasonOf(OpenSignerFolder(folder_)), "SIGNER_MEMORY_LOST");
  EXPECT_EQ(ReasonOf(MakeSigner(folder_)), "ALREADY_EXISTS");
  EXPECT_FALSE(std::filesystem::exists(In("memory")));
  // Unless an operator says so.
  const auto forgot = ForgetSigned(folder_);
  ASSERT_TRUE(forgot) << forgot.error().message;
  EXPECT_EQ(forgot->key.PublicKey(), key);
  EXPECT_EQ(forgot->memory->Last("d/s/c/1").value(), std::nullopt);
}

TEST_F(SignerFolderTest, WhatIsRememberedIsNotForgotten) {
  EXPECT_EQ(ReasonOf(ForgetSigned(folder_)), "SIGNER_KEY_MISSING");
  MakeOneThatSigned();
  EXPECT_EQ(ReasonOf(ForgetSigned(folder_)), "ALREADY_EXISTS");
  EXPECT_EQ(OpenSignerFolder(folder_)->memory->Last("d/s/c/1").value(), signed_);
}

// Between the memory and the key, the process died.
TEST_F(SignerFolderTest, WhatWasHalfMadeIsMadeAgain) {
  ASSERT_TRUE(MakeSigner(folder_));
  std::filesystem::remove(In("key"));
  EXPECT_EQ(ReasonOf(OpenSignerFolder(folder_)), "SIGNER_KEY_MISSING");
  std::filesystem::remove_all(In("memory"));
  std::filesystem::create_directory(In("memory"));  // even before its first file
  EXPECT_EQ(ReasonOf(OpenSignerFolder(folder_)), "SIGNER_KEY_MISSING");
  EXPECT_EQ(ReasonOf(MakeSigner(folder_)), "");
  EXPECT_EQ(ReasonOf(OpenSignerFolder(folder_)), "");
}

// An empty folder in its place is no memory that was there.
TEST_F(SignerFolderTest, AMemoryThatIsNoneIsRefused) {
  MakeOneThatSigned();
  std::filesystem::remove_all(In("memory"));
  std::filesystem::create_directory(In("memory"));
  EXPECT_EQ(ReasonOf(OpenSignerFolder(folder_)), "SIGNER_UNAVAILABLE");
}

}  // namespace
}  // namespace jalon::eventstore
