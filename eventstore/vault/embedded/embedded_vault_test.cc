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
  Result<void> EachPerson(
      const std::function<void(std::string_view, std::string_view, std::string_view,
                               std::string_view)>& each) override {
    return store_->EachPerson(each);
  }
  Result<void> Forget(std::string_view first, std::string_view end) override {
    return store_->Forget(first, end);
  }

  std::string interrupted;
  std::function<void()> happens = [] {};

 private:
  const std::unique_ptr<KeyStore> store_;
};

class EmbeddedVaultTest : public testing::Test {
 protected:
  EmbeddedVaultTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/vault_" + info->name();
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

TEST_F(EmbeddedVaultTest, MakesAKeyOnlyWhenAsked) {
  EXPECT_EQ(Key(kAda, false).state, State::kUnknown);
  const KeyFound made = Key(kAda);
  ASSERT_EQ(made.state, State::kFound);
  EXPECT_EQ(made.key->id.size(), 8U);
  EXPECT_EQ(Key(kAda).key->secret.View(), made.key->secret.View());
  EXPECT_EQ(vault_->FindPersonKey(kSchool, kAda)->key->id, made.key->id);
}

TEST_F(EmbeddedVaultTest, AnswersInTheOrderAsked) {
  const auto keys = Keys({{kAda, true}, {kBen, false}, {kAda, true}});
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[1].state, State::kUnknown);
  EXPECT_EQ(keys[0].key->id, keys[2].key->id);
}

TEST_F(EmbeddedVaultTest, KeysSurviveARestart) {
  const KeyFound made = Key(kAda);
  const Secret day = *vault_->DayKey(20'000);
  const Secret year = vault_->LookupKeys(kSchool, 2026)->front().Clone();
  Reopen();
  EXPECT_EQ(Key(kAda, false).key->secret.View(), made.key->secret.View());
  EXPECT_EQ(vault_->DayKey(20'000)->View(), day.View());
  EXPECT_EQ(vault_->LookupKeys(kSchool, 2026)->front().View(), year.View());
}

TEST_F(EmbeddedVaultTest, PersonsAndSchoolsHaveKeysOfTheirOwn) {
  EXPECT_NE(Key(kAda).key->secret.View(), Key(kBen).key->secret.View());
  EXPECT_EQ(vault_->FindPersonKey("another school", kAda)->state, State::kUnknown);
  EXPECT_NE(vault_->LookupKeys(kSchool, 2026)->front().View(),
            vault_->LookupKeys(kSchool, 2027)->front().View());
  EXPECT_NE(vault_->LookupKeys(kSchool, 2026)->front().View(),
            vault_->LookupKeys("other", 2026)->front().View());
}

TEST_F(EmbeddedVaultTest, KeysOfTheYearsAroundAreKept) {
  const auto keys = [this](uint32_t year) {
    std::vector<std::string> views;
    const auto found = vault_->LookupKeys(kSchool, year);
    for (const Secret& key : *found) views.emplace_back(key.View());
    return views;
  };
  const std::string first = keys(2026).front();
  EXPECT_EQ(keys(2026).size(), 1U) << "no key is made of a year that nobody asks for";
  const std::string second = keys(2027).front();
  EXPECT_EQ(keys(2027), (std::vector{second, first}));
  EXPECT_EQ(keys(2026), (std::vector{first, second})) << "a request of last year's last days";
  ASSERT_EQ(vault_->LookupKeys("other", 2027)->size(), 1U);
  Reopen();
  EXPECT_EQ(keys(2026 + kLookupYears - 1).back(), second);
  EXPECT_EQ(keys(2026 + kLookupYears - 1).size(), 3U);
  EXPECT_EQ(keys(2026 + kLookupYears).size(), 3U) << "2026 is too long ago";
}

TEST_F(EmbeddedVaultTest, ADestroyedKeyNeverComesBack) {
  Key(kAda);
  Key(kBen);
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  ASSERT_TRUE(vault_->DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(Key(kAda).state, State::kDestroyed);
  Reopen();
  EXPECT_EQ(Key(kAda).state, State::kDestroyed);
  EXPECT_EQ(Key(kBen, false).state, State::kFound);
}

// Or what is said of a person after the erasure would be sealed with a key that is gone.
TEST_F(EmbeddedVaultTest, AKeyDestroyedWhileItIsReadIsNotFoundAgain) {
  vault_.reset();
  auto store = std::make_unique<InterruptedStore>(*KeyStore::Open(folder_ + "/other"));
  InterruptedStore& interrupted = *store;
  vault_ = MakeEmbeddedVault(std::move(store), Secret::From(std::string(32, 'r')), clock_);
  Key(kAda);
  clock_.Advance(std::chrono::minutes(1));  // no longer in memory
  bool destroyed = false;
  interrupted.happens = [&] { destroyed = vault_->DestroyPersonKey(kSchool, kAda).has_value(); };
  interrupted.interrupted = PersonRow(kSchool, kAda);
  EXPECT_EQ(vault_->FindPersonKey(kSchool, kAda)->state, State::kFound);
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

TEST_F(EmbeddedVaultTest, ManyCallersGetOneKey) {
  std::vector<std::promise<Bytes>> ids(64);
  for (auto& id : ids) {
    vault_->PersonKeys(kSchool, {{kAda, true}},
                       [&id](auto keys) { id.set_value((*keys)[0].key->id); });
  }
  std::set<Bytes> distinct;
  for (auto& id : ids) distinct.insert(id.get_future().get());
  EXPECT_EQ(distinct.size(), 1U);
}

TEST_F(EmbeddedVaultTest, OldDaysAreDestroyed) {
  const Secret first = *vault_->DayKey(20'000);
  ASSERT_TRUE(vault_->DayKey(20'000 + kDayKeysKept - 1));
  EXPECT_EQ(vault_->DayKey(20'000)->View(), first.View());
  ASSERT_TRUE(vault_->DayKey(20'000 + kDayKeysKept));
  Reopen();
  EXPECT_NE(vault_->DayKey(20'000)->View(), first.View());
}

TEST_F(EmbeddedVaultTest, SweepsOnlyOldKeysThatNoEventNames) {
  Key(kAda);
  Key(kBen);
  clock_.Advance(kUnnamedKeysKept);
  Key("new-0001");
  const auto is_ada = [](std::string_view, std::string_view person) { return person == kAda; };
  EXPECT_EQ(*vault_->Sweep(clock_.Wall(), is_ada), 1U);
  EXPECT_EQ(Key(kAda, false).state, State::kFound);
  EXPECT_EQ(Key(kBen, false).state, State::kUnknown);
  EXPECT_EQ(Key("new-0001", false).state, State::kFound);
  EXPECT_EQ(Key(kBen).state, State::kFound);
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
    Result<void> EachPerson(
        const std::function<void(std::string_view, std::string_view, std::string_view,
                                 std::string_view)>&) override {
      return {};
    }
    Result<void> Forget(std::string_view, std::string_view) override { return {}; }
  };
  for (int i = 0; i < 20'000; ++i) {
    const auto vault = MakeEmbeddedVault(std::make_unique<Nothing>(), Secret::Random(), clock_);
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
}  // namespace jalon::eventstore
