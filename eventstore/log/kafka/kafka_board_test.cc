#include "eventstore/log/kafka/kafka_board.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "eventstore/log/kafka/broker_testing.h"
#include "eventstore/log/kafka/kafka_log.h"

namespace jalon::eventstore {
namespace {

using testing::Brokers;

// Posts and polls until `text` is read, for at most 10 s.
bool Reads(Board& from, Board& by, const std::string& text) {
  const auto last = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < last) {
    (void)from.Post("a", text);  // that it may be refused while brokers are away is the point
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto posts = by.Poll();
    if (!posts) return false;
    for (const std::string& post : *posts) {
      if (post == text) return true;
    }
  }
  return false;
}

TEST(KafkaBoard, ReadsWhatOthersAndItselfPostAndGoesOnAfterTheBrokerWasAway) {
  const Brokers brokers(1);
  const KafkaOptions options = brokers.NewLog();
  const auto unborn = KafkaBoard::Open(options);
  ASSERT_FALSE(unborn);
  EXPECT_EQ(unborn.error().reason, "LOG_NOT_BORN");
  ASSERT_TRUE(KafkaLog::Create(options, {.cluster_id = std::string(16, 'c'),
                                         .log_incarnation = std::string(16, 'i'),
                                         .partition_count = 2}));
  const auto a = KafkaBoard::Open(options);
  const auto b = KafkaBoard::Open(options);
  ASSERT_TRUE(a && b);
  EXPECT_TRUE(Reads(**a, **b, "one"));
  EXPECT_TRUE(Reads(**a, **a, "itself"));
  brokers.Do("kill 1");
  for (int i = 0; i < 20; ++i) (void)(*a)->Post("a", "lost");
  const auto silent = (*b)->Poll();
  ASSERT_TRUE(silent);
  brokers.Do("start 1");
  EXPECT_TRUE(Reads(**a, **b, "two"));
}

}  // namespace
}  // namespace jalon::eventstore
