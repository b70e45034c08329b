// The laws that every log keeps, as tests. A log's own test file includes this and instantiates
// LogContract with a way to make that log.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/limits.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log_testing.h"

namespace jalon::eventstore::testing {

// One log under test.
class Fixture {
 public:
  virtual ~Fixture() = default;
  virtual Log& log() = 0;
  // Closes and opens again; false where a log cannot.
  virtual bool Reopen() { return false; }
};
using MakeFixture = std::function<std::unique_ptr<Fixture>(const Birth&)>;

class LogContract : public ::testing::TestWithParam<MakeFixture> {
 protected:
  static constexpr uint32_t kTenantPartitions = 7;
  static constexpr uint32_t kPartitions = 8;  // the last is the system's

  void SetUp() override { fixture_ = GetParam()(TestBirthWithSystem(kTenantPartitions)); }
  Log& log() { return fixture_->log(); }

  void Append(uint32_t partition, const std::vector<std::string>& texts) {
    std::vector<Blob> entries;
    entries.reserve(texts.size());
    for (const std::string& text : texts) entries.push_back(MakeBlob(text));
    ASSERT_TRUE(log().Append(Partition{partition}, std::move(entries)));
    expected_[partition] += texts.size();
  }
  // Waits until all that Append handed over is durable.
  void Settle() {
    for (const auto& [partition, count] : expected_) AwaitHead(log(), partition, count + 1);
  }
  std::vector<std::string> Texts(uint32_t partition) {
    return TextsOf(ReadAll(log(), Partition{partition}), partition);
  }

  std::unique_ptr<Fixture> fixture_;
  std::map<uint32_t, uint64_t> expected_;  // entries beyond the genesis
};

TEST_P(LogContract, IsBornWithAGenesisInEachPartition) {
  for (uint32_t p = 0; p < kPartitions; ++p) {
    EXPECT_EQ(log().Head(Partition{p}), Offset{1});
    const auto genesis = ReadGenesis(log(), Partition{p});
    ASSERT_TRUE(genesis) << genesis.error().message;
    EXPECT_EQ(genesis->partition_count(), kTenantPartitions);
    EXPECT_TRUE(genesis->system_partition());
    EXPECT_EQ(genesis->log_incarnation(), TestBirth().log_incarnation);
  }
}

TEST_P(LogContract, KeepsTheOrderOfOneCaller) {
  std::vector<std::string> written;
  for (int i = 0; i < 300; ++i) {
    std::vector<std::string> call;
    for (int j = 0; j <= i % 5; ++j) call.push_back(std::to_string(i) + "." + std::to_string(j));
    written.insert(written.end(), call.begin(), call.end());
    Append(3, call);
    if (i % 3 == 0) Append(5, {"elsewhere"});
  }
  Settle();
  EXPECT_EQ(Texts(3), written);
  EXPECT_EQ(Texts(5), std::vector<std::string>(100, "elsewhere"));
}

TEST_P(LogContract, KeepsEachCallersOrderAmongOthers) {
  constexpr int kCallers = 4, kAppends = 200;
  {
    std::vector<std::jthread> callers;
    callers.reserve(kCallers);
    for (int caller = 0; caller < kCallers; ++caller) {
      callers.emplace_back([this, caller] {
        for (int i = 0; i < kAppends; ++i) {
          const std::string text = std::to_string(caller) + ":" + std::to_string(i);
          ASSERT_TRUE(log().Append(Partition{1}, {MakeBlob(text + "a"), MakeBlob(text + "b")}));
        }
      });
    }
  }
  AwaitHead(log(), 1, 1 + 2 * kCallers * kAppends);
  std::vector<int> next(kCallers, 0);
  const std::vector<std::string> texts = Texts(1);
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto caller = static_cast<size_t>(texts[i][0] - '0');
    const std::string own = std::to_string(caller) + ":" + std::to_string(next[caller] / 2);
    ASSERT_EQ(texts[i], own + (next[caller] % 2 == 0 ? "a" : "b"));
    ++next[caller];
  }
}

