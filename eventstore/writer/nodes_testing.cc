#include "eventstore/writer/nodes_testing.h"

#include <gtest/gtest.h>

#include "eventstore/log/log_testing.h"

namespace jalon::eventstore::testing {
namespace {

using Kind = Outcome::Kind;
constexpr Partition kPartition{0};

// Waits for the answer to one submission.
class Call {
 public:
  Outcome On(Node& node, const std::string& request_id, const std::string& key) {
    const auto submitted =
        node.Submit(MakeSubmission(request_id, {{key, 1}}, [this](Outcome outcome) {
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

}  // namespace

Tally CallAll(const std::vector<std::unique_ptr<Node>>& nodes, int caller, int calls,
              const std::string& key) {
  Tally tally;
  size_t at = static_cast<size_t>(caller) % nodes.size();
  for (int i = 0; i < calls; ++i) {
    const std::string request_id =
        MakeRequestId(SystemClock().Wall(), static_cast<uint64_t>(caller * calls + i));
    Outcome outcome;
    while ((outcome = Call().On(*nodes[at], request_id, key)).kind == Kind::kFailed) {
      ++tally.asked_again;
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

Tally FollowAll(Log& log, uint64_t counted) {
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

}  // namespace jalon::eventstore::testing
