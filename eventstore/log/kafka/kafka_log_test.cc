// The laws of every log on a real Apache Kafka, and what Kafka alone can do to one.
#include "eventstore/log/kafka/kafka_log.h"

#include <gtest/gtest.h>

#include "eventstore/log/kafka/broker_testing.h"
#include "eventstore/log/log_contract.h"

namespace jalon::eventstore::testing {
namespace {

class KafkaFixture final : public Fixture {
 public:
  KafkaFixture(const Birth& birth, const KafkaOptions& options) : options_(options) {
    const Result<void> created = KafkaLog::Create(options_, birth);
    EXPECT_TRUE(created) << created.error().message;
    Open();
  }
  Log& log() override { return *log_; }
  bool Reopen() override {
    log_.reset();
    Open();
    return true;
  }

 private:
  void Open() {
    auto opened = KafkaLog::Open(options_);
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
  }

  const KafkaOptions options_;
  std::unique_ptr<KafkaLog> log_;
};

// Limits small enough that followers fall behind what is in memory.
MakeFixture With(size_t entries_max, size_t bytes_max) {
  return [=](const Birth& birth) {
    KafkaOptions options = Brokers::Shared().NewLog();
    options.ring_entries_max = entries_max;
    options.ring_bytes_max = bytes_max;
    return std::make_unique<KafkaFixture>(birth, options);
  };
}

INSTANTIATE_TEST_SUITE_P(Kafka, LogContract,
                         ::testing::Values(With(limits::kRingEntriesMax, limits::kRingBytesMax)));
INSTANTIATE_TEST_SUITE_P(KafkaReadFromBrokers, LogContract, ::testing::Values(With(1, 0)));
INSTANTIATE_TEST_SUITE_P(KafkaSmallRing, LogContract, ::testing::Values(With(50, 2000)));

}  // namespace
}  // namespace jalon::eventstore::testing
