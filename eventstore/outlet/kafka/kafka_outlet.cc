#include "eventstore/outlet/kafka/kafka_outlet.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/kafka/client.h"
#include "eventstore/log/kafka/topic.h"

namespace jalon::eventstore {
namespace {

using kafka::Destroy;
using kafka::Handle;
using kafka::Topic;
using Places = std::unique_ptr<rd_kafka_topic_partition_list_t,
                               Destroy<rd_kafka_topic_partition_list_destroy>>;
using Failure = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;

constexpr size_t kErrorBytes = 512;
constexpr int kPollMs = 100;
constexpr int kLastCommitPolls = 10;
constexpr int kDiscardPolls = 50;

std::unexpected<Error> Broken(std::string_view why) {
  return Fail(
      Code::kUnavailable, "OUTLET_BROKEN",
      fmt::format("the feed's producer failed: {}; what is not vouched for is sent anew", why));
}

// What one producer was told of its messages.
struct Reports {
  std::vector<uint64_t> tickets;
  rd_kafka_resp_err_t failed = RD_KAFKA_RESP_ERR_NO_ERROR;
};

// Of one message, until its report.
struct OnTheWay {
  Reports& reports;
  uint64_t ticket;
};

rd_kafka_vu_t Value(rd_kafka_vtype_t type) {
  rd_kafka_vu_t value{};
  value.vtype = type;
  return value;
}

// Held, so that they do not look lost.
void LeaveToTheEnd(Handle consumer, kafka::Queue answers) {
  struct Left {
    Mutex mutex;
    std::vector<std::pair<Handle, kafka::Queue>> all JALON_GUARDED_BY(mutex);
  };
  static auto* const kLeft = new Left;
  MutexLock lock(kLeft->mutex);
  kLeft->all.emplace_back(std::move(consumer), std::move(answers));
}

}  // namespace

class KafkaOutlet::Impl {
 public:
  explicit Impl(KafkaOptions options) : options_(std::move(options)) {}
  ~Impl() {
    Discard();
    EndKeeping();
  }

  Result<void> Open(uint32_t partition_count);
  Result<bool> Send(const OutMessage& message, uint64_t ticket);
  Result<std::vector<uint64_t>> Delivered();
  Result<void> Reset();
  Result<std::vector<OutletPlace>> Load();
  Result<void> Keep(const std::vector<OutletPlace>& places, bool wait);

 private:
  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*);
  static void OnKept(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t*,
                     void* impl);
  Result<void> MakeProducer();
  void Discard();
  void EndKeeping();
  Result<void> CheckTopic(uint32_t partitions);

  const KafkaOptions options_;
  uint32_t partition_count_ = 0;
  Handle keeper_;  // the group's offsets
  kafka::Queue kept_;
  int keeping_ = 0;  // calls of Keep without an answer yet
  std::optional<Error> not_kept_;
  Handle producer_;
  Topic topic_;
  Reports reports_;  // of the producer
};

void KafkaOutlet::Impl::OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<OnTheWay> on_the_way(static_cast<OnTheWay*>(message->_private));
  Reports& reports = on_the_way->reports;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    reports.failed = message->err;
  } else if (reports.failed == RD_KAFKA_RESP_ERR_NO_ERROR) {
    reports.tickets.push_back(on_the_way->ticket);
  }
}

void KafkaOutlet::Impl::OnKept(rd_kafka_t*, rd_kafka_resp_err_t error,
                               rd_kafka_topic_partition_list_t*, void* impl) {
  Impl& outlet = *static_cast<Impl*>(impl);
  --outlet.keeping_;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  outlet.not_kept_ = kafka::Unreachable(outlet.options_, error);
}

Result<void> KafkaOutlet::Impl::Open(uint32_t partition_count) {
  partition_count_ = partition_count;
  JALON_ASSIGN_OR_RETURN(keeper_, kafka::MakeHandle(RD_KAFKA_CONSUMER, options_,
                                                    {{"group.id", options_.prefix + ".relay"},
                                                     {"enable.auto.commit", "false"},
                                                     {"enable.auto.offset.store", "false"}}));
  kept_.reset(rd_kafka_queue_new(keeper_.get()));
  JALON_RETURN_IF_ERROR(MakeProducer());
  return CheckTopic(partition_count);
}

