#include "services/node/writers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "eventstore/base/limits.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/memory/memory_log.h"
#include "eventstore/state/memory_state_store.h"
#include "eventstore/writer/counter_testing.h"

namespace jalon::node {
namespace {

using eventstore::Outcome;
using eventstore::testing::MakeRequestId;
using eventstore::testing::MakeSubmission;

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kSilence{500};  // what a call to a log that is away waits

// A log that is away when it is told to: then each call waits, and is not answered.
class AwayLog final : public eventstore::Log {
 public:
  explicit AwayLog(eventstore::Log& log) : log_(log) {}

  Result<void> Append(Partition partition, std::vector<eventstore::Blob> entries) override {
    return log_.Append(partition, std::move(entries));
  }
  Result<std::vector<eventstore::StoredEntry>> ReadFrom(Partition partition, Offset first,
                                                        eventstore::ReadLimit limit) override {
    if (IsAway()) return Fail(Code::kUnavailable, "LOG_UNREACHABLE", "away");
    return log_.ReadFrom(partition, first, limit);
  }
  Result<std::unique_ptr<eventstore::Follower>> Follow(std::vector<eventstore::Start> from,
                                                       std::function<void()> wake) override {
    return log_.Follow(std::move(from), std::move(wake));
  }
  Result<Offset> Head(Partition partition) override {
    if (IsAway()) return Fail(Code::kUnavailable, "LOG_UNREACHABLE", "away");
    return log_.Head(partition);
  }

  void Leave() { away_ = true; }
  int waited() const { return waited_; }

 private:
  bool IsAway() {
    if (!away_) return false;
    ++waited_;
    std::this_thread::sleep_for(kSilence);
    return true;
  }

  eventstore::Log& log_;
  std::atomic<bool> away_ = false;
  std::atomic<int> waited_ = 0;
};

class WritersTest : public testing::Test {
 protected:
  // What becomes of a command.
  std::future<std::string> Send() {
    auto told = std::make_shared<std::promise<std::string>>();
    std::future<std::string> reason = told->get_future();
    EXPECT_TRUE(writers_.Submit(
        Partition{0},
        MakeSubmission(
            MakeRequestId(clock_.Wall(), ++sent_), {{"a", 1}}, [told](const Outcome& outcome) {
              told->set_value(outcome.kind == Outcome::Kind::kFailed ? outcome.error.reason : "");
            })));
    return reason;
  }
  static std::string Answer(std::future<std::string>& reason) {
    return reason.wait_for(kPatience) == std::future_status::ready ? reason.get() : "none";
  }

  const SystemClock clock_;
  eventstore::MemoryLog log_{eventstore::testing::TestBirth(2)};
  eventstore::MemoryStateStore store_;
  const eventstore::testing::CounterApplication application_;
  Writers writers_{{.birth = eventstore::testing::TestBirth(2), .node = "local"},
                   log_,
                   store_,
                   {application_, application_},
                   clock_,
                   [](Partition, const eventstore::WriterStatus&) {}};
  uint64_t sent_ = 0;
};

// Such as where a start fails after the port was opened.
TEST_F(WritersTest, WithoutTheirThreadADrainAnswersWhatIsQueued) {
  auto reason = Send();
  auto asked = std::async(std::launch::async, [this] { return writers_.Status().size(); });
  writers_.Drain();
  EXPECT_EQ(Answer(reason), "NOT_SERVING");
  ASSERT_EQ(asked.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(asked.get(), 2U);
}

TEST_F(WritersTest, ADrainAnswersWhatIsOut) {
  writers_.Start();
  std::vector<std::future<std::string>> reasons;
  reasons.reserve(100);
  for (int i = 0; i < 100; ++i) reasons.push_back(Send());
  writers_.Drain();
  for (auto& reason : reasons) {
    const std::string said = Answer(reason);
    EXPECT_TRUE(said.empty() || said == "NOT_SERVING") << said;
  }
}

// Sixteen partitions that are to be claimed from brokers that do not answer: the end waits for the
// call that is out, not for one of each.
TEST(WritersAway, ADrainDoesNotWaitForEveryPartitionInTurn) {
  constexpr uint32_t kPartitions = 16;
  const auto birth = eventstore::testing::TestBirth(kPartitions);
  const SystemClock clock;
  eventstore::MemoryLog memory(birth);
  AwayLog log(memory);
  eventstore::MemoryStateStore store;
  const eventstore::testing::CounterApplication application;
  Writers writers({.birth = birth, .node = "local", .exclusive_log = false}, log, store,
                  {application, application}, clock,
                  [](Partition, const eventstore::WriterStatus&) {});
  writers.Start();
  const auto last = std::chrono::steady_clock::now() + kPatience;
  while (!writers.AllReady() && std::chrono::steady_clock::now() < last) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ASSERT_TRUE(writers.AllReady());
  log.Leave();
  for (uint32_t p = 0; p < kPartitions; ++p) writers.Want(Partition{p}, true);
  while (log.waited() == 0 && std::chrono::steady_clock::now() < last) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const auto began = std::chrono::steady_clock::now();
  writers.Drain();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4 * kSilence);
}

}  // namespace
}  // namespace jalon::node
