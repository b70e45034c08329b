#include "eventstore/log/kafka/kafka_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "eventstore/base/at_once.h"
#include "eventstore/base/check.h"
#include "eventstore/base/limits.h"
#include "eventstore/log/kafka/follower.h"
#include "eventstore/log/kafka/producer.h"
#include "eventstore/log/kafka/tail.h"
#include "eventstore/log/kafka/topic.h"

namespace jalon::eventstore {
namespace {

using kafka::Handle;

// So many of a partition's last entries are read at once when the log is opened: whoever follows
// from near the end, as most do after a start, needs no reader of its own, of which there are few.
constexpr uint64_t kRecentAtOpen = 16;

// So many partitions' geneses are asked for at a time: there are few readers.
constexpr size_t kGenesesAtOnce = 4;

std::unexpected<Error> Unknown(Partition partition) {
  return Fail(Code::kInvalidArgument, "PARTITION_UNKNOWN",
              fmt::format("the log has no partition {}", partition.value));
}

// That every partition is of the birth that the first one tells of.
Result<void> CheckBirth(KafkaLog& log) {
  const Birth& birth = log.birth();
  return ForEachAtOnce(birth.Partitions(), kGenesesAtOnce, [&](size_t p) -> Result<void> {
    const Partition partition{static_cast<uint32_t>(p)};
    JALON_ASSIGN_OR_RETURN(const log::v1::Genesis genesis, ReadGenesis(log, partition));
    if (IsGenesisOf(genesis, birth, partition)) return {};
    return Fail(Code::kDataLoss, "LOG_CORRUPT",
                fmt::format("partition {} is of another birth than partition 0, as where two made "
                            "the log at once: delete its topics if nothing is in it yet and make "
                            "it anew, or restore it from a backup",
                            p));
  });
}

}  // namespace

// Members stand in the order in which they are made; each may use those above it.
class KafkaLog::Impl {
 public:
  explicit Impl(KafkaOptions options) : options_(std::move(options)) {}

  Result<void> Open();
  // What its first genesis says; that must be of as many partitions as there are.
  Result<void> BeBorn(Birth birth);
  Result<void> Append(Partition partition, const std::vector<Blob>& entries);
  Result<std::vector<StoredEntry>> ReadFrom(Partition partition, Offset first, ReadLimit limit);
  Result<std::unique_ptr<Follower>> Follow(const std::vector<Start>& from,
                                           std::function<void()> wake);
  Result<Offset> Head(Partition partition);
  const Birth& birth() const { return birth_; }
  Copies copies() const { return copies_; }

 private:
  Result<std::vector<StoredEntry>> ReadBrokers(Partition partition, Offset first, uint64_t end,
                                               ReadLimit limit);
  Result<Offset> AskHead(Partition partition);
  Result<std::vector<uint64_t>> ReadEnds(size_t count);
  // Waits until everything before `end` came; how far may be seen then.
  Result<uint64_t> AwaitVisible(Partition partition, uint64_t end);
  Result<void> AwaitAll(const std::vector<uint64_t>& ends);
  Result<void> Know(Partition partition) const {
    if (partition.value < recent_->PartitionCount()) return {};
    return Unknown(partition);
  }
  void OnReport(Partition partition, std::optional<Offset> offset);
  void Wake(Partition partition);
  void WakeAll();

