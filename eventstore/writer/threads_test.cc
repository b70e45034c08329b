// The writer as a node runs it: one thread steps, any other submits, and the log wakes both it and
// whoever else follows. What the thread sanitizer is to see of it (./dev test --preset tsan).
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/memory/memory_log.h"
#include "eventstore/state/memory_state_store.h"
#include "eventstore/writer/counter_testing.h"
#include "eventstore/writer/writer.h"

namespace jalon::eventstore::testing {
namespace {

using Kind = Outcome::Kind;
using std::chrono::milliseconds;

constexpr Partition kPartition{0};
constexpr int kCallers = 4;
constexpr int kCalls = 50;  // of each
static_assert(kCallers * kCalls > kCounterMax, "some are refused");

// A writer and the thread that steps it: when it has work, and now and then for its timers.
class Node {
 public:
  Node(std::string name, MemoryLog& log, uint64_t seed)
      : random_(seed),
        writer_(OptionsOf(std::move(name)), log, store_, application_, clock_,
                [this] { return random_(); }) {
    writer_.OnWork([this] {
      MutexLock lock(mutex_);
      work_ = true;
      woken_.notify_one();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }

  Result<void> Submit(Submission submission) { return writer_.Submit(std::move(submission)); }

 private:
  static WriterOptions OptionsOf(std::string name) {
    WriterOptions options;
    options.partition = kPartition;
    options.address = name + ".example:7000";
    options.node = std::move(name);
    options.flush_records = 16;
    return options;
  }

  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (writer_.Step()) continue;
      MutexLock lock(mutex_);
      lock.WaitFor(woken_, milliseconds(20), [this]() JALON_REQUIRES(mutex_) { return work_; });
      work_ = false;
    }
  }

  const SystemClock clock_;
  const CounterApplication application_;
  MemoryStateStore store_;
  std::mt19937_64 random_;  // of the thread that steps
  Mutex mutex_;
  Condition woken_;
  bool work_ JALON_GUARDED_BY(mutex_) = false;
  Writer writer_;        // its wake uses what stands above
  std::jthread thread_;  // last: it uses all of it
};

// Waits for the answer to one submission.
class Call {
 public:
  Outcome On(Node& node, const std::string& request_id) {
    const auto submitted =
        node.Submit(MakeSubmission(request_id, {{"shared", 1}}, [this](Outcome outcome) {
          MutexLock lock(mutex_);
          outcome_ = std::move(outcome);
          answered_.notify_one();
        }));
    EXPECT_TRUE(submitted);
    MutexLock lock(mutex_);
    lock.Wait(answered_, [this]() JALON_REQUIRES(mutex_) { return outcome_.has_value(); });
    return *std::exchange(outcome_, std::nullopt);
  }

 private:
  Mutex mutex_;
  Condition answered_;
  std::optional<Outcome> outcome_ JALON_GUARDED_BY(mutex_);
};

struct Tally {
  int refused = 0;
  std::map<uint64_t, std::string> accepted;  // request ids by position
};

// Adds one, `kCalls` times; what a node cannot answer the next one is asked.
Tally CallAll(const std::vector<std::unique_ptr<Node>>& nodes, int caller) {
  Tally tally;
  size_t at = static_cast<size_t>(caller) % nodes.size();
  for (int i = 0; i < kCalls; ++i) {
    const std::string request_id =
        MakeRequestId(SystemClock().Wall(), static_cast<uint64_t>(caller * kCalls + i));
    Outcome outcome;
    while ((outcome = Call().On(*nodes[at], request_id)).kind == Kind::kFailed) {
      at = (at + 1) % nodes.size();
    }
    if (outcome.kind == Kind::kRefused) {
      ++tally.refused;
    } else {
      EXPECT_TRUE(tally.accepted.emplace(outcome.seq.value, request_id).second);
    }
  }
  return tally;
}

// Follows the log while it is written, as a view does, until `counted` records count.
Tally FollowAll(MemoryLog& log, uint64_t counted) {
  Tally tally;
  ChainHead head;
  Mutex mutex;
  Condition woken;
  bool work = false;
  const auto follower = log.Follow({{kPartition, Offset{0}}},
                                   [&] {
                                     MutexLock lock(mutex);
                                     work = true;
                                     woken.notify_one();
                                   })
                            .value();
  while (tally.accepted.size() < counted) {
    const auto entries = follower->Poll({.entries = 3}).value();
    for (const StoredEntry& entry : entries) {
      if (Feed(head, entry.bytes, entry.offset.value) != Fate::kCounted) continue;
      const auto frame = ReadFrame(*entry.bytes).value();
      if (frame.kind != EntryFrame::Kind::kRecord) continue;
      log::v1::Record record;
      EXPECT_TRUE(record.ParseFromArray(frame.body.data(), static_cast<int>(frame.body.size())));
      if (record.events_size() > 0) tally.accepted.emplace(head.seq.value, record.request_id());
    }
    if (!entries.empty()) continue;
    MutexLock lock(mutex);
    lock.Wait(woken, [&] { return work; });
    work = false;
  }
  return tally;
}

class WriterThreads : public ::testing::TestWithParam<int> {};

TEST_P(WriterThreads, AnswerWhatCountsToEachOfManyCallers) {
  MemoryLog log(TestBirth());
  std::array<Tally, kCallers> told;
  Tally followed;
  {
    std::vector<std::unique_ptr<Node>> nodes;
    for (int i = 0; i < GetParam(); ++i) {
      nodes.push_back(std::make_unique<Node>("node-" + std::to_string(i), log, i + 1));
    }
    std::vector<std::jthread> threads;
    threads.emplace_back([&] { followed = FollowAll(log, kCounterMax); });
    for (int caller = 0; caller < kCallers; ++caller) {
      threads.emplace_back(
          [&, caller] { told[static_cast<size_t>(caller)] = CallAll(nodes, caller); });
    }
    threads.clear();  // all are done before a node ends
  }
  Tally all;
  for (const Tally& tally : told) {
    all.refused += tally.refused;
    for (const auto& [seq, request_id] : tally.accepted) {
      EXPECT_TRUE(all.accepted.emplace(seq, request_id).second) << "position " << seq << " twice";
    }
  }
  EXPECT_EQ(all.accepted, followed.accepted);
  EXPECT_EQ(all.accepted.size(), size_t{kCounterMax});
  EXPECT_EQ(all.refused, kCallers * kCalls - kCounterMax);
}

// Two that both want the partition take it from each other.
INSTANTIATE_TEST_SUITE_P(Nodes, WriterThreads, ::testing::Values(1, 2));

}  // namespace
}  // namespace jalon::eventstore::testing