TEST_P(LogContract, ReadsWithinItsLimits) {
  Append(2, {std::string(100, 'a'), std::string(100, 'b'), std::string(5000, 'c'), "d"});
  Settle();
  const auto read = [this](uint64_t first, ReadLimit limit) {
    auto entries = log().ReadFrom(Partition{2}, Offset{first}, limit);
    EXPECT_TRUE(entries);
    return TextsOf(*entries, 2, first);
  };
  const std::string a(100, 'a'), b(100, 'b'), c(5000, 'c');
  EXPECT_EQ(read(1, {}), (std::vector{a, b, c, std::string("d")}));
  EXPECT_EQ(read(1, {.entries = 2}), (std::vector{a, b}));
  EXPECT_EQ(read(1, {.bytes = 200}), (std::vector{a, b}));
  EXPECT_EQ(read(1, {.bytes = 199}), (std::vector{a}));
  EXPECT_EQ(read(3, {.bytes = 1}), (std::vector{c}));  // one at least
  EXPECT_EQ(read(3, {.entries = 0}), (std::vector{c}));
  EXPECT_EQ(read(5, {}), std::vector<std::string>());
  EXPECT_EQ(read(500, {}), std::vector<std::string>());
}

TEST_P(LogContract, KeepsTheLargestEntryAndTheEmptyOne) {
  const std::string largest(limits::kRecordBytesMax, 'x');
  Append(0, {largest, "", "after"});
  Settle();
  EXPECT_EQ(Texts(0), (std::vector{largest, std::string(), std::string("after")}));
}

TEST_P(LogContract, KnowsItsPartitions) {
  const Partition unknown{kPartitions};
  const std::vector<Error> errors = {
      log().Append(unknown, {MakeBlob("x")}).error(),
      log().ReadFrom(unknown, Offset{0}, {}).error(),
      log().Follow({{unknown, Offset{0}}}, [] {}).error(),
      log().Head(unknown).error(),
  };
  for (const Error& error : errors) EXPECT_EQ(error.reason, "PARTITION_UNKNOWN");
}

// From any offset, over any set of partitions, in polls of any size, while others append: a
// follower sees what reading each partition gives.
TEST_P(LogContract, FollowsAnySetFromAnyOffset) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 400; ++i) Append(random() % kPartitions, {std::to_string(i)});
  Settle();
  for (int round = 0; round < 20; ++round) {
    std::vector<Start> from;
    for (uint32_t p = 0; p < kPartitions; ++p) {
      if (random() % 2 == 0) from.push_back({Partition{p}, Offset{random() % (expected_[p] + 2)}});
    }
    const auto follower = log().Follow(from, [] {}).value();
    for (int i = 0; i < 50; ++i) Append(random() % kPartitions, {"late " + std::to_string(i)});
    const ReadLimit limit{.entries = 1 + random() % 40, .bytes = 20 + random() % 4000};
    std::map<uint32_t, std::vector<StoredEntry>> seen;
    size_t wanted = 0;
    for (const Start& start : from) {
      wanted += expected_[start.partition.value] + 1 - start.offset.value;
    }
    Drain(*follower, limit, wanted, &seen);
    Settle();
    for (const Start& start : from) {
      const uint32_t p = start.partition.value;
      EXPECT_EQ(TextsOf(seen[p], p, start.offset.value),
                TextsOf(ReadAll(log(), start.partition, start.offset), p, start.offset.value));
    }
  }
}

TEST_P(LogContract, WakesOnceWhenMoreCameAfterNothing) {
  std::atomic<int> wakes = 0;
  const auto follower =
      log()
          .Follow({{Partition{0}, Offset{1}}, {Partition{1}, Offset{1}}}, [&] { ++wakes; })
          .value();
  ASSERT_TRUE(follower->Poll({})->empty());
  Append(2, {"not followed"});
  Settle();
  EXPECT_EQ(wakes, 0);
  Append(0, {"a"});
  Settle();
  AwaitEqual(wakes, 1);
  Append(1, {"b"});
  Settle();
  EXPECT_EQ(wakes, 1);  // it was told, and has not looked
  EXPECT_EQ(follower->Poll({})->size(), 2u);
  Append(1, {"c"});
  Settle();
  EXPECT_EQ(wakes, 1);  // it has not found nothing since
  EXPECT_EQ(follower->Poll({})->size(), 1u);
  ASSERT_TRUE(follower->Poll({})->empty());
  Append(1, {"d"});
  AwaitEqual(wakes, 2);
}

