#include "tests/bench/kafka/bare_producer.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/random.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "tests/bench/report.h"

namespace jalon::bench {
namespace {

constexpr size_t kIdBytes = 16;

}  // namespace

Result<std::vector<eventstore::Blob>> LastRecords(const Place& log,
                                                  const std::vector<Partition>& partitions,
                                                  size_t each) {
  JALON_ASSIGN_OR_RETURN(const auto opened, eventstore::KafkaLog::Open(log.Options()));
  std::vector<eventstore::Blob> records;
  for (const Partition partition : partitions) {
    JALON_ASSIGN_OR_RETURN(const Offset head, opened->Head(partition));
    const Offset first{head.value > each ? head.value - each : 0};
    JALON_ASSIGN_OR_RETURN(const auto entries,
                           opened->ReadFrom(partition, first, {.entries = each}));
    for (const eventstore::StoredEntry& entry : entries) records.push_back(entry.bytes);
  }
  return records;
}

double MeanBytes(const std::vector<eventstore::Blob>& records) {
  double bytes = 0;
  for (const eventstore::Blob& record : records) bytes += static_cast<double>(record->size());
  return records.empty() ? 0 : bytes / static_cast<double>(records.size());
}

Result<std::unique_ptr<BareProducer>> BareProducer::Make(const Place& log, uint32_t partitions) {
  eventstore::KafkaOptions options = log.Options();
  JALON_RETURN_IF_ERROR(
      eventstore::KafkaLog::Create(options, {.cluster_id = RandomBytes(kIdBytes),
                                             .log_incarnation = RandomBytes(kIdBytes),
                                             .partition_count = partitions}));
  auto made = std::unique_ptr<BareProducer>(new BareProducer(std::move(options)));
  JALON_ASSIGN_OR_RETURN(
      made->producer_,
      eventstore::kafka::Producer::Make(
          made->options_, [&made = *made](Partition partition, std::optional<Offset> offset) {
            made.OnReport(partition, offset);
          }));
  return made;
}

Result<BareProducer::Figures> BareProducer::Run(const std::vector<eventstore::Blob>& records,
                                                const std::vector<Partition>& to,
                                                uint32_t in_flight, uint64_t count) {
  uint32_t partitions = 0;
  for (const Partition partition : to) partitions = std::max(partitions, partition.value + 1);
  {
    MutexLock lock(mutex_);
    job_ = Job();
    job_.records = &records;
    job_.to = &to;
    job_.count = count;
    job_.sent_at.resize(partitions);
    job_.latencies_us.reserve(count);
  }
  const Micros start = clock_.Monotonic();
  for (uint32_t i = 0; i < in_flight; ++i) SendNext();
  MutexLock lock(mutex_);
  lock.Wait(changed_, [this]() JALON_REQUIRES(mutex_) {
    return job_.failed || job_.latencies_us.size() == job_.count;
  });
  if (job_.failed) return std::unexpected(*job_.failed);
  const auto seconds = static_cast<double>((clock_.Monotonic() - start).count()) / 1e6;
  return Figures{static_cast<double>(count) / seconds, Median(std::move(job_.latencies_us))};
}

// From the producer's own thread, once the first are out: the next goes as soon as one is there.
void BareProducer::SendNext() {
  Partition partition;
  eventstore::Blob record;
  {
    MutexLock lock(mutex_);
    if (job_.failed || job_.sent == job_.count) return;
    partition = (*job_.to)[job_.sent % job_.to->size()];
    record = (*job_.records)[job_.sent % job_.records->size()];
    ++job_.sent;
  }
  const Result<void> taken = producer_->Produce(partition, {std::move(record)}, [&] {
    MutexLock lock(mutex_);
    job_.sent_at[partition.value].push_back(clock_.Monotonic());
  });
  if (taken) return;
  MutexLock lock(mutex_);
  job_.failed = taken.error();
  changed_.notify_all();
}

// In the order of each partition.
void BareProducer::OnReport(Partition partition, std::optional<Offset> offset) {
  {
    MutexLock lock(mutex_);
    if (!offset) {
      job_.failed = Error{Code::kUnavailable, "LOG_UNREACHABLE", "a record was not delivered", {}};
      changed_.notify_all();
      return;
    }
    std::deque<Micros>& out = job_.sent_at[partition.value];
    const Micros took = clock_.Monotonic() - out.front();
    out.pop_front();
    job_.latencies_us.push_back(static_cast<double>(took.count()));
    if (job_.latencies_us.size() == job_.count) changed_.notify_all();
  }
  SendNext();
}

}  // namespace jalon::bench
