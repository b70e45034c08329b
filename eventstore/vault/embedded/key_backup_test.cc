// The copy of the keys that an erasure waits for, and what older ones open afterwards.
#include "eventstore/vault/embedded/key_backup.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "eventstore/vault/embedded/embedded_testing.h"
#include "eventstore/vault/embedded/root_key.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;
using State = KeyFound::State;
using Backup = KeyErasure::Backup;
using testing::kAda;
using testing::kBen;
using testing::kOther;
using testing::kSchool;
using testing::ReadAll;

class KeyBackupTest : public testing::EmbeddedTest {
 protected:
  KeyBackupTest() {
    fs::create_directories(Copies());
    options_.key_backup = Copies();
    Reopen();
  }

  std::string Copies() const { return folder_ + "/copies"; }
  std::string CopyFile() const { return KeyBackupIn(Copies()); }
  Secret Root() const { return *LoadRootKey(folder_ + "/root.key", false); }
  EpochKeys Epochs() const { return EpochKeys(EpochsOf(Keys())); }
  Result<KeyBackupFound> Restore(const std::string& from) {
    vault_.reset();
    fs::remove_all(Keys());
    fs::remove(options_.witness_path);
    return RestoreKeyBackup(from, Keys(), Epochs(), Root(), clock_.Wall());
  }
  void Break(const std::string& path, size_t at) {
    std::string bytes = ReadAll(path);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    std::ofstream(path, std::ios::binary) << bytes;
  }
};

TEST_F(KeyBackupTest, WhatWasCopiedIsRestored) {
  const KeyFound ada = Key(kAda);
  const KeyFound ben = Key(kBen);
  const KeyFound elsewhere = Key(kAda, true, kOther);
  const std::string year(vault_->LookupKeys(kSchool, 2026)->front().View());
  ASSERT_TRUE(vault_->DayKey(20'000));
  const auto made = vault_->BackUp(Copies());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->keys, 4U);
  EXPECT_EQ(made->bytes, ReadAll(CopyFile()).size());
  EXPECT_EQ(*vault_->BackedUpAt(), clock_.Wall());
  EXPECT_EQ(CheckKeyBackup(CopyFile(), Epochs(), Root())->mark.writes, vault_->Mark().writes)
      << "the newest copy is as late as the keys";
  const auto restored = Restore(CopyFile());
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->keys, 4U);
  Reopen();
  EXPECT_EQ(Key(kAda, false).key->secret.View(), ada.key->secret.View());
  EXPECT_EQ(Key(kBen, false).key->secret.View(), ben.key->secret.View());
  EXPECT_EQ(Key(kAda, false, kOther).key->secret.View(), elsewhere.key->secret.View());
  EXPECT_EQ(vault_->LookupKeys(kSchool, 2026)->front().View(), year);
}