// A reader that sleeps until it is woken sees everything: no wake is ever lost.
TEST_P(LogContract, LosesNoWake) {
  constexpr uint64_t kAppends = 2000;
  std::atomic<uint64_t> woken = 0;
  const auto follower = log()
                            .Follow({{Partition{6}, Offset{1}}},
                                    [&] {
                                      ++woken;
                                      woken.notify_one();
                                    })
                            .value();
  std::jthread appender([this] {
    for (uint64_t i = 0; i < kAppends; ++i) {
      ASSERT_TRUE(log().Append(Partition{6}, {MakeBlob(std::to_string(i))}));
      if (i % 7 == 0) std::this_thread::yield();
    }
  });
  uint64_t seen = 0;
  while (seen < kAppends) {
    const uint64_t before = woken;
    const auto entries = follower->Poll({.entries = 3}).value();
    for (const StoredEntry& entry : entries) ASSERT_EQ(*entry.bytes, std::to_string(seen++));
    if (entries.empty()) woken.wait(before);
  }
}

TEST_P(LogContract, WakesNobodyWhoIsGone) {
  for (int i = 0; i < 200; ++i) {
    auto alive = std::make_unique<std::atomic<bool>>(true);
    auto follower =
        log().Follow({{Partition{0}, Offset{1}}}, [&] { EXPECT_TRUE(alive->load()); }).value();
    Append(0, {"x"});
    follower.reset();
    *alive = false;
  }
  Settle();
}

TEST_P(LogContract, AnchorsHoldUntilTheEntryIsAnother) {
  ChainHead head;
  ASSERT_EQ(Feed(head, ReadAll(log(), Partition{0}, Offset{0})[0].bytes, 0), Fate::kCounted);
  EXPECT_TRUE(CheckAnchor(log(), Partition{0}, head));
  const Blob early_claim = EncodeClaim(NextClaim(head, "read-before-rest"));
  std::vector<Blob> entries = {EncodeClaim(NextClaim(head))};
  ASSERT_EQ(Feed(head, entries[0], 1), Fate::kCounted);
  const Blob late_claim = EncodeClaim(NextClaim(head));  // its node has not read the record yet
  entries.push_back(EncodeRecord(NextRecord(head)));
  ASSERT_EQ(Feed(head, entries[1], 2), Fate::kCounted);
  entries.push_back(early_claim);
  ASSERT_EQ(Feed(head, early_claim, 3), Fate::kVoid);
  entries.push_back(late_claim);
  ASSERT_EQ(Feed(head, late_claim, 4), Fate::kCounted);
  ASSERT_TRUE(log().Append(Partition{0}, entries));
  AwaitHead(log(), 0, 5);
  EXPECT_TRUE(CheckAnchor(log(), Partition{0}, head));
  ChainHead another = head;
  another.hash[0] ^= 1;
  EXPECT_EQ(CheckAnchor(log(), Partition{0}, another).error().reason, "PARTITION_DIVERGED");
  ChainHead beyond = head;
  beyond.offset = Offset{5};
  EXPECT_EQ(CheckAnchor(log(), Partition{0}, beyond).error().reason, "PARTITION_DIVERGED");
}

TEST_P(LogContract, KeepsEverythingWhenReopened) {
  std::map<uint32_t, std::vector<std::string>> written;
  for (int round = 0; round < 4; ++round) {
    for (uint32_t i = 0; i < 200; ++i) {
      const std::string text = std::to_string(round) + "/" + std::to_string(i);
      Append(i % kPartitions, {text});
      written[i % kPartitions].push_back(text);
    }
    Settle();
    if (!fixture_->Reopen()) continue;  // the rest holds without reopening, too
    for (uint32_t p = 0; p < kPartitions; ++p) {
      EXPECT_EQ(Texts(p), written[p]);
      EXPECT_EQ(log().Head(Partition{p})->value, written[p].size() + 1);
    }
  }
}

}  // namespace jalon::eventstore::testing
