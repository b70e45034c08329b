// Which topics the feed is told to, on a real Kafka.
#include "eventstore/outlet/kafka/kafka_outlet.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "eventstore/log/kafka/broker_testing.h"

namespace jalon::eventstore::testing {
namespace {

constexpr uint32_t kPartitions = 3;

TEST(KafkaOutletTopic, IsMadeOnceAndAsItMustBe) {
  const KafkaOptions options = Brokers::Shared().NewLog();
  EXPECT_EQ(KafkaOutlet::Open(options, kPartitions).error().reason, "OUTLET_NOT_BORN");
  ASSERT_TRUE(KafkaOutlet::Create(options, kPartitions));
  EXPECT_EQ(KafkaOutlet::Create(options, kPartitions).error().reason, "OUTLET_EXISTS");
  const auto opened = KafkaOutlet::Open(options, kPartitions);
  EXPECT_TRUE(opened) << opened.error().message;
}

TEST(KafkaOutletTopic, HasAsManyPartitionsAsTheLog) {
  const KafkaOptions options = Brokers::Shared().NewLog();
  ASSERT_TRUE(KafkaOutlet::Create(options, kPartitions));
  const Error error = KafkaOutlet::Open(options, kPartitions + 1).error();
  EXPECT_EQ(error.reason, "OUTLET_MISCONFIGURED");
  EXPECT_NE(error.message.find("has 3 partitions, and the log 4"), std::string::npos);
}

TEST(KafkaOutletTopic, KeepsWhatItWasTold) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"cleanup.policy", "compact"},
      {"retention.ms", "604800000"},
      {"retention.bytes", "1073741824"},
      {"unclean.leader.election.enable", "true"},
      {"message.timestamp.type", "CreateTime"},
  };
  for (const auto& [setting, value] : table) {
    const KafkaOptions options = Brokers::Shared().NewLog();
    Brokers::MakeTopic(options, KafkaOutlet::TopicName(options), kPartitions, {{setting, value}});
    const auto opened = KafkaOutlet::Open(options, kPartitions);
    ASSERT_FALSE(opened) << setting;
    EXPECT_EQ(opened.error().reason, "OUTLET_MISCONFIGURED");
    const std::string words = fmt::format("topic {}: {} is {}, it must be",
                                          KafkaOutlet::TopicName(options), setting, value);
    EXPECT_TRUE(opened.error().message.starts_with(words)) << opened.error().message;
  }
}

}  // namespace
}  // namespace jalon::eventstore::testing