TEST_F(KeyBackupTest, NothingThatWrapsIsInTheCopy) {
  Key(kAda);
  const std::string day(vault_->DayKey(20'000)->View());
  ASSERT_TRUE(vault_->BackUp(Copies()));
  const std::string copy = ReadAll(CopyFile());
  const Secret epoch = std::move(**Epochs().Read(kSchool, 1, Root()));
  const Secret root = Root();
  const std::string wrapped = ReadAll(EpochFile(1));
  for (const std::string_view key : {epoch.View(), root.View(), std::string_view(wrapped)}) {
    EXPECT_EQ(copy.find(key), std::string::npos);
  }
  EXPECT_EQ(copy.find(DayRow(20'000)), std::string::npos) << "nor a day's key, under the root key";
  EXPECT_NE(copy.find(PersonRow(kSchool, kAda)), std::string::npos) << "the search finds what is";
}

TEST_F(KeyBackupTest, AnErasureIsCompleteOnceAFreshCopyIsVerified) {
  Key(kAda);
  const KeyFound ben = Key(kBen);
  EXPECT_EQ(vault_->ErasureOf(kSchool, kAda)->backup, Backup::kNotConfigured);
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  const KeyErasure erasure = *vault_->ErasureOf(kSchool, kAda);
  EXPECT_TRUE(erasure.Complete());
  EXPECT_EQ(erasure.backup, Backup::kVerified);
  EXPECT_EQ(erasure.backed_up_at, clock_.Wall());
  const auto restored = Restore(CopyFile());
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->keys, 1U);
  Reopen();
  EXPECT_EQ(Key(kAda).state, State::kDestroyed) << "the copy knows it too";
  EXPECT_EQ(Key(kBen, false).key->secret.View(), ben.key->secret.View());
}

// Every key that wraps and is left is tried on every row that an earlier copy has of the person.
TEST_F(KeyBackupTest, NoEarlierCopyOpensWhatWasErased) {
  const KeyFound ada = Key(kAda);
  Key(kBen);
  std::vector<std::string> earlier;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(vault_->BackUp(Copies()));
    earlier.push_back(folder_ + "/earlier" + std::to_string(i));
    fs::copy_file(CopyFile(), earlier.back());
    ASSERT_TRUE(i > 0 || vault_->RotateTenant(kSchool));
    Key("more-" + std::to_string(100 + i));
  }
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  const std::string row = PersonRow(kSchool, kAda);
  const auto files = *Epochs().All();
  size_t tried = 0;
  for (const std::string& copy : earlier) {
    const std::string bytes = ReadAll(copy);
    const size_t at = bytes.find(row);
    ASSERT_NE(at, std::string::npos) << "the copy still has the bytes";
    const std::string value = bytes.substr(at + row.size() + sizeof(uint32_t), kWrappedBytes);
    EXPECT_FALSE(Unwrap(Root(), row, value));
    for (const auto& [name, numbers] : files) {
      for (const uint32_t number : numbers) {
        const auto key = *Epochs().Read(kSchool, number, Root());
        ASSERT_TRUE(key);
        EXPECT_FALSE(Unwrap(*key, row, value));
        ++tried;
      }
    }
    EXPECT_EQ(bytes.find(ada.key->secret.View()), std::string::npos);
    const auto restored = Restore(copy);
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().reason, "EPOCH_KEY_MISSING");
    EXPECT_FALSE(fs::exists(Keys()));
  }
  EXPECT_EQ(tried, earlier.size());
  ASSERT_TRUE(Restore(CopyFile()));
}

TEST_F(KeyBackupTest, ACopyThatDoesNotVerifyHoldsTheErasureUp) {
  Key(kAda);
  const KeyFound ben = Key(kBen);
  for (const bool damaged : {true, false}) {  // else there is no folder, such as one unmounted
    vault_.reset();
    options_.key_backup = damaged ? Copies() : folder_ + "/none";
    options_.at_step = [&](std::string_view step) {
      if (damaged && step == "copy written") Break(CopyFile() + ".next", 200);
    };
    std::vector<std::string> left;
    options_.on_left = [&](const Error& error) { left.push_back(error.reason); };
    Reopen();
    const auto destroyed = vault_->DestroyPersonKey(kSchool, kAda);
    ASSERT_FALSE(destroyed);
    EXPECT_EQ(destroyed.error().reason, "KEY_BACKUP_FAILED");
    EXPECT_EQ(destroyed.error().code, Code::kUnavailable) << "it is tried again";
    EXPECT_TRUE(fs::exists(EpochFile(1))) << "the older copies are still good";
    EXPECT_TRUE(fs::exists(EpochFile(2)));
    EXPECT_FALSE(fs::exists(CopyFile()));
    EXPECT_EQ(Key(kAda).state, State::kDestroyed) << "but nobody is given the key";
    const KeyErasure erasure = *vault_->ErasureOf(kSchool, kAda);
    EXPECT_EQ(erasure.backup, Backup::kPending);
    EXPECT_FALSE(erasure.Complete());
    left.clear();
    Reopen();
    EXPECT_EQ(left, std::vector<std::string>{"KEY_BACKUP_FAILED"}) << "a start goes on without";
    EXPECT_TRUE(fs::exists(EpochFile(1)));
  }
  vault_.reset();
  options_.key_backup = Copies();
  options_.at_step = nullptr;
  Reopen();  // ends it
  EXPECT_FALSE(fs::exists(EpochFile(1)));
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  EXPECT_TRUE(vault_->ErasureOf(kSchool, kAda)->Complete());
  EXPECT_EQ(Key(kBen, false).key->secret.View(), ben.key->secret.View());
}

TEST_F(KeyBackupTest, WithoutAFolderItSaysSoAndEnds) {
  vault_.reset();
  options_.key_backup.clear();
  Reopen();
  Key(kAda);
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  KeyErasure erasure = *vault_->ErasureOf(kSchool, kAda);
  EXPECT_EQ(erasure.backup, Backup::kNotConfigured);
  EXPECT_TRUE(erasure.Complete());
  ASSERT_TRUE(vault_->BackUp(Copies())) << "by hand";
  erasure = *vault_->ErasureOf(kSchool, kAda);
  EXPECT_EQ(erasure.backup, Backup::kVerified);
}

TEST_F(KeyBackupTest, ACopyFromBeforeAnErasureIsNoneSinceWhateverTheClockSays) {
  vault_.reset();
  options_.key_backup.clear();
  Reopen();
  Key(kAda);
  ASSERT_TRUE(vault_->BackUp(Copies()));
  clock_.Advance(-std::chrono::hours(1));
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(vault_->ErasureOf(kSchool, kAda)->backup, Backup::kNotConfigured);
  clock_.Advance(-std::chrono::hours(1));
  ASSERT_TRUE(vault_->BackUp(Copies()));
  const KeyErasure erasure = *vault_->ErasureOf(kSchool, kAda);
  EXPECT_EQ(erasure.backup, Backup::kVerified);
  EXPECT_LT(erasure.backed_up_at, erasure.destroyed_at) << "by the clock";
}

TEST_F(KeyBackupTest, WhatAnOlderVersionNotedIsComparedByItsTime) {
  Key(kAda);
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  const Micros copied = clock_.Wall();
  for (const int later : {0, 1}) {
    ASSERT_TRUE(vault_->WithoutChanges([&](KeyCopy& keys) {
      KeyMark after = keys.Mark();
      ++after.writes;
      const std::string when = NotedBytes(copied + Micros(later), 0).substr(0, sizeof(uint64_t));
      return keys.Apply({.after = after, .put = {{DestroyedRow(kSchool, kAda), when}}});
    }));
    const KeyErasure erasure = *vault_->ErasureOf(kSchool, kAda);
    EXPECT_EQ(erasure.destroyed_at, copied + Micros(later));
    EXPECT_EQ(erasure.backup == Backup::kVerified, later == 0);
  }
}

TEST_F(KeyBackupTest, ACopyIsItsOwnersOnlyWhateverLiesInItsPlace) {
  Key(kAda);
  const std::string next = CopyFile() + ".next";
  const std::string other = folder_ + "/other";
  const auto mode = [&] { return fs::status(CopyFile()).permissions(); };
  const fs::perms owners = fs::perms::owner_read | fs::perms::owner_write;
  std::ofstream(next) << "left by a crash";
  fs::permissions(next, owners | fs::perms::group_read | fs::perms::others_read);
  ASSERT_TRUE(vault_->BackUp(Copies()));
  EXPECT_EQ(mode(), owners);
  std::ofstream(other) << "somebody's";
  fs::create_symlink(other, next);
  ASSERT_TRUE(vault_->BackUp(Copies()));
  EXPECT_EQ(ReadAll(other), "somebody's");
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(CopyFile())));
  EXPECT_EQ(mode(), owners);
  const std::string before = ReadAll(CopyFile());
  fs::create_directory(next);
  const auto refused = vault_->BackUp(Copies());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "KEY_BACKUP_FAILED");
  EXPECT_EQ(ReadAll(CopyFile()), before);
}

