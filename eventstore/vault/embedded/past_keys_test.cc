// Keys of days and of school years that are over are gone from the disk too, not only from answers.
#include <algorithm>

#include "eventstore/vault/embedded/embedded_testing.h"
#include "eventstore/vault/embedded/key_store.h"

namespace jalon::eventstore::testing {
namespace {

class PastKeysTest : public EmbeddedTest {
 protected:
  PastKeysTest() { Reopen(); }

  // The wrapped key as it rests.
  std::string Resting(const std::string& row) {
    vault_.reset();
    std::string value;
    {
      const auto store = std::move(*KeyStore::Open(Keys(), {.keeps_life = true}));
      value = store->Get(row)->value_or("");
    }
    Reopen();
    return value;
  }
  // How many files of the store hold these bytes.
  size_t FilesWith(const std::string& bytes) const {
    const auto files = std::filesystem::recursive_directory_iterator(Keys());
    return static_cast<size_t>(std::ranges::count_if(files, [&](const auto& file) {
      return file.is_regular_file() && ReadAll(file.path()).find(bytes) != std::string::npos;
    }));
  }
};

TEST_F(PastKeysTest, TheirBytesAreInNoFile) {
  using std::chrono::July;
  using std::chrono::year;
  const std::chrono::sys_days end = year(2024) / July / kDayKeysKept;
  const uint32_t past = 2024 - kLookupYears;
  ASSERT_TRUE(vault_->LookupKeys(kSchool, past));
  ASSERT_TRUE(vault_->LookupKeys(kSchool, past + 1));
  const auto day = static_cast<uint32_t>(end.time_since_epoch().count());
  ASSERT_TRUE(vault_->DayKey(day - kDayKeysKept));
  const std::string old_year = Resting(LookupRow(kSchool, past));
  const std::string old_day = Resting(DayRow(day - kDayKeysKept));
  const std::string kept = Resting(LookupRow(kSchool, past + 1));
  ASSERT_FALSE(old_year.empty() || old_day.empty() || kept.empty());
  EXPECT_GE(FilesWith(old_year), 1U) << "the search finds what is there";
  EXPECT_GE(FilesWith(old_day), 1U);
  ASSERT_TRUE(vault_->DayKey(day - 1));
  ASSERT_TRUE(vault_->DayKey(day));
  EXPECT_EQ(FilesWith(old_year), 0U);
  EXPECT_EQ(FilesWith(old_day), 0U);
  EXPECT_GE(FilesWith(kept), 1U) << "the first year that is still looked up in";
}

// A copy of the keys that is older brings such a key back: the next day takes it again.
TEST_F(PastKeysTest, WhatARestoreBringsBackIsDestroyedAgain) {
  const uint32_t past = 2010;
  const std::string old = std::string(vault_->LookupKeys(kSchool, past)->front().View());
  const std::string resting = Resting(LookupRow(kSchool, past));
  ASSERT_TRUE(vault_->DayKey(19'999));
  ASSERT_TRUE(vault_->DayKey(20'000));
  EXPECT_TRUE(Resting(LookupRow(kSchool, past)).empty());
  vault_.reset();
  {
    const auto store = std::move(*KeyStore::Open(Keys(), {.keeps_life = true}));
    ASSERT_TRUE(store->Write({{LookupRow(kSchool, past), resting}}, {}));
  }
  Reopen();
  ASSERT_TRUE(vault_->DayKey(20'000)) << "the day is there already, and still it is looked";
  EXPECT_TRUE(Resting(LookupRow(kSchool, past)).empty());
  EXPECT_NE(vault_->LookupKeys(kSchool, past)->front().View(), old);
}

}  // namespace
}  // namespace jalon::eventstore::testing
