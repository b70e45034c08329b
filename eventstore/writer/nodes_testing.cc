#include "eventstore/writer/nodes_testing.h"

#include <gtest/gtest.h>

#include "eventstore/log/log_testing.h"

namespace jalon::eventstore::testing {
namespace {

using Kind = Outcome::Kind;
constexpr Partition kPartition{0};
constexpr auto kPatience = std::chrono::minutes(1);
constexpr auto kLook = std::chrono::seconds(1);

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

void Take(const StoredEntry& entry, ChainHead* head, std::string* owner, Tally* tally) {
  const Fate fate = Feed(*head, entry.bytes, entry.offset.value);
  const auto frame = ReadFrame(*entry.bytes).value();
  const auto read = [&](auto* message) {
    EXPECT_TRUE(message->ParseFromArray(frame.body.data(), static_cast<int>(frame.body.size())));
  };
  if (frame.kind == EntryFrame::Kind::kClaim) {
    log::v1::Claim claim;
    read(&claim);
    if (fate == Fate::kCounted) {
      *owner = claim.nonce();
    } else if (claim.epoch() == head->epoch.value && claim.nonce() != *owner) {
      ++tally->rival_claims;  // and no copy of the one that counted
    }
  }
  if (frame.kind != EntryFrame::Kind::kRecord || fate != Fate::kCounted) return;
  log::v1::Record record;
  read(&record);
  if (record.events_size() > 0) tally->accepted.emplace(head->seq.value, record.request_id());
}

}  // namespace

Tally CallAll(const std::vector<std::unique_ptr<Node>>& nodes, int caller, int calls,
              const std::string& key) {
  Tally tally;
  size_t at = static_cast<size_t>(caller) % nodes.size();
  for (int i = 0; i < calls; ++i) {
    const std::string request_id = MakeRequestId(
        SystemClock().Wall(),
        static_cast<uint64_t>(caller) * static_cast<uint64_t>(calls) + static_cast<uint64_t>(i));
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
  std::string owner;  // the nonce of the claim that counted last
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
  const auto last = std::chrono::steady_clock::now() + kPatience;
  while (tally.accepted.size() < counted && std::chrono::steady_clock::now() < last) {
    const auto entries = follower->Poll({.entries = 3}).value();
    for (const StoredEntry& entry : entries) Take(entry, &head, &owner, &tally);
    if (!entries.empty()) continue;
    MutexLock lock(mutex);
    lock.WaitFor(woken, kLook, [&] { return work; });
    work = false;
  }
  return tally;
}

}  // namespace jalon::eventstore::testing
