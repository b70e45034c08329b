#include "eventstore/log/kafka/producer.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "eventstore/base/thread_name.h"

namespace jalon::eventstore::kafka {
namespace {

constexpr int kPollMs = 100;

bool FailedForGood(rd_kafka_t* handle) {
  char text[1];
  return rd_kafka_fatal_error(handle, text, sizeof text) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

// Keeps the bytes, which librdkafka does not copy, until their report.
struct Producer::OnTheWay {
  Producer& producer;
  Partition partition;
  Blob bytes;
};

Result<std::unique_ptr<Producer>> Producer::Make(const KafkaOptions& options, Report report) {
  auto producer = std::unique_ptr<Producer>(new Producer(options, std::move(report)));
  {
    MutexLock lock(producer->mutex_);
    JALON_RETURN_IF_ERROR(producer->Open());
  }
  producer->thread_ =
      std::jthread([&producer = *producer](const std::stop_token& stop) { producer.Run(stop); });
  return producer;
}

Producer::~Producer() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  MutexLock lock(mutex_);
  if (handle_ != nullptr)
    rd_kafka_flush(handle_.get(), static_cast<int>(options_.delivery.count()));
  Discard(std::move(topic_), std::move(handle_));
}

Result<void> Producer::Open() {
  JALON_ASSIGN_OR_RETURN(
      handle_, MakeHandle(RD_KAFKA_PRODUCER, options_,
                          {{"enable.idempotence", "true"},  // order is kept through retries
                           {"acks", "all"},
                           {"linger.ms", "0"},  // the writer gathers
                           {"message.timeout.ms", std::to_string(options_.delivery.count())},
                           {"request.timeout.ms", std::to_string(options_.patience.count())},
                           {"retry.backoff.ms", "50"},
                           {"queue.buffering.max.messages", "1000000"},
                           {"queue.buffering.max.kbytes", "524288"}},
                          OnDelivery));
  JALON_ASSIGN_OR_RETURN(topic_, MakeTopic(handle_.get(), options_));
  return {};
}

// Reports everything that is still on its way as perhaps not there.
void Producer::Discard(Topic topic, Handle handle) {
  if (handle == nullptr) return;
  // Each time anew: what was on its way to a broker that went is queued again meanwhile.
  while (rd_kafka_outq_len(handle.get()) > 0) {
    rd_kafka_purge(handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_poll(handle.get(), kPollMs);
  }
  topic.reset();  // before its handle
}

Result<void> Producer::Produce(Partition partition, const std::vector<Blob>& entries,
                               const std::function<void()>& taken) {
  size_t handed_over = 0;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  {
    MutexLock lock(mutex_);  // the records of one call stand together
    if (handle_ == nullptr) {
      return Fail(Code::kUnavailable, "LOG_UNREACHABLE",
                  "the Kafka producer starts anew; try again");
    }
    for (; handed_over < entries.size(); ++handed_over) {
      auto on_the_way = std::make_unique<OnTheWay>(*this, partition, entries[handed_over]);
      taken();
      const std::string& bytes = *on_the_way->bytes;
      if (rd_kafka_produce(topic_.get(), static_cast<int32_t>(partition.value), 0,
                           const_cast<char*>(bytes.data()), bytes.size(), nullptr, 0,
                           on_the_way.get()) != 0) {
        error = rd_kafka_last_error();
        break;
      }
      [[maybe_unused]] const OnTheWay* const kept = on_the_way.release();  // until its report
    }
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  report_(partition, std::nullopt);  // of the one that was not handed over
  if (handed_over == 0 && error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    return Fail(Code::kResourceExhausted, "QUEUE_FULL",
                "too many records are on their way to Kafka; try again in a moment");
  }
  return std::unexpected(Unreachable(options_, error));
}

void Producer::OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<OnTheWay> on_the_way(static_cast<OnTheWay*>(message->_private));
  std::optional<Offset> offset;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset >= 0) {
    offset = Offset{static_cast<uint64_t>(message->offset)};
  }
  on_the_way->producer.report_(on_the_way->partition, offset);
}

void Producer::Run(const std::stop_token& stop) {
  NameThread("kafka-produce");
  while (!stop.stop_requested()) {
    rd_kafka_t* handle = nullptr;  // only this thread replaces it
    Topic failed_topic;
    Handle failed;
    {
      MutexLock lock(mutex_);
      if (handle_ != nullptr && FailedForGood(handle_.get())) {
        failed_topic = std::move(topic_);
        failed = std::move(handle_);
      }
      if (handle_ == nullptr && failed == nullptr) {
        if (const Result<void> opened = Open(); !opened && options_.on_trouble) {
          options_.on_trouble(opened.error().message);
        }
      }
      handle = handle_.get();
    }
    Discard(std::move(failed_topic), std::move(failed));  // reports: without the lock
    if (handle != nullptr) {
      rd_kafka_poll(handle, kPollMs);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
    }
  }
}

}  // namespace jalon::eventstore::kafka
