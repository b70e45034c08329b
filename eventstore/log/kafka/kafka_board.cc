#include "eventstore/log/kafka/kafka_board.h"

#include <utility>

#include "eventstore/log/kafka/client.h"
#include "eventstore/log/kafka/reader.h"

namespace jalon::eventstore {
namespace {

constexpr int32_t kPartition = 0;
constexpr size_t kPostsMax = 1000;  // on their way while brokers are away: the newest is enough

}  // namespace

class KafkaBoard::Impl {
 public:
  explicit Impl(KafkaOptions options) : options_(std::move(options)) {}
  ~Impl() {
    if (reading_) rd_kafka_consume_stop(read_topic_.get(), kPartition);
    if (writer_ != nullptr) rd_kafka_purge(writer_.get(), RD_KAFKA_PURGE_F_QUEUE);
  }

  Result<void> Open();
  Result<void> Post(std::string_view node, const std::string& post);
  Result<std::vector<std::string>> Poll();

 private:
  const KafkaOptions options_;
  kafka::Handle writer_;
  kafka::Topic write_topic_;  // a topic goes before its handle
  kafka::Handle reader_;
  kafka::Topic read_topic_;
  kafka::Queue queue_;
  bool reading_ = false;
};

Result<void> KafkaBoard::Impl::Open() {
  const std::string name = kafka::OwnersTopic(options_);
  JALON_ASSIGN_OR_RETURN(
      writer_, kafka::MakeHandle(RD_KAFKA_PRODUCER, options_,
                                 {{"acks", "1"},
                                  {"linger.ms", "0"},
                                  {"message.timeout.ms", "1500"},
                                  {"queue.buffering.max.messages", std::to_string(kPostsMax)}}));
  JALON_ASSIGN_OR_RETURN(write_topic_, kafka::MakeTopic(writer_.get(), name, "latest"));
  JALON_ASSIGN_OR_RETURN(reader_,
                         kafka::MakeHandle(RD_KAFKA_CONSUMER, options_, kafka::ConsumerSettings()));
  JALON_ASSIGN_OR_RETURN(read_topic_, kafka::MakeTopic(reader_.get(), name, "latest"));
  // Both clients learn who leads now: the first heartbeat would wait for that.
  JALON_RETURN_IF_ERROR(kafka::ReadReplicas(writer_.get(), write_topic_.get(), options_));
  JALON_RETURN_IF_ERROR(kafka::ReadReplicas(reader_.get(), read_topic_.get(), options_));
  queue_.reset(rd_kafka_queue_new(reader_.get()));
  if (rd_kafka_consume_start_queue(read_topic_.get(), kPartition, RD_KAFKA_OFFSET_END,
                                   queue_.get()) != 0) {
    return std::unexpected(kafka::Unreachable(options_, rd_kafka_last_error()));
  }
  reading_ = true;
  return {};
}

Result<void> KafkaBoard::Impl::Post(std::string_view node, const std::string& post) {
  if (rd_kafka_produce(write_topic_.get(), kPartition, RD_KAFKA_MSG_F_COPY,
                       const_cast<char*>(post.data()), post.size(), node.data(), node.size(),
                       nullptr) != 0) {
    return std::unexpected(kafka::Unreachable(options_, rd_kafka_last_error()));
  }
  return {};
}

Result<std::vector<std::string>> KafkaBoard::Impl::Poll() {
  rd_kafka_poll(writer_.get(), 0);
  rd_kafka_poll(reader_.get(), 0);
  std::vector<std::string> posts;
  kafka::TakeMessages(queue_.get(), std::chrono::milliseconds(0),
                      [&posts](const rd_kafka_message_t& message) {
                        // An error is librdkafka's to try again; who is not heard shows it.
                        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return;
                        if (message.payload == nullptr) return;
                        posts.emplace_back(static_cast<const char*>(message.payload), message.len);
                      });
  return posts;
}

Result<std::unique_ptr<KafkaBoard>> KafkaBoard::Open(KafkaOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  JALON_RETURN_IF_ERROR(impl->Open());
  return std::unique_ptr<KafkaBoard>(new KafkaBoard(std::move(impl)));
}

KafkaBoard::KafkaBoard(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaBoard::~KafkaBoard() = default;

Result<void> KafkaBoard::Post(std::string_view node, std::string post) {
  return impl_->Post(node, post);
}
Result<std::vector<std::string>> KafkaBoard::Poll() { return impl_->Poll(); }

}  // namespace jalon::eventstore
