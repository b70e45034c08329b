// The laws that every vault keeps, as tests. A vault's own test file includes this and instantiates
// VaultContract with a way to make that vault.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/vault/vault.h"

namespace jalon::eventstore::testing {

// One vault under test.
class VaultFixture {
 public:
  virtual ~VaultFixture() = default;
  virtual Vault& vault() = 0;
  // Whose times its keys have.
  virtual ManualClock& clock() = 0;
  // Closes and opens again.
  virtual void Reopen() = 0;
};
using MakeVaultFixture = std::function<std::unique_ptr<VaultFixture>()>;

class VaultContract : public ::testing::TestWithParam<MakeVaultFixture> {
 protected:
  using State = KeyFound::State;

  void SetUp() override { fixture_ = GetParam()(); }
  Vault& vault() { return fixture_->vault(); }
  ManualClock& clock() { return fixture_->clock(); }
  void Reopen() { fixture_->Reopen(); }

  Result<std::vector<KeyFound>> TryKeys(std::vector<KeyWanted> wanted) {
    std::promise<Result<std::vector<KeyFound>>> promise;
    vault().PersonKeys(kSchool, std::move(wanted),
                       [&](auto keys) { promise.set_value(std::move(keys)); });
    return promise.get_future().get();
  }
  std::vector<KeyFound> Keys(std::vector<KeyWanted> wanted) {
    auto keys = TryKeys(std::move(wanted));
    EXPECT_TRUE(keys) << keys.error().message;
    return keys ? std::move(*keys) : std::vector<KeyFound>(64);
  }
  KeyFound Key(const Bytes& person, bool create = true) { return Keys({{person, create}})[0]; }

  inline static const Bytes kSchool = "school-0123456789";
  inline static const Bytes kAda = "ada-0001";
  inline static const Bytes kBen = "ben-0001";

  std::unique_ptr<VaultFixture> fixture_;
};

TEST_P(VaultContract, MakesAKeyOnlyWhenAsked) {
  EXPECT_EQ(Key(kAda, false).state, State::kUnknown);
  const KeyFound made = Key(kAda);
  ASSERT_EQ(made.state, State::kFound);
  EXPECT_EQ(made.key->id.size(), 8U);
  EXPECT_EQ(Key(kAda).key->secret.View(), made.key->secret.View());
  EXPECT_EQ(vault().FindPersonKey(kSchool, kAda)->key->id, made.key->id);
}

TEST_P(VaultContract, AnswersInTheOrderAsked) {
  const auto keys = Keys({{kAda, true}, {kBen, false}, {kAda, true}});
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[1].state, State::kUnknown);
  EXPECT_EQ(keys[0].key->id, keys[2].key->id);
}

TEST_P(VaultContract, FindsManyKeysAtOnceInTheOrderAskedAndMakesNone) {
  const KeyFound ada = Key(kAda);
  const KeyFound ben = Key(kBen);
  Key("cat-0001");
  ASSERT_TRUE(vault().DestroyPersonKey(kSchool, "cat-0001"));
  const std::vector<Bytes> persons = {kBen, "new-0001", "cat-0001", kAda, kBen};
  for (int start = 0; start < 2; ++start) {
    const auto found = vault().FindPersonKeys(kSchool, persons);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), persons.size());
    EXPECT_EQ((*found)[0].key->secret.View(), ben.key->secret.View());
    EXPECT_EQ((*found)[1].state, State::kUnknown);
    EXPECT_EQ((*found)[2].state, State::kDestroyed);
    EXPECT_EQ((*found)[3].key->secret.View(), ada.key->secret.View());
    EXPECT_EQ((*found)[4].key->secret.View(), ben.key->secret.View());
    Reopen();
  }
  EXPECT_EQ(Key("new-0001", false).state, State::kUnknown);
  EXPECT_EQ(vault().FindPersonKeys("another school", persons)->front().state, State::kUnknown);
  EXPECT_TRUE(vault().FindPersonKeys(kSchool, {})->empty());
}

TEST_P(VaultContract, FindsAsManyKeysAsAreAllowedAndNoMore) {
  std::vector<Bytes> persons(kPersonsPerCallMax, kBen);
  persons.back() = kAda;
  const KeyFound ada = Key(kAda);
  const auto found = vault().FindPersonKeys(kSchool, persons);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->front().state, State::kUnknown);
  EXPECT_EQ(found->back().key->id, ada.key->id);
  persons.push_back(kAda);
  const auto refused = vault().FindPersonKeys(kSchool, persons);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "VAULT_CALL_INVALID");
}