  const KafkaOptions options_;
  Birth birth_;
  Copies copies_;
  Handle asking_;  // what is asked of the brokers in between
  kafka::Topic topic_;
  kafka::Readers readers_{options_};
  std::unique_ptr<kafka::Reach> reach_;
  std::unique_ptr<Watchers> watchers_;
  std::unique_ptr<kafka::Recent> recent_;
  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<kafka::Tail> tail_;
};

Result<void> KafkaLog::Impl::Open() {
  JALON_ASSIGN_OR_RETURN(asking_, kafka::MakeHandle(RD_KAFKA_CONSUMER, options_, {}));
  JALON_ASSIGN_OR_RETURN(topic_, kafka::MakeTopic(asking_.get(), options_));
  JALON_ASSIGN_OR_RETURN(const auto replicas,
                         kafka::ReadReplicas(asking_.get(), topic_.get(), options_));
  JALON_ASSIGN_OR_RETURN(
      const kafka::Durability durability,
      kafka::CheckTopic(asking_.get(), options_, kafka::LogTopic(options_), replicas));
  copies_ = {.all = durability.copies, .in_sync_min = durability.in_sync_min};
  JALON_ASSIGN_OR_RETURN(const auto ends, ReadEnds(replicas.size()));
  reach_ = std::make_unique<kafka::Reach>(static_cast<uint32_t>(ends.size()), options_.on_reach);
  watchers_ = std::make_unique<Watchers>(ends.size());
  readers_.OnReturn([this] { WakeAll(); });
  std::vector<uint64_t> begins = ends;
  for (uint64_t& begin : begins) begin -= std::min(begin, kRecentAtOpen);
  recent_ = std::make_unique<kafka::Recent>(
      kafka::Recent::Limits{options_.ring_entries_max, options_.ring_bytes_max}, begins);
  JALON_ASSIGN_OR_RETURN(producer_,
                         kafka::Producer::Make(options_, [this](Partition partition, auto offset) {
                           OnReport(partition, offset);
                         }));
  JALON_ASSIGN_OR_RETURN(
      tail_, kafka::Tail::Make({options_, *recent_, readers_, *reach_, durability.in_sync_min,
                                [this](Partition p) { Wake(p); }}));
  return AwaitAll(ends);
}

Result<uint64_t> KafkaLog::Impl::AwaitVisible(Partition partition, uint64_t end) {
  const auto visible = recent_->AwaitVisible(partition, end, options_.patience);
  if (visible) return *visible;
  if (auto fault = recent_->Fault(partition)) return std::unexpected(*std::move(fault));
  return std::unexpected(kafka::Unreachable(options_, RD_KAFKA_RESP_ERR__TIMED_OUT));
}

Result<void> KafkaLog::Impl::AwaitAll(const std::vector<uint64_t>& ends) {
  for (uint32_t p = 0; p < ends.size(); ++p) {
    JALON_RETURN_IF_ERROR(AwaitVisible(Partition{p}, ends[p]));
  }
  return {};
}

Result<void> KafkaLog::Impl::BeBorn(Birth birth) {
  birth_ = std::move(birth);
  if (birth_.Partitions() == recent_->PartitionCount()) return {};
  return Fail(
      Code::kFailedPrecondition, "LOG_MISCONFIGURED",
      fmt::format("topic {} has {} partitions, and was born with {}: schools would be looked "
                  "for in the wrong one; make the log anew and copy this one into it",
                  kafka::LogTopic(options_), recent_->PartitionCount(), birth_.Partitions()));
}

// The end of each partition, now.
Result<std::vector<uint64_t>> KafkaLog::Impl::ReadEnds(size_t count) {
  std::vector<Partition> all;
  all.reserve(count);
  for (uint32_t p = 0; p < count; ++p) all.push_back(Partition{p});
  JALON_ASSIGN_OR_RETURN(const auto firsts,
                         kafka::ReadEdges(asking_.get(), kafka::Edge::kFirst, all, options_));
  for (size_t p = 0; p < count; ++p) {
    if (firsts[p] > 0) return std::unexpected(kafka::Deleted(all[p], firsts[p]));
  }
  return kafka::ReadEdges(asking_.get(), kafka::Edge::kEnd, all, options_);
}

Result<void> KafkaLog::Impl::Append(Partition partition, const std::vector<Blob>& entries) {
  JALON_CHECK(!entries.empty());
  for (const Blob& bytes : entries) JALON_CHECK(bytes->size() <= limits::kRecordBytesMax);
  JALON_RETURN_IF_ERROR(Know(partition));
  return producer_->Produce(partition, entries, [&] { recent_->HandedOver(partition); });
}

// From the producer's thread, or from Append.
void KafkaLog::Impl::OnReport(Partition partition, std::optional<Offset> offset) {
  if (offset && reach_->Answered(partition)) WakeAll();
  const bool shown =
      offset ? recent_->Delivered(partition, *offset) : recent_->Undelivered(partition);
  if (shown) Wake(partition);
}

void KafkaLog::Impl::Wake(Partition partition) {
  std::vector<std::shared_ptr<Waker>> wakers;
  watchers_->Collect(partition, &wakers);
  for (const auto& waker : wakers) waker->Fire();
}

void KafkaLog::Impl::WakeAll() {
  for (uint32_t p = 0; p < recent_->PartitionCount(); ++p) Wake(Partition{p});
}

// Always from the brokers: it is by this that a node finds out whether they still hold what it
// read.
Result<std::vector<StoredEntry>> KafkaLog::Impl::ReadFrom(Partition partition, Offset first,
                                                          ReadLimit limit) {
  JALON_RETURN_IF_ERROR(Know(partition));
  const uint64_t end = recent_->Visible(partition);
  if (first.value >= end) return std::vector<StoredEntry>();
  JALON_RETURN_IF_ERROR(reach_->Check(partition));
  return ReadBrokers(partition, first, end, limit);
}

Result<std::vector<StoredEntry>> KafkaLog::Impl::ReadBrokers(Partition partition, Offset first,
                                                             uint64_t end, ReadLimit limit) {
  std::vector<StoredEntry> entries;
  JALON_ASSIGN_OR_RETURN(std::unique_ptr<kafka::Reader> reader, readers_.Await());
  ReadBudget budget(limit);
  const kafka::Reach::Time began = std::chrono::steady_clock::now();
  Result<void> read = reader->Start({{partition, first}});
  uint64_t at = first.value;
  for (; read && at < end; ++at) {
    kafka::Read next = reader->Next(options_.patience);
    if (!next) {
      read = std::unexpected(std::move(next).error());
    } else if (!*next) {
      read = std::unexpected(kafka::Unreachable(options_, RD_KAFKA_RESP_ERR__TIMED_OUT));
    } else if ((**next).offset.value != at) {
      read = std::unexpected(kafka::Missing(partition, at));
    } else if (!budget.Take((**next).bytes->size())) {
      reader->PutBack(std::move(**next));
      break;
    } else {
      entries.push_back(std::move(**next));
    }
  }
  if (!read || at == end) reader->Stop();  // otherwise the next call may read on
  readers_.GiveBack(std::move(reader));
  if (read) return entries;
  if (read.error().code == Code::kUnavailable) reach_->Silent(partition, read.error(), began);
  return std::unexpected(std::move(read).error());
}

Result<std::unique_ptr<Follower>> KafkaLog::Impl::Follow(const std::vector<Start>& from,
                                                         std::function<void()> wake) {
  for (const Start& start : from) JALON_RETURN_IF_ERROR(Know(start.partition));
  return std::make_unique<kafka::KafkaFollower>(
      kafka::Sources{*recent_, readers_, *reach_, *watchers_}, from, std::move(wake));
}

Result<Offset> KafkaLog::Impl::Head(Partition partition) {
  JALON_RETURN_IF_ERROR(Know(partition));
  return reach_->Ask(partition, [&] { return AskHead(partition); });
}

Result<Offset> KafkaLog::Impl::AskHead(Partition partition) {
  JALON_ASSIGN_OR_RETURN(const auto ends,
                         kafka::ReadEdges(asking_.get(), kafka::Edge::kEnd, {partition}, options_));
  // Followers see at once whatever this counts.
  JALON_ASSIGN_OR_RETURN(const uint64_t visible, AwaitVisible(partition, ends[0]));
  if (visible > ends[0]) {
    JALON_ASSIGN_OR_RETURN(const bool shorter, kafka::IsShorter(asking_.get(), topic_.get(),
                                                                partition, visible, options_));
    if (shorter) return std::unexpected(kafka::Diverged(partition, visible));
  }
  return Offset{visible};
}

KafkaLog::KafkaLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaLog::~KafkaLog() = default;

Error WhereNobodyTriesAgain(Error error) {
  const size_t hint = error.message.find(kafka::kTriedAgain);
  if (error.reason != "LOG_UNREACHABLE" || hint == std::string::npos) return error;
  error.message.replace(hint, kafka::kTriedAgain.size(),
                        "start its brokers, or correct the address, then try again");
  return error;
}

Result<std::unique_ptr<KafkaLog>> KafkaLog::Open(KafkaOptions options) {
  return WhereNobodyTriesAgain(OpenOnce(std::move(options)));
}

Result<std::unique_ptr<KafkaLog>> KafkaLog::OpenOnce(KafkaOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  JALON_RETURN_IF_ERROR(impl->Open());
  auto log = std::unique_ptr<KafkaLog>(new KafkaLog(std::move(impl)));
  JALON_ASSIGN_OR_RETURN(const log::v1::Genesis genesis, ReadGenesis(*log, Partition{0}));
  JALON_RETURN_IF_ERROR(log->impl_->BeBorn(BirthOf(genesis)));
  JALON_RETURN_IF_ERROR(CheckBirth(*log));
  return log;
}

Result<void> KafkaLog::Append(Partition partition, std::vector<Blob> entries) {
  return impl_->Append(partition, entries);
}
Result<std::vector<StoredEntry>> KafkaLog::ReadFrom(Partition partition, Offset first,
                                                    ReadLimit limit) {
  return impl_->ReadFrom(partition, first, limit);
}
Result<std::unique_ptr<Follower>> KafkaLog::Follow(std::vector<Start> from,
                                                   std::function<void()> wake) {
  return impl_->Follow(from, std::move(wake));
}
Result<Offset> KafkaLog::Head(Partition partition) { return impl_->Head(partition); }
const Birth& KafkaLog::birth() const { return impl_->birth(); }
KafkaLog::Copies KafkaLog::copies() const { return impl_->copies(); }

}  // namespace jalon::eventstore