// Retries without end and takes no gap: what would be left out ends the producer instead.
Result<void> KafkaOutlet::Impl::MakeProducer() {
  reports_ = {};
  JALON_ASSIGN_OR_RETURN(producer_, kafka::MakeHandle(RD_KAFKA_PRODUCER, options_,
                                                      {{"enable.idempotence", "true"},
                                                       {"enable.gapless.guarantee", "true"},
                                                       {"acks", "all"},
                                                       {"linger.ms", "0"},
                                                       {"message.timeout.ms", "0"},
                                                       {"retry.backoff.ms", "50"}},
                                                      OnDelivery));
  std::array<char, kErrorBytes> error;
  // With what was set above of it: a new one would have librdkafka's defaults.
  rd_kafka_topic_conf_t* conf = rd_kafka_default_topic_conf_dup(producer_.get());
  if (rd_kafka_topic_conf_set(conf, "partitioner", "murmur2_random", error.data(), error.size()) !=
      RD_KAFKA_CONF_OK) {
    rd_kafka_topic_conf_destroy(conf);
    return Fail(Code::kInternal, "INTERNAL", error.data());
  }
  topic_.reset(rd_kafka_topic_new(producer_.get(), TopicName(options_).c_str(), conf));
  if (topic_ == nullptr) {
    return Fail(Code::kInvalidArgument, "CONFIG_INVALID",
                fmt::format("topic {}: {}; choose another prefix", TopicName(options_),
                            rd_kafka_err2str(rd_kafka_last_error())));
  }
  return {};
}

void KafkaOutlet::Impl::Discard() {
  if (producer_ == nullptr) return;
  // Each time anew: what was on its way to a broker that went is queued again meanwhile.
  for (int i = 0; i < kDiscardPolls && rd_kafka_outq_len(producer_.get()) > 0; ++i) {
    rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_poll(producer_.get(), kPollMs);
  }
  topic_.reset();  // before its handle
  producer_.reset();
}

// librdkafka ends a consumer only when its commits are answered, and waits without end where the
// brokers are gone. Then it is left to the end of the process.
void KafkaOutlet::Impl::EndKeeping() {
  for (int i = 0; i < kLastCommitPolls && keeping_ > 0; ++i) {
    rd_kafka_queue_poll_callback(kept_.get(), kPollMs);
  }
  if (keeping_ == 0) return;
  LeaveToTheEnd(std::move(keeper_), std::move(kept_));
}

// Also fetches the topic's metadata, for which the first message would wait.
Result<void> KafkaOutlet::Impl::CheckTopic(uint32_t partitions) {
  const std::string name = TopicName(options_);
  const auto replicas = kafka::ReadReplicas(producer_.get(), topic_.get(), options_);
  if (!replicas && replicas.error().code == Code::kNotFound) {
    return Fail(Code::kNotFound, "OUTLET_NOT_BORN",
                fmt::format("there is no topic {} at {}; run 'jalon log init' again, which makes "
                            "what is missing",
                            name, options_.brokers));
  }
  if (!replicas) return std::unexpected(replicas.error());
  if (replicas->size() != partitions) {
    return Fail(Code::kFailedPrecondition, "OUTLET_MISCONFIGURED",
                fmt::format("topic {} has {} partitions, and the log {}: a school's events would "
                            "lie elsewhere; remove that topic and run 'jalon log init' again",
                            name, replicas->size(), partitions));
  }
  auto checked = kafka::CheckTopic(producer_.get(), options_, name, *replicas);
  if (checked) return {};
  if (checked.error().reason == "LOG_MISCONFIGURED") {
    checked.error().reason = "OUTLET_MISCONFIGURED";
  }
  return std::unexpected(checked.error());
}