TEST_P(VaultContract, KeysSurviveARestart) {
  const KeyFound made = Key(kAda);
  const Secret day = *vault().DayKey(20'000);
  const Secret year = vault().LookupKeys(kSchool, 2026)->front().Clone();
  Reopen();
  EXPECT_EQ(Key(kAda, false).key->secret.View(), made.key->secret.View());
  EXPECT_EQ(vault().DayKey(20'000)->View(), day.View());
  EXPECT_EQ(vault().LookupKeys(kSchool, 2026)->front().View(), year.View());
}

TEST_P(VaultContract, PersonsAndSchoolsHaveKeysOfTheirOwn) {
  EXPECT_NE(Key(kAda).key->secret.View(), Key(kBen).key->secret.View());
  EXPECT_EQ(vault().FindPersonKey("another school", kAda)->state, State::kUnknown);
  EXPECT_NE(vault().LookupKeys(kSchool, 2026)->front().View(),
            vault().LookupKeys(kSchool, 2027)->front().View());
  EXPECT_NE(vault().LookupKeys(kSchool, 2026)->front().View(),
            vault().LookupKeys("other", 2026)->front().View());
}

TEST_P(VaultContract, KeysOfTheYearsAroundAreKept) {
  const auto keys = [this](uint32_t year) {
    std::vector<std::string> views;
    const auto found = vault().LookupKeys(kSchool, year);
    for (const Secret& key : *found) views.emplace_back(key.View());
    return views;
  };
  const std::string first = keys(2026).front();
  EXPECT_EQ(keys(2026).size(), 1U) << "no key is made of a year that nobody asks for";
  const std::string second = keys(2027).front();
  EXPECT_EQ(keys(2027), (std::vector{second, first}));
  clock().Advance(std::chrono::minutes(1));  // no vault keeps what it saw longer
  EXPECT_EQ(keys(2026), (std::vector{first, second})) << "a request of last year's last days";
  ASSERT_EQ(vault().LookupKeys("other", 2027)->size(), 1U);
  Reopen();
  EXPECT_EQ(keys(2026 + kLookupYears - 1).back(), second);
  EXPECT_EQ(keys(2026 + kLookupYears - 1).size(), 3U);
  EXPECT_EQ(keys(2026 + kLookupYears).size(), 3U) << "2026 is too long ago";
}

TEST_P(VaultContract, ADestroyedKeyNeverComesBack) {
  Key(kAda);
  Key(kBen);
  ASSERT_TRUE(vault().DestroyPersonKey(kSchool, kAda));
  ASSERT_TRUE(vault().DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(Key(kAda).state, State::kDestroyed);
  Reopen();
  EXPECT_EQ(Key(kAda).state, State::kDestroyed);
  EXPECT_EQ(Key(kBen, false).state, State::kFound);
}

TEST_P(VaultContract, DestroysAsManyAtOnceAsAreAllowedAndNoMore) {
  Key(kAda);
  const KeyFound ben = Key(kBen);
  std::vector<Bytes> persons(kPersonsPerCallMax, kAda);
  persons.back() = "new-0001";
  ASSERT_TRUE(vault().DestroyPersonKeys(kSchool, persons));
  ASSERT_TRUE(vault().DestroyPersonKeys(kSchool, {}));
  EXPECT_EQ(Key(kAda).state, State::kDestroyed);
  EXPECT_EQ(Key("new-0001").state, State::kDestroyed) << "none is made later";
  EXPECT_EQ(Key(kBen, false).key->secret.View(), ben.key->secret.View());
  persons.push_back(kBen);
  const auto refused = vault().DestroyPersonKeys(kSchool, persons);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "VAULT_CALL_INVALID");
  EXPECT_EQ(Key(kBen, false).state, State::kFound);
}

TEST_P(VaultContract, ManyCallersGetOneKey) {
  std::vector<std::promise<Bytes>> ids(64);
  for (auto& id : ids) {
    vault().PersonKeys(kSchool, {{kAda, true}},
                       [&id](auto keys) { id.set_value((*keys)[0].key->id); });
  }
  std::set<Bytes> distinct;
  for (auto& id : ids) distinct.insert(id.get_future().get());
  EXPECT_EQ(distinct.size(), 1U);
}

TEST_P(VaultContract, OldDaysAreDestroyed) {
  clock().Advance(std::chrono::days(20'000) - clock().Wall());
  const Secret first = *vault().DayKey(20'000);
  ASSERT_TRUE(vault().DayKey(20'000 + kDayKeysKept - 1));
  EXPECT_EQ(vault().DayKey(20'000)->View(), first.View());
  ASSERT_TRUE(vault().DayKey(20'000 + 10 * kDayKeysKept));
  Reopen();
  EXPECT_EQ(vault().DayKey(20'000)->View(), first.View()) << "somebody's clock was ahead";
  clock().Advance(std::chrono::days(kDayKeysKept));
  ASSERT_TRUE(vault().DayKey(20'000 + kDayKeysKept));
  Reopen();
  EXPECT_NE(vault().DayKey(20'000)->View(), first.View());
}

// What was told in a year is found for kLookupYears, and then no key links it any more.
TEST_P(VaultContract, LookUpKeysOfYearsThatAreOverAreDestroyed) {
  using std::chrono::July;
  using std::chrono::September;
  using std::chrono::year;
  const auto day_at = [this](std::chrono::sys_days day) {
    clock().Advance(day.time_since_epoch() - clock().Wall());
    return static_cast<uint32_t>(day.time_since_epoch().count());
  };
  const auto keys = [this](const Bytes& school, uint32_t in) {
    std::set<std::string> views;
    const auto found = vault().LookupKeys(school, in);
    EXPECT_TRUE(found) << found.error().message;
    if (found) {
      for (const Secret& key : *found) views.emplace(key.View());
    }
    return views;
  };
  const Bytes other = "another-school-01";
  ASSERT_TRUE(vault().DayKey(day_at(year(2026) / September / 1)));
  const std::string first = *keys(kSchool, 2026).begin();
  const std::string others = *keys(other, 2026).begin();
  ASSERT_TRUE(vault().DayKey(day_at(year(2027) / September / 1)));
  ASSERT_EQ(keys(kSchool, 2027).size(), 2U);

  // The last day on which a request of the year 2033 may come.
  const uint32_t last = day_at(year(2034) / July / kDayKeysKept) - 1;
  day_at(std::chrono::sys_days(std::chrono::days(last)));
  ASSERT_TRUE(vault().DayKey(last));
  ASSERT_TRUE(vault().DayKey(last + 400)) << "somebody's clock is ahead";
  Reopen();
  const std::set<std::string> within = keys(kSchool, 2033);
  EXPECT_TRUE(within.contains(first)) << "a code that was told in 2026 is found";
  EXPECT_EQ(within.size(), 3U);

  ASSERT_TRUE(vault().DayKey(day_at(std::chrono::sys_days(std::chrono::days(last + 1)))));
  for (int start = 0; start < 2; ++start) {
    const std::set<std::string> after = keys(kSchool, 2033);
    EXPECT_FALSE(after.contains(first)) << "no key links what was told in 2026 any more";
    EXPECT_EQ(after.size(), 2U) << "the others stay";
    EXPECT_TRUE(std::ranges::includes(within, after));
    EXPECT_FALSE(keys(other, 2026).contains(others)) << "nor at any other school";
    Reopen();
  }
}

TEST_P(VaultContract, AClockThatIsAheadForADayTakesNoYear) {
  clock().Advance(std::chrono::days(20'000) - clock().Wall());
  const uint32_t past = 2024 - 1;  // the year of the day before
  ASSERT_TRUE(vault().DayKey(20'000 - 1));
  const Secret first = vault().LookupKeys(kSchool, past)->front().Clone();
  const uint32_t ahead = 20'000 + 366 * (kLookupYears + 1);
  clock().Advance(std::chrono::days(ahead - 20'000));
  for (int start = 0; start < 2; ++start) {
    ASSERT_TRUE(vault().DayKey(ahead));
    EXPECT_EQ(vault().LookupKeys(kSchool, past)->front().View(), first.View());
    Reopen();
  }
  clock().Advance(std::chrono::days(1));
  ASSERT_TRUE(vault().DayKey(ahead + 1));
  EXPECT_NE(vault().LookupKeys(kSchool, past)->front().View(), first.View());
}

TEST_P(VaultContract, SweepsOnlyOldKeysThatNoEventNames) {
  Key(kAda);
  Key(kBen);
  clock().Advance(kUnnamedKeysKept + std::chrono::hours(1));
  Key("new-0001");
  const auto is_ada = [](std::string_view, std::string_view person) { return person == kAda; };
  EXPECT_EQ(*vault().Sweep(clock().Wall() - kUnnamedKeysKept, is_ada), 1U);
  EXPECT_EQ(Key(kAda, false).state, State::kFound);
  EXPECT_EQ(Key(kBen, false).state, State::kUnknown);
  EXPECT_EQ(Key("new-0001", false).state, State::kFound);
  EXPECT_EQ(Key(kBen).state, State::kFound);
}

// Of as many persons as a page of a sweep has, and one more.
TEST_P(VaultContract, SweepsAnyNumberOfKeys) {
  constexpr size_t kPersons = 1025;
  std::vector<KeyWanted> wanted;
  for (size_t i = 0; i < kPersons; ++i) {
    std::string person = std::to_string(i);
    wanted.push_back({std::string(8 - person.size(), '0') + person, true});
  }
  for (size_t i = 0; i < kPersons; i += 256) {
    const size_t end = std::min(kPersons, i + 256);
    Keys(
        {wanted.begin() + static_cast<ptrdiff_t>(i), wanted.begin() + static_cast<ptrdiff_t>(end)});
  }
  clock().Advance(kUnnamedKeysKept + std::chrono::hours(1));
  const Micros made_before = clock().Wall() - kUnnamedKeysKept;
  const auto is_even = [](std::string_view tenant, std::string_view person) {
    EXPECT_EQ(tenant, kSchool);
    return (person.back() - '0') % 2 == 0;
  };
  EXPECT_EQ(*vault().Sweep(made_before, is_even), kPersons / 2);
  EXPECT_EQ(*vault().Sweep(made_before, is_even), 0U);
  EXPECT_EQ(Key("00000001", false).state, State::kUnknown);
  EXPECT_EQ(Key("00001024", false).state, State::kFound);
}

}  // namespace jalon::eventstore::testing
