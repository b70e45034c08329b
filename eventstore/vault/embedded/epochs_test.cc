// What an erasure leaves on disk, and in copies from before it.
#include "eventstore/vault/embedded/epochs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/root_key.h"
#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;
using State = KeyFound::State;

const Bytes kSchool = "school-0123456789";
const Bytes kOther = "another-school-01";
const Bytes kAda = "ada-0001";
const Bytes kBen = "ben-0001";

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class EpochsTest : public ::testing::Test {
 protected:
  EpochsTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "/epochs_" + info->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Reopen();
  }
  ~EpochsTest() override {
    vault_.reset();
    fs::remove_all(folder_);
  }

  std::string Keys() const { return folder_ + "/keys"; }
  std::string EpochFile(uint32_t number, const Bytes& tenant = kSchool) const {
    return EpochsOf(Keys()) + "/" + EpochKeys::NameOf(tenant) + "." + std::to_string(number);
  }
  Result<std::unique_ptr<LocalVault>> OpenAt(const std::string& keys) {
    return OpenEmbeddedVault(
        {.folder = keys, .root_key_path = folder_ + "/root.key", .epochs_folder = EpochsOf(Keys())},
        clock_);
  }
  void Reopen() {
    vault_.reset();
    auto opened = OpenAt(Keys());
    ASSERT_TRUE(opened) << opened.error().message;
    vault_ = std::move(*opened);
  }
  KeyFound Key(const Bytes& person, bool create = true, const Bytes& tenant = kSchool) {
    std::promise<KeyFound> promise;
    vault_->PersonKeys(tenant, {{person, create}}, [&](const auto& keys) {
      EXPECT_TRUE(keys);
      promise.set_value(keys ? keys->front() : KeyFound{});
    });
    return promise.get_future().get();
  }
  void Copy(const std::string& from, const std::string& to) {
    fs::remove_all(folder_ + to);
    fs::copy(folder_ + from, folder_ + to, fs::copy_options::recursive);
  }
  // Every byte of every file that is there now, copies left out.
  std::string LiveBytes() {
    std::string all;
    for (const char* part : {"/keys", "/keys.epochs"}) {
      for (const auto& file : fs::recursive_directory_iterator(folder_ + part)) {
        if (file.is_regular_file()) all += ReadAll(file.path());
      }
    }
    return all;
  }

  ManualClock clock_{Micros(std::chrono::hours(24 * 20'000))};
  std::string folder_;
  std::unique_ptr<LocalVault> vault_;
};

TEST_F(EpochsTest, NoLiveFileHoldsWhatWasErasedNorTheEpochsKey) {
  const KeyFound ada = Key(kAda);
  const KeyFound ben = Key(kBen);
  const std::string epoch = ReadAll(EpochFile(1));
  ASSERT_EQ(epoch.size(), kWrappedBytes);
  const Secret root = *LoadRootKey(folder_ + "/root.key", false);
  const Secret epoch_key = std::move(**EpochKeys(EpochsOf(Keys())).Read(kSchool, 1, root));
  for (const std::string_view there : {std::string_view(ada.key->id), std::string_view(epoch)}) {
    ASSERT_NE(LiveBytes().find(there), std::string::npos) << "the search finds what is there";
  }

  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  const std::string after = LiveBytes();
  for (const std::string_view gone : {std::string_view(ada.key->id), ada.key->secret.View(),
                                      std::string_view(epoch), epoch_key.View()}) {
    EXPECT_EQ(after.find(gone), std::string::npos);
  }
  EXPECT_FALSE(fs::exists(EpochFile(1)));
  EXPECT_TRUE(fs::exists(EpochFile(2)));
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(Key(kAda).state, State::kDestroyed);
    EXPECT_EQ(Key(kBen, false).key->secret.View(), ben.key->secret.View());
    Reopen();
  }
}

TEST_F(EpochsTest, ACopyFromBeforeOpensNothingOfThePerson) {
  Key(kAda);
  Key(kBen);
  vault_.reset();
  Copy("/keys", "/copy");
  Reopen();
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  const auto refused = OpenAt(folder_ + "/copy");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "EPOCH_KEY_MISSING");

  // Nor by hand, with every key that wraps and is left.
  const auto store = *KeyStore::Open(folder_ + "/copy");
  const std::string row = PersonRow(kSchool, kAda);
  const std::optional<std::string> value = *store->Get(row);
  ASSERT_TRUE(value) << "the copy still has the bytes";
  const Secret root = *LoadRootKey(folder_ + "/root.key", false);
  EXPECT_FALSE(Unwrap(root, row, *value));
  const EpochKeys epochs(EpochsOf(Keys()));
  const auto files = *epochs.All();
  for (const uint32_t number : files.at(EpochKeys::NameOf(kSchool))) {
    EXPECT_FALSE(Unwrap(**epochs.Read(kSchool, number, root), row, *value)) << number;
  }
}

TEST_F(EpochsTest, AnErasureOfManyBeginsOneEpochAndOtherSchoolsKeepTheirs) {
  const KeyFound ben = Key(kBen);
  const KeyFound elsewhere = Key(kAda, true, kOther);
  Key(kAda);
  const std::string year(vault_->LookupKeys(kSchool, 2026)->front().View());
  const std::vector<Bytes> erased = {kAda, "eve-0001", "new-0001"};
  ASSERT_TRUE(vault_->DestroyPersonKeys(kSchool, erased));
  ASSERT_TRUE(vault_->DestroyPersonKeys(kSchool, erased)) << "idempotent";
  EXPECT_TRUE(fs::exists(EpochFile(2)));
  EXPECT_FALSE(fs::exists(EpochFile(3))) << "what is done already begins no epoch";
  EXPECT_TRUE(fs::exists(EpochFile(1, kOther)));
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(Key(kBen, false).key->secret.View(), ben.key->secret.View());
    EXPECT_EQ(Key(kAda, false, kOther).key->secret.View(), elsewhere.key->secret.View());
    EXPECT_EQ(vault_->LookupKeys(kSchool, 2026)->front().View(), year);
    for (const Bytes& person : erased) EXPECT_EQ(Key(person).state, State::kDestroyed);
    Reopen();
  }
}

