// New epochs and a new root key on demand, and the disk as a crash leaves it after each step.
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "eventstore/vault/embedded/embedded_testing.h"
#include "eventstore/vault/embedded/key_backup.h"
#include "eventstore/vault/embedded/root_key.h"
#include "eventstore/vault/embedded/root_rotation.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;
using State = KeyFound::State;
using testing::kAda;
using testing::kBen;
using testing::kOther;
using testing::kSchool;
using testing::ReadAll;

class RotationTest : public testing::EmbeddedTest {
 protected:
  RotationTest() {
    fs::create_directories(folder_ + "/copies");
    fs::remove_all(Crashed());
    fs::create_directories(Crashed());
    options_.key_backup = folder_ + "/copies";
    Reopen();
    ada_ = Key(kAda);
    ben_ = Key(kBen);
    elsewhere_ = Key(kAda, true, kOther);
    year_ = std::string(vault_->LookupKeys(kSchool, 2026)->front().View());
    day_ = std::string(vault_->DayKey(20'000)->View());
  }
  ~RotationTest() override { fs::remove_all(Crashed()); }

  std::string Crashed() const { return folder_ + ".crashed"; }
  // The disk as it is now, as a crash would leave it.
  std::function<void(std::string_view)> KeepEachStep() {
    return [this](std::string_view step) {
      steps_.emplace_back(step);
      fs::copy(folder_, Crashed() + "/" + std::to_string(steps_.size()),
               fs::copy_options::recursive);
    };
  }
  std::string RootLine() const { return ReadAll(folder_ + "/root.key"); }

  void ExpectAllThere() {
    ExpectAllButTheDayThere();
    EXPECT_EQ(vault_->DayKey(20'000)->View(), day_);
  }
  void ExpectAllButTheDayThere() {
    EXPECT_EQ(Key(kAda, false).key->secret.View(), ada_.key->secret.View());
    EXPECT_EQ(Key(kBen, false).key->secret.View(), ben_.key->secret.View());
    EXPECT_EQ(Key(kAda, false, kOther).key->secret.View(), elsewhere_.key->secret.View());
    EXPECT_EQ(vault_->LookupKeys(kSchool, 2026)->front().View(), year_);
  }
  // Opens each crashed disk in turn, in the place of this one, after `before`.
  void AfterEachCrash(
      const std::function<void(const std::string& step)>& expect,
      const std::function<void()>& before = [] {}) {
    vault_.reset();
    const std::string kept = folder_ + ".kept";
    fs::remove_all(kept);
    fs::rename(folder_, kept);
    for (size_t i = 0; i < steps_.size(); ++i) {
      SCOPED_TRACE(steps_[i]);
      fs::rename(Crashed() + "/" + std::to_string(i + 1), folder_);
      before();
      Reopen();
      expect(steps_[i]);
      vault_.reset();
      fs::remove_all(folder_);
    }
    fs::rename(kept, folder_);
    Reopen();
  }

  KeyFound ada_, ben_, elsewhere_;
  std::string year_, day_;
  std::vector<std::string> steps_;
};

TEST_F(RotationTest, ASchoolsKeyIsAnotherAndEverythingOpens) {
  const std::string before = ReadAll(EpochFile(1));
  EXPECT_EQ(*vault_->RotateTenant(kSchool), 2U);
  EXPECT_FALSE(fs::exists(EpochFile(1)));
  EXPECT_TRUE(fs::exists(EpochFile(2)));
  EXPECT_TRUE(fs::exists(EpochFile(1, kOther)));
  for (int start = 0; start < 2; ++start) {
    ExpectAllThere();
    Reopen();
  }
  EXPECT_EQ(*vault_->RotateTenant(kSchool), 3U);
  ExpectAllThere();
  EXPECT_EQ(vault_->RotateTenant("no-such-school-01").error().reason, "KEYS_UNKNOWN");
}

TEST_F(RotationTest, ACrashAtAnyStepOfASchoolsRotationGoesOnOrBack) {
  options_.at_step = KeepEachStep();
  Reopen();
  ASSERT_TRUE(vault_->RotateTenant(kSchool));
  EXPECT_EQ(steps_,
            (std::vector<std::string>{"next epoch's key kept", "keys wrapped anew", "copy written",
                                      "copy verified", "compacted", "epoch ended"}));
  options_.at_step = nullptr;
  AfterEachCrash([&](const std::string& step) {
    ExpectAllThere();
    const bool back = step == "next epoch's key kept";
    EXPECT_EQ(fs::exists(EpochFile(1)), back);
    EXPECT_EQ(fs::exists(EpochFile(2)), !back);
    EXPECT_TRUE(vault_->RotateTenant(kSchool));
    ExpectAllThere();
  });
}

// The same steps, but somebody is erased.
TEST_F(RotationTest, ACrashAtAnyStepOfAnErasureGoesOnOrBack) {
  options_.at_step = KeepEachStep();
  Reopen();
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  options_.at_step = nullptr;
  AfterEachCrash([&](const std::string& step) {
    const bool back = step == "next epoch's key kept";
    EXPECT_EQ(Key(kAda, false).state, back ? State::kFound : State::kDestroyed);
    EXPECT_EQ(vault_->ErasureOf(kSchool, kAda)->Complete(), !back);
    ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
    EXPECT_TRUE(vault_->ErasureOf(kSchool, kAda)->Complete());
    EXPECT_EQ(Key(kBen, false).key->secret.View(), ben_.key->secret.View());
  });
}

TEST_F(RotationTest, TheRootKeyIsAnotherAndEverythingOpens) {
  ASSERT_TRUE(vault_->BackUp(options_.key_backup));
  vault_.reset();
  const std::string before = RootLine();
  const Secret old = *LoadRootKey(folder_ + "/root.key", false);
  const auto rotated = RotateRootKey(options_);
  ASSERT_TRUE(rotated) << rotated.error().message;
  EXPECT_NE(RootLine(), before);
  EXPECT_FALSE(IsRootRotationUnfinished(options_.root_key_path));
  Reopen();
  ExpectAllThere();
  // What the old one opens no more.
  const std::string file = EpochKeys::NameOf(kSchool) + ".1";
  const std::string value = **EpochKeys(EpochsOf(Keys())).ReadFile(file);
  EXPECT_FALSE(Unwrap(old, EpochKeys::PlaceOf(kSchool, 1), value));
  for (const auto& at : fs::recursive_directory_iterator(folder_)) {
    if (!at.is_regular_file()) continue;
    EXPECT_EQ(ReadAll(at.path()).find(before.substr(0, 60)), std::string::npos) << at.path();
  }
  vault_.reset();
  std::ofstream(options_.root_key_path) << before;
  EXPECT_EQ(OpenEmbeddedVault(options_, clock_).error().reason, "ROOT_KEY_WRONG");
}

TEST_F(RotationTest, ACrashAtAnyStepOfARootRotationGoesOn) {
  const std::string before = RootLine();
  vault_.reset();
  ASSERT_TRUE(RotateRootKey(options_, KeepEachStep()));
  EXPECT_EQ(steps_,
            (std::vector<std::string>{"new root key made", "epochs wrapped anew",
                                      "rows wrapped anew", "old root key put aside",
                                      "new root key in its place", "old root key destroyed"}));
  AfterEachCrash([&](const std::string&) {
    ExpectAllThere();
    EXPECT_NE(RootLine(), before);
    EXPECT_FALSE(IsRootRotationUnfinished(options_.root_key_path));
  });
}

// And the keys are lost too.
TEST_F(RotationTest, AfterACrashAtAnyStepOfARootRotationTheCopyIsRestored) {
  ASSERT_TRUE(vault_->BackUp(options_.key_backup));
  vault_.reset();
  ASSERT_TRUE(RotateRootKey(options_, KeepEachStep()));
  const auto restore = [&] {
    fs::remove_all(Keys());
    fs::remove(options_.witness_path);
    const auto roots = LoadRootKeys(options_.root_key_path);
    ASSERT_TRUE(roots) << roots.error().message;
    const auto restored =
        RestoreKeyBackup(KeyBackupIn(options_.key_backup), Keys(), EpochKeys(EpochsOf(Keys())),
                         roots->root, clock_.Wall(), roots->next ? &*roots->next : nullptr);
    ASSERT_TRUE(restored) << restored.error().message;
  };
  const auto expect = [&](const std::string&) {
    ExpectAllButTheDayThere();
    EXPECT_FALSE(IsRootRotationUnfinished(options_.root_key_path));
  };
  AfterEachCrash(expect, restore);
}

TEST_F(RotationTest, ARootRotationNeedsTheKeyThatIsThere) {
  vault_.reset();
  fs::rename(options_.root_key_path, folder_ + "/elsewhere");
  EXPECT_EQ(RotateRootKey(options_).error().reason, "ROOT_KEY_MISSING");
  ASSERT_TRUE(LoadRootKey(options_.root_key_path, true));
  EXPECT_EQ(RotateRootKey(options_).error().reason, "ROOT_KEY_WRONG");
  EXPECT_FALSE(IsRootRotationUnfinished(options_.root_key_path)) << "nothing was begun";
  fs::rename(folder_ + "/elsewhere", options_.root_key_path);
  // The last key that there is, put aside by hand: never destroyed.
  fs::rename(options_.root_key_path, options_.root_key_path + ".previous");
  EXPECT_EQ(RotateRootKey(options_).error().reason, "ROOT_KEY_MISSING");
  fs::rename(options_.root_key_path + ".previous", options_.root_key_path);
  options_.folder = folder_ + "/none";
  EXPECT_EQ(RotateRootKey(options_).error().reason, "KEYS_MISSING");
  options_.folder = Keys();
  Reopen();
  ExpectAllThere();
}

}  // namespace
}  // namespace jalon::eventstore
