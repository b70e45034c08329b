#include "eventstore/vault/embedded/embedded_vault.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "eventstore/vault/vault_contract.h"

namespace jalon::eventstore {
namespace {

using State = KeyFound::State;
using std::chrono::hours;

const Bytes kSchool = "school-0123456789";
const Bytes kAda = "ada-0001";
const Bytes kBen = "ben-0001";

// A store in which something may happen right after a row was read.
class InterruptedStore final : public KeyStore {
 public:
  explicit InterruptedStore(std::unique_ptr<KeyStore> store) : store_(std::move(store)) {}

  Result<std::optional<std::string>> Get(std::string_view row) override {
    auto value = store_->Get(row);
    if (row == interrupted) std::exchange(happens, [] {})();
    return value;
  }
  Result<void> Write(const std::vector<std::pair<std::string, std::string>>& put,
                     const std::vector<std::string>& remove) override {
    return store_->Write(put, remove);
  }
  Result<std::vector<std::string>> Rows(std::string_view first, std::string_view end) override {
    return store_->Rows(first, end);
  }
  Result<void> WriteAs(const KeyMark& mark,
                       const std::vector<std::pair<std::string, std::string>>& put,
                       const std::vector<std::string>& remove) override {
    return store_->WriteAs(mark, put, remove);
  }
  Result<void> EachRow(
      std::string_view first,
      const std::function<bool(std::string_view, std::string_view)>& each) override {
    return store_->EachRow(first, each);
  }
  KeyMark Mark() override { return store_->Mark(); }
  Result<void> Forget(std::string_view first, std::string_view end) override {
    return store_->Forget(first, end);
  }

  std::string interrupted;
  std::function<void()> happens = [] {};

 private:
  const std::unique_ptr<KeyStore> store_;
};

class EmbeddedFixture final : public testing::VaultFixture {
 public:
  EmbeddedFixture() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    EmbeddedFixture::Reopen();
  }
  ~EmbeddedFixture() override {
    vault_.reset();
    std::filesystem::remove_all(folder_);
  }
  Vault& vault() override { return *vault_; }
  ManualClock& clock() override { return clock_; }
  void Reopen() override {
    vault_.reset();
    vault_ = std::move(*OpenEmbeddedVault({folder_ + "/keys", folder_ + "/root.key"}, clock_));
  }

 private:
  const std::string folder_ = ::testing::TempDir() + "/vault_contract_embedded";
  ManualClock clock_{Micros(hours(24 * 20'000))};
  std::unique_ptr<Vault> vault_;
};

class EmbeddedVaultTest : public ::testing::Test {
 protected:
  EmbeddedVaultTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "/vault_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    Reopen();
  }
  ~EmbeddedVaultTest() override {
    vault_.reset();
    std::filesystem::remove_all(folder_);
  }

  Result<std::unique_ptr<Vault>> OpenVault() {
    return OpenEmbeddedVault({folder_ + "/keys", folder_ + "/root.key"}, clock_);
  }
  void Reopen() {
    vault_.reset();
    auto opened = OpenVault();
    ASSERT_TRUE(opened) << opened.error().message;
    vault_ = std::move(*opened);
  }

  std::vector<KeyFound> Keys(std::vector<KeyWanted> wanted) {
    std::promise<Result<std::vector<KeyFound>>> promise;
    vault_->PersonKeys(kSchool, std::move(wanted), [&](auto keys) { promise.set_value(keys); });
    auto keys = promise.get_future().get();
    EXPECT_TRUE(keys);
    return std::move(*keys);
  }
  KeyFound Key(const Bytes& person, bool create = true) { return Keys({{person, create}})[0]; }

  // Every byte of every file of the key store.
  std::string AllBytes() {
    std::string all;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_)) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }

