#include "eventstore/log/kafka/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace jalon::eventstore::kafka {
namespace {

constexpr size_t kReadersMax = 5;  // each has a few threads of librdkafka's
constexpr size_t kMessagesPerFetch = 1024;

}  // namespace

Read ReadMessage(const rd_kafka_message_t& message, const KafkaOptions& options) {
  const Partition partition{static_cast<uint32_t>(message.partition)};
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto* bytes = static_cast<const char*>(message.payload);
    return StoredEntry{partition, Offset{static_cast<uint64_t>(message.offset)},
                       std::make_shared<const std::string>(
                           bytes == nullptr ? std::string() : std::string(bytes, message.len))};
  }
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
      message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    return Fail(Code::kOutOfRange, "PARTITION_DIVERGED", rd_kafka_message_errstr(&message));
  }
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return std::nullopt;
  if (message.err == RD_KAFKA_RESP_ERR__BAD_MSG) {
    return Fail(Code::kDataLoss, "LOG_CORRUPT",
                fmt::format("partition {}: a checksum of Kafka's is wrong; restore the log from a "
                            "replica or a backup",
                            partition.value));
  }
  if (options.on_trouble) options.on_trouble(rd_kafka_message_errstr(&message));
  return std::nullopt;  // it is tried again by librdkafka
}

void TakeMessages(rd_kafka_queue_t* queue, std::chrono::milliseconds patience,
                  const std::function<void(const rd_kafka_message_t&)>& take) {
  const Message first(rd_kafka_consume_queue(queue, static_cast<int>(patience.count())));
  if (first == nullptr) return;
  take(*first);
  std::array<rd_kafka_message_t*, kMessagesPerFetch> messages;
  const ssize_t count = rd_kafka_consume_batch_queue(queue, 0, messages.data(), messages.size());
  for (ssize_t i = 0; i < count; ++i) take(*Message(messages[static_cast<size_t>(i)]));
}

Settings ConsumerSettings() {
  return {{"check.crcs", "true"},           {"enable.auto.commit", "false"},
          {"fetch.wait.max.ms", "20"},      {"fetch.min.bytes", "1"},
          {"fetch.error.backoff.ms", "50"}, {"queued.max.messages.kbytes", "8192"}};
}

Result<std::unique_ptr<Reader>> Reader::Make(const KafkaOptions& options) {
  auto reader = std::unique_ptr<Reader>(new Reader(options));
  JALON_ASSIGN_OR_RETURN(reader->handle_,
                         MakeHandle(RD_KAFKA_CONSUMER, options, ConsumerSettings()));
  JALON_ASSIGN_OR_RETURN(reader->topic_, MakeTopic(reader->handle_.get(), options));
  reader->queue_.reset(rd_kafka_queue_new(reader->handle_.get()));
  rd_kafka_queue_cb_event_enable(
      reader->queue_.get(),
      [](rd_kafka_t*, void* self) {
        std::function<void()> ready;
        {
          auto& that = *static_cast<Reader*>(self);
          MutexLock lock(that.mutex_);
          ready = that.ready_;
        }
        if (ready) ready();
      },
      reader.get());
  return reader;
}

Reader::~Reader() {
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  Stop();
  queue_.reset();
  topic_.reset();
}

void Reader::Stop() {
  for (const auto& place : places_) {
    rd_kafka_consume_stop(topic_.get(), static_cast<int32_t>(place.partition.value));
  }
  places_.clear();
  came_.clear();
}

Result<void> Reader::Start(const std::vector<jalon::eventstore::Start>& from) {
  if (from.size() == 1 && places_.size() == 1 && places_[0].partition == from[0].partition &&
      places_[0].offset == from[0].offset) {
    return {};
  }
  Stop();
  for (const auto& [partition, offset] : from) {
    if (rd_kafka_consume_start_queue(topic_.get(), static_cast<int32_t>(partition.value),
                                     static_cast<int64_t>(offset.value), queue_.get()) != 0) {
      return std::unexpected(Unreachable(options_, rd_kafka_last_error()));
    }
    places_.push_back({partition, offset});
  }
  return WakeBrokers();
}

