#include "services/node/writers.h"

#include <gtest/gtest.h>

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
  for (int i = 0; i < 100; ++i) reasons.push_back(Send());
  writers_.Drain();
  for (auto& reason : reasons) {
    const std::string said = Answer(reason);
    EXPECT_TRUE(said.empty() || said == "NOT_SERVING") << said;
  }
}

}  // namespace
}  // namespace jalon::node
