#include "eventstore/log/kafka/tail.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "eventstore/base/mutex.h"
#include "eventstore/base/thread_name.h"

namespace jalon::eventstore::kafka {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::milliseconds kFetch{100};

// Each is compared anew with what its leader holds, once that one is known.
void ForgetLeaders(std::vector<Replicas>* before) {
  for (Replicas& replicas : *before) replicas.leader = -1;
}

Error Gone(const KafkaOptions& options) {
  return {Code::kDataLoss,
          "PARTITION_DIVERGED",
          fmt::format("topic {} is gone from the brokers at {}: find out who deleted it, and "
                      "restore the log from a backup",
                      LogTopic(options), options.brokers),
          {}};
}

}  // namespace

Result<std::unique_ptr<Tail>> Tail::Make(Parts parts) {
  auto tail = std::unique_ptr<Tail>(new Tail(std::move(parts)));
  const KafkaOptions& options = tail->parts_.options;
  Settings settings = ConsumerSettings();
  settings.emplace_back("enabled_events", std::to_string(RD_KAFKA_EVENT_ERROR));
  JALON_ASSIGN_OR_RETURN(tail->handle_, MakeHandle(RD_KAFKA_CONSUMER, options, settings));
  tail->troubles_.reset(rd_kafka_queue_get_main(tail->handle_.get()));
  JALON_ASSIGN_OR_RETURN(tail->topic_, MakeTopic(tail->handle_.get(), options));
  tail->queue_.reset(rd_kafka_queue_new(tail->handle_.get()));
  std::vector<Partition> all;
  for (uint32_t p = 0; p < tail->parts_.recent.PartitionCount(); ++p) {
    const uint64_t end = tail->parts_.recent.End(Partition{p});
    if (rd_kafka_consume_start_queue(tail->topic_.get(), static_cast<int32_t>(p),
                                     static_cast<int64_t>(end), tail->queue_.get()) != 0) {
      return std::unexpected(Unreachable(options, rd_kafka_last_error()));
    }
    all.push_back(Partition{p});
  }
  // Wakes the threads that fetch, as in Reader.
  JALON_RETURN_IF_ERROR(ReadEdges(tail->handle_.get(), Edge::kFirst, all, options));
  Tail& self = *tail;
  self.following_ = std::jthread([&self](const std::stop_token& stop) { self.Follow(stop); });
  self.watching_ = std::jthread([&self](const std::stop_token& stop) { self.Watch(stop); });
  return tail;
}

Tail::~Tail() {
  for (std::jthread* thread : {&following_, &watching_}) {
    if (!thread->joinable()) continue;
    thread->request_stop();
    thread->join();
  }
  if (topic_ == nullptr) return;
  for (uint32_t p = 0; p < parts_.recent.PartitionCount(); ++p) {
    rd_kafka_consume_stop(topic_.get(), static_cast<int32_t>(p));
  }
}

void Tail::Follow(const std::stop_token& stop) {
  NameThread("kafka-tail");
  while (!stop.stop_requested()) {
    std::vector<StoredEntry> entries;
    TakeMessages(queue_.get(), kFetch, [&](const rd_kafka_message_t& message) {
      Read entry = ReadMessage(message, parts_.options);
      const Partition partition{static_cast<uint32_t>(message.partition)};
      if (entry) {
        if (*entry) entries.push_back(std::move(**entry));
      } else if (entry.error().code == Code::kOutOfRange) {
        MutexLock lock(mutex_);
        missing_.insert(partition);
        wake_.notify_all();
      } else {
        Diverge(partition, std::move(entry).error());
      }
    });
    if (entries.empty()) continue;
    for (const StoredEntry& entry : entries) {
      if (parts_.reach.Answered(entry.partition)) ShowAll();
    }
    for (const Partition partition : parts_.recent.Publish(std::move(entries))) {
      parts_.shown(partition);
    }
  }
}

void Tail::Diverge(Partition partition, Error error) {
  parts_.recent.Diverge(partition, std::move(error));
  parts_.shown(partition);
}

void Tail::Watch(const std::stop_token& stop) {
  NameThread("kafka-watch");
  std::vector<Replicas> before;
  const std::stop_callback on_stop(stop, [&] {
    MutexLock lock(mutex_);
    wake_.notify_all();
  });
  while (!stop.stop_requested()) {
    Look(&before, stop);
    std::set<Partition> missing;
    {
      MutexLock lock(mutex_);
      lock.WaitFor(wake_, parts_.options.watch_interval, [&]() JALON_REQUIRES(mutex_) {
        return stop.stop_requested() || !missing_.empty();
      });
      missing.swap(missing_);
    }
    for (const Partition partition : missing) Resume(partition);
  }
}