Result<bool> KafkaOutlet::Impl::Send(const OutMessage& message, uint64_t ticket) {
  std::vector<rd_kafka_vu_t> values;
  values.reserve(message.headers.size() + 5);
  values.push_back(Value(RD_KAFKA_VTYPE_RKT));
  values.back().u.rkt = topic_.get();
  values.push_back(Value(RD_KAFKA_VTYPE_MSGFLAGS));
  values.back().u.i = RD_KAFKA_MSG_F_COPY;
  values.push_back(Value(RD_KAFKA_VTYPE_KEY));
  values.back().u.mem = {const_cast<char*>(message.key.data()), message.key.size()};
  values.push_back(Value(RD_KAFKA_VTYPE_VALUE));
  values.back().u.mem = {const_cast<char*>(message.value.data()), message.value.size()};
  values.push_back(Value(RD_KAFKA_VTYPE_OPAQUE));
  auto on_the_way = std::make_unique<OnTheWay>(reports_, ticket);
  values.back().u.ptr = on_the_way.get();
  for (const auto& [name, text] : message.headers) {
    values.push_back(Value(RD_KAFKA_VTYPE_HEADER));
    values.back().u.header = {name.c_str(), text.data(), static_cast<ssize_t>(text.size())};
  }
  const Failure failure(rd_kafka_produceva(producer_.get(), values.data(), values.size()));
  if (failure == nullptr) {
    [[maybe_unused]] const OnTheWay* const kept = on_the_way.release();  // until its report
    return true;
  }
  if (rd_kafka_error_code(failure.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  return Broken(rd_kafka_error_string(failure.get()));
}

Result<std::vector<uint64_t>> KafkaOutlet::Impl::Delivered() {
  rd_kafka_poll(producer_.get(), 0);
  rd_kafka_queue_poll_callback(kept_.get(), 0);
  std::array<char, kErrorBytes> why;
  if (rd_kafka_fatal_error(producer_.get(), why.data(), why.size()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Broken(why.data());
  }
  if (reports_.failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Broken(rd_kafka_err2str(reports_.failed));
  }
  return std::exchange(reports_.tickets, {});
}

Result<void> KafkaOutlet::Impl::Reset() {
  Discard();
  return MakeProducer();
}

Result<std::vector<OutletPlace>> KafkaOutlet::Impl::Load() {
  const Places list(rd_kafka_topic_partition_list_new(static_cast<int>(partition_count_)));
  for (uint32_t p = 0; p < partition_count_; ++p) {
    rd_kafka_topic_partition_list_add(list.get(), kafka::LogTopic(options_).c_str(),
                                      static_cast<int32_t>(p));
  }
  rd_kafka_resp_err_t error =
      rd_kafka_committed(keeper_.get(), list.get(), static_cast<int>(options_.patience.count()));
  std::vector<OutletPlace> places;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& place = list->elems[i];
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = place.err;
    if (place.offset < 0) continue;  // none is kept
    places.push_back(
        {.partition = Partition{static_cast<uint32_t>(place.partition)},
         .next = Offset{static_cast<uint64_t>(place.offset)},
         .state = std::string(static_cast<const char*>(place.metadata), place.metadata_size)});
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(kafka::Unreachable(options_, error));
  }
  return places;
}

Result<void> KafkaOutlet::Impl::Keep(const std::vector<OutletPlace>& places, bool wait) {
  if (not_kept_) return std::unexpected(*std::exchange(not_kept_, std::nullopt));
  if (places.empty()) return {};
  const Places list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const OutletPlace& place : places) {
    rd_kafka_topic_partition_t* kept = rd_kafka_topic_partition_list_add(
        list.get(), kafka::LogTopic(options_).c_str(), static_cast<int32_t>(place.partition.value));
    kept->offset = static_cast<int64_t>(place.next.value);
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): librdkafka frees it with the list
    kept->metadata = malloc(place.state.size());
    place.state.copy(static_cast<char*>(kept->metadata), place.state.size());
    kept->metadata_size = place.state.size();
  }
  const rd_kafka_resp_err_t error =
      rd_kafka_commit_queue(keeper_.get(), list.get(), kept_.get(), OnKept, this);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(kafka::Unreachable(options_, error));
  }
  ++keeping_;
  if (!wait) return {};
  const auto last = std::chrono::steady_clock::now() + options_.patience;
  while (keeping_ > 0 && !not_kept_ && std::chrono::steady_clock::now() < last) {
    rd_kafka_queue_poll_callback(kept_.get(), kPollMs);
  }
  if (not_kept_) return std::unexpected(*std::exchange(not_kept_, std::nullopt));
  if (keeping_ > 0) {
    return std::unexpected(kafka::Unreachable(options_, RD_KAFKA_RESP_ERR__TIMED_OUT));
  }
  return {};
}

std::string KafkaOutlet::TopicName(const KafkaOptions& options) {
  return options.prefix + ".events.v1";
}

Result<void> KafkaOutlet::Create(const KafkaOptions& options, uint32_t partition_count) {
  JALON_ASSIGN_OR_RETURN(const Handle handle, kafka::MakeHandle(RD_KAFKA_PRODUCER, options, {}));
  Result<void> created = kafka::CreateTopic(
      handle.get(), options, kafka::LastingTopic(TopicName(options), partition_count));
  if (!created && created.error().code == Code::kAlreadyExists) {
    created.error().reason = "OUTLET_EXISTS";
  }
  if (!created) return created;
  // A server may be started at once.
  const KafkaOptions patient = kafka::Patient(options);
  JALON_ASSIGN_OR_RETURN(const Topic topic,
                         kafka::MakeTopic(handle.get(), TopicName(options), "error"));
  JALON_RETURN_IF_ERROR(kafka::AwaitLeaders(handle.get(), topic.get(), patient));
  return {};
}

KafkaOutlet::KafkaOutlet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaOutlet::~KafkaOutlet() = default;

Result<std::unique_ptr<KafkaOutlet>> KafkaOutlet::Open(const KafkaOptions& options,
                                                       uint32_t partition_count) {
  auto impl = std::make_unique<Impl>(options);
  JALON_RETURN_IF_ERROR(impl->Open(partition_count));
  return std::unique_ptr<KafkaOutlet>(new KafkaOutlet(std::move(impl)));
}

Result<bool> KafkaOutlet::Send(const OutMessage& message, uint64_t ticket) {
  return impl_->Send(message, ticket);
}
Result<std::vector<uint64_t>> KafkaOutlet::Delivered() { return impl_->Delivered(); }
Result<void> KafkaOutlet::Reset() { return impl_->Reset(); }
Result<std::vector<OutletPlace>> KafkaOutlet::Load() { return impl_->Load(); }
Result<void> KafkaOutlet::Keep(const std::vector<OutletPlace>& places, bool wait) {
  return impl_->Keep(places, wait);
}

}  // namespace jalon::eventstore