jalon::eventstore::Start* Reader::PlaceOf(Partition partition) {
  const auto place = std::ranges::find(places_, partition, &jalon::eventstore::Start::partition);
  return place == places_.end() ? nullptr : &*place;
}

Error Reader::WhyMissing(Partition partition) {
  const uint64_t wanted = PlaceOf(partition)->offset.value;
  const auto firsts = ReadEdges(handle_.get(), Edge::kFirst, {partition}, options_);
  if (firsts && (*firsts)[0] > wanted) return Deleted(partition, (*firsts)[0]);
  const uint64_t count = wanted + 1;
  const Result<bool> shorter = IsShorter(handle_.get(), topic_.get(), partition, count, options_);
  if (!shorter) return shorter.error();
  return *shorter ? Diverged(partition, count)
                  : Unreachable(options_, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
}

// A broker's thread of librdkafka 2.0.2 that has nothing to fetch sleeps for up to a second, and
// that a partition was started does not wake it. A request to the partition's leader does.
Result<void> Reader::WakeBrokers() {
  std::vector<Partition> partitions;
  partitions.reserve(places_.size());
  for (const auto& place : places_) partitions.push_back(place.partition);
  JALON_RETURN_IF_ERROR(ReadEdges(handle_.get(), Edge::kFirst, partitions, options_));
  return {};
}

Result<void> Reader::Fetch(std::chrono::milliseconds patience) {
  Result<void> read;
  std::optional<Partition> missing;
  TakeMessages(queue_.get(), patience, [&](const rd_kafka_message_t& message) {
    Read entry = ReadMessage(message, options_);
    const Partition partition{static_cast<uint32_t>(message.partition)};
    if (entry) {
      if (*entry) came_.push_back(std::move(**entry));
    } else if (entry.error().code != Code::kOutOfRange) {
      read = std::unexpected(std::move(entry).error());
    } else if (PlaceOf(partition) != nullptr) {
      missing = partition;
    }
  });
  if (read && missing) read = std::unexpected(WhyMissing(*missing));
  if (!read) Stop();
  return read;
}

Read Reader::Next(std::chrono::milliseconds patience) {
  if (came_.empty()) JALON_RETURN_IF_ERROR(Fetch(patience));
  if (came_.empty()) return std::nullopt;
  StoredEntry entry = std::move(came_.front());
  came_.pop_front();
  if (auto* place = PlaceOf(entry.partition)) place->offset = entry.offset.Next();
  return entry;
}

void Reader::PutBack(StoredEntry entry) {
  if (auto* place = PlaceOf(entry.partition)) place->offset = entry.offset;
  came_.push_front(std::move(entry));
}

void Reader::OnReady(std::function<void()> ready) {
  MutexLock lock(mutex_);
  ready_ = std::move(ready);
}

Result<std::unique_ptr<Reader>> Readers::Borrow() { return Take(kReadersMax - 1); }

Result<std::unique_ptr<Reader>> Readers::Take(size_t most) {
  {
    MutexLock lock(mutex_);
    if (out_ >= most) return nullptr;
    ++out_;
    if (!idle_.empty()) {
      std::unique_ptr<Reader> reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  auto made = Reader::Make(options_);
  if (!made) GiveBack(nullptr);
  return made;
}

Result<std::unique_ptr<Reader>> Readers::Await() {
  const auto last = std::chrono::steady_clock::now() + options_.patience;
  while (true) {
    JALON_ASSIGN_OR_RETURN(std::unique_ptr<Reader> reader, Take(kReadersMax));
    if (reader != nullptr) return reader;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        last - std::chrono::steady_clock::now());
    MutexLock lock(mutex_);
    if (!lock.WaitFor(back_, left,
                      [this]() JALON_REQUIRES(mutex_) { return out_ < kReadersMax; })) {
      return Fail(Code::kUnavailable, "LOG_UNREACHABLE",
                  "too much is read from Kafka at once; try again in a moment");
    }
  }
}

void Readers::GiveBack(std::unique_ptr<Reader> reader) {
  if (reader != nullptr) reader->OnReady(nullptr);
  {
    MutexLock lock(mutex_);
    --out_;
    if (reader != nullptr) idle_.push_back(std::move(reader));
  }
  back_.notify_one();
  if (returned_) returned_();
}

}  // namespace jalon::eventstore::kafka
