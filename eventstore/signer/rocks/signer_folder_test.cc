#include "eventstore/signer/rocks/signer_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/trail/rotation.h"
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
    return made->keys.now.PublicKey();
  }
  std::string ReasonOf(const Result<SignerParts>& opened) {
    return opened ? "" : opened.error().reason;
  }

  std::optional<std::string> NoteNow() const {
    const auto notes = ReadKeyFolder(folder_)->rotations;
    return notes.empty() ? std::nullopt : std::optional(notes.back());
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
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
  EXPECT_EQ(opened->keys.now.PublicKey(), key);
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
  EXPECT_EQ(forgot->keys.now.PublicKey(), key);
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

TEST_F(SignerFolderTest, AKeyIsChangedAndTheOldOneKeptUntilItIsRetired) {
  const auto old_key = MakeOneThatSigned();
  EXPECT_FALSE(NoteNow());
  EXPECT_EQ(ReasonOf(RetireKey(folder_)), "NOT_FOUND");
  const auto rotated = RotateKey(folder_)->keys;
  EXPECT_NE(rotated.now.PublicKey(), old_key);
  {
    const auto opened = OpenSignerFolder(folder_);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->keys.now.PublicKey(), rotated.now.PublicKey());
    ASSERT_TRUE(opened->keys.before);
    EXPECT_EQ(opened->keys.before->PublicKey(), old_key);
    EXPECT_EQ(opened->memory->Last("d/s/c/1").value(), signed_);  // it is held to that
  }
  ASSERT_TRUE(NoteNow());
  EXPECT_EQ(trail::OpenRotation(*NoteNow(), old_key), rotated.now.PublicKey());
  // Two at a time are enough.
  EXPECT_EQ(ReasonOf(RotateKey(folder_)), "ALREADY_EXISTS");
  EXPECT_EQ(ReasonOf(RetireKey(folder_)), "");
  EXPECT_FALSE(std::filesystem::exists(In("previous")));
  EXPECT_FALSE(OpenSignerFolder(folder_)->keys.before);
  EXPECT_TRUE(NoteNow());
  EXPECT_EQ(ReasonOf(RotateKey(folder_)), "");
  // Whoever has the first key gets to the last one.
  const auto notes = ReadKeyFolder(folder_)->rotations;
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(trail::OpenRotation(notes[0], old_key), rotated.now.PublicKey());
  EXPECT_EQ(trail::OpenRotation(notes[1], rotated.now.PublicKey()),
            OpenSignerFolder(folder_)->keys.now.PublicKey());
}

// At each point where the destruction of a key may be cut short.
TEST_F(SignerFolderTest, AKeyThatIsHalfErasedIsNone) {
  MakeOneThatSigned();
  ASSERT_TRUE(RotateKey(folder_));
  const std::string previous = trail::ReadAll(In("previous"));
  ASSERT_TRUE(RetireKey(folder_));
  const auto names = Names();
  for (const std::string& left : {previous, std::string(previous.size(), '\0'), std::string()}) {
    trail::WriteAll(In("previous.erasing"), left);
    const auto opened = OpenSignerFolder(folder_);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_FALSE(opened->keys.before);
    EXPECT_EQ(Names(), names);
  }
}

// At each point where a change may be cut short, the next one goes on with its key: the old key
// never vouches for two.
TEST_F(SignerFolderTest, AChangeGoesOnWithTheSameKey) {
  const auto old_key = MakeOneThatSigned();
  const std::string key = trail::ReadAll(In("key"));
  const auto next = RotateKey(folder_)->keys.now.PublicKey();
  const std::string next_key = trail::ReadAll(In("key"));
  const std::string note = ReadKeyFolder(folder_)->rotations.at(0);
  const std::string note_path =
      In("rotation." + ToHex({reinterpret_cast<const char*>(next.data()), next.size()}));
  const auto is_safe = [](const std::string& path) {
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  };
  for (int done = 0; done < 3; ++done) {  // key.next, previous, the note
    for (const std::string& path : {In("previous"), In("key.next"), note_path}) {
      std::filesystem::remove(path);
    }
    trail::WriteAll(In("key"), key);
    trail::WriteAll(In("key.next"), next_key);
    is_safe(In("key.next"));
    if (done >= 1) {
      trail::WriteAll(In("previous"), key);
      is_safe(In("previous"));
    }
    if (done >= 2) trail::WriteAll(note_path, note);
    {
      const auto opened = OpenSignerFolder(folder_);
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_EQ(opened->keys.now.PublicKey(), old_key);
      EXPECT_FALSE(opened->keys.before);
    }
    const auto rotated = RotateKey(folder_);
    ASSERT_TRUE(rotated) << rotated.error().message;
    EXPECT_EQ(rotated->keys.now.PublicKey(), next) << done;
    EXPECT_EQ(ReadKeyFolder(folder_)->rotations, std::vector{note});
    EXPECT_FALSE(std::filesystem::exists(In("key.next")));
  }
}