void Tail::Resume(Partition partition) {
  const uint64_t end = parts_.recent.End(partition);
  const Result<bool> shorter =
      IsShorter(handle_.get(), topic_.get(), partition, end, parts_.options);
  if (shorter && *shorter) return Diverge(partition, Diverged(partition, end));
  const auto number = static_cast<int32_t>(partition.value);
  rd_kafka_consume_stop(topic_.get(), number);
  if (!shorter || rd_kafka_consume_start_queue(topic_.get(), number, static_cast<int64_t>(end),
                                               queue_.get()) != 0) {
    MutexLock lock(mutex_);
    missing_.insert(partition);  // no broker said: asked again
  }
}

// A leader is taken as known once the last entry was compared with what it holds.
void Tail::Look(std::vector<Replicas>* before, const std::stop_token& stop) {
  const std::vector<uint64_t> doubts = parts_.recent.Doubts();
  const uint64_t answers = parts_.reach.Answers();
  if (LostConnection()) ForgetLeaders(before);
  const auto now = ReadReplicas(handle_.get(), topic_.get(), parts_.options);
  if (!now) {
    ForgetLeaders(before);
    return Miss(now.error(), answers);
  }
  gone_since_.reset();
  TellReach(*now);
  const size_t count = std::min<size_t>(now->size(), parts_.recent.PartitionCount());
  for (uint32_t p = 0; p < count && !stop.stop_requested(); ++p) {
    const Replicas& replicas = (*now)[p];
    const bool is_new = p >= before->size();
    if (replicas.leader < 0) {
      if (is_new) return;
      (*before)[p].leader = replicas.leader;
      continue;
    }
    if (replicas.in_sync >= parts_.enough_in_sync && parts_.recent.Trust(Partition{p}, doubts[p])) {
      parts_.shown(Partition{p});
    }
    if (is_new) {
      before->push_back(replicas);
    } else if ((*before)[p].leader != replicas.leader && CheckLast(Partition{p})) {
      (*before)[p] = replicas;
    }
  }
}

void Tail::Miss(const Error& why, uint64_t answers) {
  if (why.code != Code::kNotFound) {
    gone_since_.reset();
    return parts_.reach.NobodyAnswers(why, answers);
  }
  const auto now = steady_clock::now();
  if (!gone_since_) gone_since_ = now;
  if (now - *gone_since_ < parts_.options.confirmation) return;
  for (uint32_t p = 0; p < parts_.recent.PartitionCount(); ++p) {
    Diverge(Partition{p}, Gone(parts_.options));
  }
}

void Tail::TellReach(const std::vector<Replicas>& replicas) {
  std::vector<int32_t> leaders;
  leaders.reserve(replicas.size());
  for (const Replicas& each : replicas) leaders.push_back(each.leader);
  bool heard = parts_.reach.Lead(leaders);
  KafkaOptions quick = parts_.options;  // the next look must not wait for one that stays silent
  quick.patience = std::min(quick.patience, quick.watch_interval);
  for (const Partition partition : parts_.reach.ToAsk()) {
    if (!ReadEdges(handle_.get(), Edge::kEnd, {partition}, quick)) continue;
    heard = parts_.reach.Answered(partition) || heard;
  }
  if (heard) ShowAll();
}

void Tail::ShowAll() {
  for (uint32_t p = 0; p < parts_.recent.PartitionCount(); ++p) parts_.shown(Partition{p});
}

bool Tail::LostConnection() {
  bool lost = false;
  while (const Event event{rd_kafka_queue_poll(troubles_.get(), 0)}) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR) continue;
    lost = true;
    if (parts_.options.on_trouble) {
      parts_.options.on_trouble(rd_kafka_event_error_string(event.get()));
    }
  }
  return lost;
}

// False: the brokers did not say.
bool Tail::CheckLast(Partition partition) {
  const std::optional<StoredEntry> last = parts_.recent.Last(partition);
  if (!last) return true;
  if (!parts_.reach.Check(partition)) return false;
  Result<std::unique_ptr<Reader>> reader = parts_.readers.Await();
  if (!reader) return false;
  const Reach::Time began = steady_clock::now();
  const Result<void> started = (*reader)->Start({{partition, last->offset}});
  Read there =
      started ? (*reader)->Next(parts_.options.patience) : Read(std::unexpected(started.error()));
  (*reader)->Stop();
  parts_.readers.GiveBack(std::move(*reader));
  if (!there) {
    if (there.error().code == Code::kUnavailable) {
      parts_.reach.Silent(partition, there.error(), began);
    }
    if (there.error().code != Code::kDataLoss) return false;
    Diverge(partition, there.error());
  } else if (!*there) {
    parts_.reach.Silent(partition, Unreachable(parts_.options, RD_KAFKA_RESP_ERR__TIMED_OUT),
                        began);
    return false;
  } else if (*(**there).bytes != *last->bytes) {
    Diverge(partition,
            {Code::kDataLoss,
             "PARTITION_DIVERGED",
             fmt::format(
                 "partition {}: the entry at offset {} is another one since a "
                 "broker came back or another leads; find out what cut the topic, and restore the "
                 "log from a backup",
                 partition.value, last->offset.value),
             {}});
  }
  return true;
}

}  // namespace jalon::eventstore::kafka