// Each byte of a copy, changed one at a time, and each length that it could be cut to.
TEST_F(KeyBackupTest, EveryByteOfACopyCounts) {
  Key(kAda);
  Key(kBen);
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  const std::string whole = ReadAll(CopyFile());
  const std::string spoilt = folder_ + "/spoilt";
  ASSERT_TRUE(CheckKeyBackup(CopyFile(), Epochs(), Root()));
  const auto refused = [&](const std::string& bytes) {
    std::ofstream(spoilt, std::ios::binary) << bytes;
    return !CheckKeyBackup(spoilt, Epochs(), Root());
  };
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    EXPECT_TRUE(refused(bytes)) << "byte " << at;
    EXPECT_TRUE(refused(whole.substr(0, at))) << "cut to " << at;
  }
  EXPECT_TRUE(refused(whole + '\0'));
  EXPECT_FALSE(refused(whole));
}

TEST_F(KeyBackupTest, ARestoreNeverWritesOverKeys) {
  Key(kAda);
  ASSERT_TRUE(vault_->BackUp(Copies()));
  vault_.reset();
  const auto refused = RestoreKeyBackup(CopyFile(), Keys(), Epochs(), Root(), clock_.Wall());
  EXPECT_EQ(refused.error().reason, "KEYS_PRESENT");
  EXPECT_EQ(Restore(folder_ + "/nowhere").error().reason, "KEY_BACKUP_MISSING");
}

}  // namespace
}  // namespace jalon::eventstore