// What a crash leaves of a file that was being written is a seed too.
TEST_F(SignerFolderTest, NoSeedStaysBehind) {
  MakeOneThatSigned();
  const auto names = Names();
  for (const char* left : {"key.next.a1B2c3", "previous.next.a1B2c3", "key.next.next.a1B2c3"}) {
    trail::WriteAll(In(left), "a seed");
  }
  ASSERT_TRUE(OpenSignerFolder(folder_));
  EXPECT_EQ(Names(), names);
}

TEST_F(SignerFolderTest, ALostKeyIsReplacedByWord) {
  EXPECT_FALSE(MakeSigner(folder_)->replaces_lost_key);
  EXPECT_FALSE(OpenSignerFolder(folder_)->replaces_lost_key);
  std::filesystem::remove_all(folder_);
  EXPECT_TRUE(MakeSigner(folder_, true)->replaces_lost_key);
  EXPECT_TRUE(OpenSignerFolder(folder_)->replaces_lost_key);
  ASSERT_TRUE(SayNoKeyWasLost(folder_));
  EXPECT_FALSE(OpenSignerFolder(folder_)->replaces_lost_key);
}

// Whenever the change is cut short: the old key signs alone, and the change is made again.
TEST_F(SignerFolderTest, AChangeThatWasCutShortIsMadeAgain) {
  const auto old_key = MakeOneThatSigned();
  std::filesystem::copy_file(In("key"), In("previous"));
  for (const bool next_is_there : {false, true}) {
    if (next_is_there) {
      ASSERT_TRUE(CreateSigningKey(In("key.next"), SigningKey(trail::SeedFrom(9))));
    }
    const auto opened = OpenSignerFolder(folder_);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->keys.now.PublicKey(), old_key);
    EXPECT_FALSE(opened->keys.before);
  }
  const auto rotated = RotateKey(folder_);
  ASSERT_TRUE(rotated) << rotated.error().message;
  EXPECT_EQ(rotated->keys.before->PublicKey(), old_key);
  EXPECT_FALSE(std::filesystem::exists(In("key.next")));
}

TEST_F(SignerFolderTest, AFolderThatIsOpenIsNotChanged) {
  MakeOneThatSigned();
  const auto open = OpenSignerFolder(folder_);
  ASSERT_TRUE(open);
  EXPECT_EQ(ReasonOf(RotateKey(folder_)), "SIGNER_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(OpenNextGeneration(folder_)), "SIGNER_UNAVAILABLE");
}

TEST_F(SignerFolderTest, AGenerationIsRememberedAndOpenedByWord) {
  MakeOneThatSigned();
  EXPECT_EQ(OpenSignerFolder(folder_)->generation, 1u);
  // Only where something was refused, and once for that.
  EXPECT_EQ(ReasonOf(OpenNextGeneration(folder_)), "NOTHING_REFUSED");
  EXPECT_EQ(OpenSignerFolder(folder_)->generation, 1u);
  ASSERT_TRUE(RememberRefused(folder_));
  EXPECT_EQ(OpenNextGeneration(folder_)->generation, 2u);
  EXPECT_EQ(ReasonOf(OpenNextGeneration(folder_)), "NOTHING_REFUSED");
  EXPECT_EQ(OpenSignerFolder(folder_)->generation, 2u);
  ASSERT_TRUE(RememberGeneration(folder_, 6));  // as the log says
  ASSERT_TRUE(RememberRefused(folder_));
  EXPECT_EQ(OpenNextGeneration(folder_)->generation, 7u);
  ASSERT_TRUE(RememberGeneration(folder_, kGenerationMax));
  ASSERT_TRUE(RememberRefused(folder_));
  EXPECT_EQ(ReasonOf(OpenNextGeneration(folder_)), "TOO_MANY_GENERATIONS");
  EXPECT_EQ(OpenSignerFolder(folder_)->generation, kGenerationMax);
  trail::WriteAll(In("generation"), "0\n");
  EXPECT_EQ(ReasonOf(OpenSignerFolder(folder_)), "SIGNER_KEY_INVALID");
}

}  // namespace
}  // namespace jalon::eventstore