// A crash after the next epoch's key was made: nothing has happened.
TEST_F(EpochsTest, AKeyThatWrappedNothingGoes) {
  const KeyFound ada = Key(kAda);
  vault_.reset();
  const Secret root = *LoadRootKey(folder_ + "/root.key", false);
  ASSERT_TRUE(EpochKeys(EpochsOf(Keys())).Keep(kSchool, 2, Secret::Random(), root, {}));
  Reopen();
  EXPECT_FALSE(fs::exists(EpochFile(2)));
  EXPECT_EQ(Key(kAda, false).key->secret.View(), ada.key->secret.View());
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(Key(kAda).state, State::kDestroyed);
}

// A crash before the epoch that ended was destroyed, also after it was overwritten.
TEST_F(EpochsTest, AnErasureThatDidNotEndIsEnded) {
  Key(kAda);
  const std::string before = ReadAll(EpochFile(1));
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  for (const std::string& left : {before, std::string(kWrappedBytes, '\0')}) {
    std::ofstream(EpochFile(1), std::ios::binary) << left;
    Reopen();
    EXPECT_FALSE(fs::exists(EpochFile(1))) << "by a start";
    std::ofstream(EpochFile(1), std::ios::binary) << left;
    ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
    EXPECT_FALSE(fs::exists(EpochFile(1))) << "by asking again";
  }
  EXPECT_EQ(LiveBytes().find(before), std::string::npos);
}

// A crash while an epoch's file was replaced.
TEST_F(EpochsTest, AFileThatWasLeftHalfWrittenIsErased) {
  Key(kAda);
  const std::string epoch = ReadAll(EpochFile(1));
  const std::string left = EpochFile(1) + ".next";
  fs::copy_file(EpochFile(1), left);
  const std::string other = EpochsOf(Keys()) + "/notes.next";
  std::ofstream(other) << "somebody's";
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  Reopen();
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(LiveBytes().find(epoch), std::string::npos);
  EXPECT_TRUE(fs::exists(other)) << "which is none";
}

TEST_F(EpochsTest, AReplacementThatWasCutShortIsCompactedByTheNext) {
  Key(kAda);
  Key(kBen);
  const std::string ada = PersonRow(kSchool, kAda);
  const auto replaced = vault_->WithoutChanges([&](KeyCopy& keys) -> Result<void> {
    AllKeys all{.mark = keys.Mark()};
    ++all.mark.writes;
    std::string wrapped;
    JALON_RETURN_IF_ERROR(keys.EachEpochFile([&](std::string name, std::string value) {
      all.epochs.emplace_back(std::move(name), std::move(value));
      return Result<void>();
    }));
    JALON_RETURN_IF_ERROR(keys.EachRow([&](std::string row, std::string value) {
      if (row == ada) {
        wrapped = std::move(value);
      } else {
        all.rows.emplace_back(std::move(row), std::move(value));
      }
      return Result<void>();
    }));
    // As far as the process came: the rows are written, and nothing is compacted.
    JALON_RETURN_IF_ERROR(keys.Apply({.after = all.mark, .remove = {ada}}));
    EXPECT_NE(LiveBytes().find(wrapped), std::string::npos);
    JALON_RETURN_IF_ERROR(keys.Replace(all));
    EXPECT_EQ(LiveBytes().find(wrapped), std::string::npos);
    return {};
  });
  EXPECT_TRUE(replaced) << replaced.error().message;
  EXPECT_EQ(Key(kAda, false).state, State::kUnknown);
  EXPECT_EQ(Key(kBen, false).state, State::kFound);
}

TEST_F(EpochsTest, AnOlderStoreIsTakenOver) {
  vault_.reset();
  const Secret root = *LoadRootKey(folder_ + "/root.key", false);
  const PersonKey tenant{.id = "tenant-1", .secret = Secret::Random()};
  const PersonKey ada{.id = "key-0001", .secret = Secret::Random()};
  const std::string row = PersonRow(kSchool, kAda);
  {
    const auto store = *KeyStore::Open(Keys());
    ASSERT_TRUE(store->Write({{TenantRow(kSchool), Wrap(root, TenantRow(kSchool), tenant, {})},
                              {row, Wrap(tenant.secret, row, ada, {})}},
                             {}));
  }
  Reopen();
  EXPECT_EQ(Key(kAda, false).key->secret.View(), ada.secret.View());
  Reopen();
  EXPECT_EQ(Key(kAda, false).key->secret.View(), ada.secret.View());
  EXPECT_EQ(LiveBytes().find(tenant.id), std::string::npos) << "the store holds it no more";
}

TEST_F(EpochsTest, EpochsThatAreGoneAreSaid) {
  Key(kAda);
  vault_.reset();
  fs::remove_all(EpochsOf(Keys()));
  EXPECT_EQ(OpenAt(Keys()).error().reason, "EPOCH_KEY_MISSING");
}

}  // namespace
}  // namespace jalon::eventstore
