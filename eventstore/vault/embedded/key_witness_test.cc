#include "eventstore/vault/key_witness.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/root_key.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;

const Bytes kSchool = "school-0123456789";

class KeyWitnessTest : public testing::Test {
 protected:
  KeyWitnessTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/key_witness_" + info->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~KeyWitnessTest() override { fs::remove_all(folder_); }

  Result<std::unique_ptr<LocalVault>> Open(bool in_use = false) {
    return OpenEmbeddedVault({.folder = folder_ + "/keys",
                              .root_key_path = folder_ + "/root.key",
                              .in_use = in_use,
                              .witness_path = folder_ + "/witness"},
                             clock_);
  }
  // Why it does not open; empty if it does.
  std::string Refused(bool in_use = false) {
    const auto opened = Open(in_use);
    return opened ? "" : opened.error().reason;
  }
  // Opens it, makes the key of one person, and closes it.
  void MakeKeyOf(const Bytes& person) {
    const auto vault = Open();
    ASSERT_TRUE(vault) << vault.error().message;
    std::promise<bool> made;
    (*vault)->PersonKeys(kSchool, {{person, true}},
                         [&](const auto& keys) { made.set_value(keys.has_value()); });
    EXPECT_TRUE(made.get_future().get());
  }
  void Copy(const std::string& from, const std::string& to) {
    fs::remove_all(folder_ + to);
    fs::copy(folder_ + from, folder_ + to, fs::copy_options::recursive);
  }

  const SystemClock clock_;
  std::string folder_;
};

// By this a node that knows no vault tells a new one from one that others use.
TEST_F(KeyWitnessTest, AStoreWithoutKeysOfAnyoneIsKnownByItsWrites) {
  {
    const auto born = Open();
    ASSERT_TRUE(born);
    EXPECT_EQ((*born)->Mark().writes, kWritesAtBirth);
    ASSERT_TRUE((*born)->DayKey(20'000));
    EXPECT_GT((*born)->Mark().writes, kWritesAtBirth);
  }
  const auto again = Open();
  EXPECT_GT((*again)->Mark().writes, kWritesAtBirth);
  EXPECT_EQ((*again)->Mark().life.size(), KeyMark::kLifeBytes);
}

TEST_F(KeyWitnessTest, TheNewestKeysOpen) {
  MakeKeyOf("ada-0001");
  MakeKeyOf("ben-0001");
  EXPECT_EQ(Refused(), "");
}

TEST_F(KeyWitnessTest, AnOlderCopyIsRefusedUntilTheNewestIsBack) {
  MakeKeyOf("ada-0001");
  Copy("/keys", "/older");
  MakeKeyOf("ben-0001");
  Copy("/keys", "/newest");
  Copy("/older", "/keys");
  EXPECT_EQ(Refused(), "KEYS_OLDER");
  Copy("/newest", "/keys");
  EXPECT_EQ(Refused(), "");
}

TEST_F(KeyWitnessTest, ACopyThatBringsADestroyedKeyBackIsRefused) {
  MakeKeyOf("ada-0001");
  Copy("/keys", "/older");
  ASSERT_TRUE((*Open())->DestroyPersonKey(kSchool, "ada-0001"));
  Copy("/older", "/keys");
  EXPECT_EQ(Refused(), "KEYS_OLDER");
}

TEST_F(KeyWitnessTest, AnAcceptedLossMakesTheLostCopyAnotherStore) {
  MakeKeyOf("ada-0001");
  Copy("/keys", "/older");
  MakeKeyOf("ben-0001");
  Copy("/keys", "/lost");
  Copy("/older", "/keys");
  fs::remove(folder_ + "/witness");  // accepts it
  MakeKeyOf("eve-0001");
  EXPECT_EQ(Refused(), "");
  Copy("/lost", "/keys");  // holds as many keys, but not that of eve
  EXPECT_EQ(Refused(), "KEYS_OLDER");
}

// Nobody is a witness of keys that are not those of the log: neither they nor a later start are
// taken for something that they are not.
TEST_F(KeyWitnessTest, AStoreThatIsRefusedIsLeftAsItWas) {
  MakeKeyOf("ada-0001");
  Copy("/witness", "/seen");
  fs::rename(folder_ + "/root.key", folder_ + "/right.key");
  ASSERT_TRUE(LoadRootKey(folder_ + "/root.key", true));
  fs::remove(folder_ + "/witness");
  EXPECT_EQ(Refused(), "ROOT_KEY_WRONG");
  EXPECT_FALSE(fs::exists(folder_ + "/witness"));

  fs::rename(folder_ + "/right.key", folder_ + "/root.key");
  Copy("/seen", "/witness");
  EXPECT_EQ(Refused(), "");
}

TEST_F(KeyWitnessTest, AnEmptyStoreInUseGetsNoWitness) {
  ASSERT_TRUE(LoadRootKey(folder_ + "/root.key", true));
  fs::create_directories(folder_ + "/keys");
  EXPECT_EQ(Refused(/*in_use=*/true), "KEYS_MISSING");
  EXPECT_FALSE(fs::exists(folder_ + "/witness"));
  EXPECT_EQ(Refused(), "");
}

TEST_F(KeyWitnessTest, AKillLeavesAWitnessThatIsBehindAtMost) {
  MakeKeyOf("ada-0001");
  Copy("/witness", "/behind");
  MakeKeyOf("ben-0001");
  Copy("/behind", "/witness");
  EXPECT_EQ(Refused(), "");
}

TEST_F(KeyWitnessTest, ADamagedOneIsRefused) {
  MakeKeyOf("ada-0001");
  std::ofstream(folder_ + "/witness") << "nonsense";
  EXPECT_EQ(Refused(), "KEYS_WITNESS_DAMAGED");
}

// It is not to be removed because memory is short.
TEST_F(KeyWitnessTest, OneThatCannotBeMappedIsNotCalledDamaged) {
  const std::string path = folder_ + "/witness";
  ASSERT_TRUE(KeyWitness::Create(path, {}));
  ASSERT_TRUE(KeyWitness::Open(path));
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  const rlimit no_memory{.rlim_cur = 0, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_AS, &no_memory);
  const auto opened = KeyWitness::Open(path);
  setrlimit(RLIMIT_AS, &before);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "VAULT_UNAVAILABLE");
}

}  // namespace
}  // namespace jalon::eventstore