  ManualClock clock_{Micros(hours(24 * 20'000))};
  std::string folder_;
  std::unique_ptr<Vault> vault_;
};

// Or what is said of a person after the erasure would be sealed with a key that is gone.
TEST_F(EmbeddedVaultTest, AKeyDestroyedWhileItIsReadIsNotFoundAgain) {
  vault_.reset();
  auto store = std::make_unique<InterruptedStore>(*KeyStore::Open(folder_ + "/other"));
  InterruptedStore& interrupted = *store;
  vault_ = MakeEmbeddedVault(std::move(store), EpochKeys(folder_ + "/other.epochs"),
                             Secret::From(std::string(32, 'r')), clock_);
  Key(kAda);
  clock_.Advance(std::chrono::minutes(1));  // no longer in memory
  bool destroyed = false;
  interrupted.happens = [&] { destroyed = vault_->DestroyPersonKey(kSchool, kAda).has_value(); };
  interrupted.interrupted = PersonRow(kSchool, kAda);
  EXPECT_EQ(vault_->FindPersonKey(kSchool, kAda)->state, State::kDestroyed);
  EXPECT_TRUE(destroyed);
  EXPECT_EQ(vault_->FindPersonKey(kSchool, kAda)->state, State::kDestroyed);
}

TEST_F(EmbeddedVaultTest, NoFileHoldsAKeyInClearOrADestroyedOneAtAll) {
  const KeyFound ada = Key(kAda);
  const std::string root_line = [this] {
    std::ifstream in(folder_ + "/root.key");
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  EXPECT_EQ(AllBytes().find(ada.key->secret.View()), std::string::npos);
  EXPECT_NE(AllBytes().find(ada.key->id), std::string::npos);
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(AllBytes().find(ada.key->id), std::string::npos);
  EXPECT_NE(AllBytes().find(root_line), std::string::npos) << "the search finds what is there";
}

// Its thread may be about to wait when it is told to end.
TEST_F(EmbeddedVaultTest, EndsAtAnyMoment) {
  class Nothing final : public KeyStore {
    using Rows_ = std::vector<std::pair<std::string, std::string>>;
    Result<std::optional<std::string>> Get(std::string_view) override { return std::nullopt; }
    Result<void> Write(const Rows_&, const std::vector<std::string>&) override { return {}; }
    Result<std::vector<std::string>> Rows(std::string_view, std::string_view) override {
      return {};
    }
    Result<void> WriteAs(const KeyMark&, const Rows_&, const std::vector<std::string>&) override {
      return {};
    }
    Result<void> EachRow(std::string_view,
                         const std::function<bool(std::string_view, std::string_view)>&) override {
      return {};
    }
    KeyMark Mark() override { return {}; }
    Result<void> Forget(std::string_view, std::string_view) override { return {}; }
  };
  for (int i = 0; i < 20'000; ++i) {
    const auto vault = MakeEmbeddedVault(std::make_unique<Nothing>(), EpochKeys(folder_ + "/none"),
                                         Secret::Random(), clock_);
    std::this_thread::sleep_for(std::chrono::nanoseconds(i));
  }
}

TEST_F(EmbeddedVaultTest, RefusesAnotherRootKey) {
  Key(kAda);
  vault_.reset();
  std::filesystem::remove(folder_ + "/root.key");
  EXPECT_EQ(OpenVault().error().reason, "ROOT_KEY_MISSING");
  {
    auto other = OpenEmbeddedVault({folder_ + "/other", folder_ + "/root.key"}, clock_);
    ASSERT_TRUE(other);
  }
  EXPECT_EQ(OpenVault().error().reason, "ROOT_KEY_WRONG");
}

TEST_F(EmbeddedVaultTest, AVaultInUseIsNotMadeAnew) {
  vault_.reset();
  const EmbeddedVaultOptions options{folder_ + "/keys", folder_ + "/root.key", /*in_use=*/true};
  EXPECT_TRUE(OpenEmbeddedVault(options, clock_));
  for (const bool empty_folder : {false, true}) {
    std::filesystem::remove_all(options.folder);
    if (empty_folder) std::filesystem::create_directories(options.folder);
    EXPECT_EQ(OpenEmbeddedVault(options, clock_).error().reason, "KEYS_MISSING");
  }
}

}  // namespace

namespace testing {

INSTANTIATE_TEST_SUITE_P(Embedded, VaultContract, ::testing::Values([] {
                           return std::unique_ptr<VaultFixture>(new EmbeddedFixture);
                         }));

}  // namespace testing
}  // namespace jalon::eventstore
