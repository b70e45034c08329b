#include "tests/bench/kafka/claim_watch.h"

#include <chrono>
#include <utility>

#include "eventstore/log/kafka/kafka_log.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::bench {

using eventstore::StoredEntry;

Result<std::unique_ptr<ClaimWatch>> ClaimWatch::Start(const Place& log, uint32_t partitions) {
  auto watch = std::unique_ptr<ClaimWatch>(new ClaimWatch);
  JALON_ASSIGN_OR_RETURN(watch->log_, eventstore::KafkaLog::Open(log.Options()));
  std::vector<eventstore::Start> from;
  for (uint32_t p = 0; p < partitions; ++p) {
    JALON_ASSIGN_OR_RETURN(const Offset head, watch->log_->Head(Partition{p}));
    from.push_back({Partition{p}, head});
  }
  JALON_ASSIGN_OR_RETURN(watch->follower_, watch->log_->Follow(std::move(from), [&watch = *watch] {
    MutexLock lock(watch.mutex_);
    watch.more_ = true;
    watch.changed_.notify_all();
  }));
  watch->thread_ =
      std::jthread([&watch = *watch](const std::stop_token& stop) { watch.Run(stop); });
  return watch;
}

ClaimWatch::~ClaimWatch() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  follower_.reset();  // before its log
}

void ClaimWatch::Run(const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kLook{100};  // for the end of it
  while (!stop.stop_requested()) {
    auto entries = follower_->Poll({});
    const Micros now = clock_.Monotonic();
    MutexLock lock(mutex_);
    if (!entries) {
      failed_ = entries.error();
      return;
    }
    for (const StoredEntry& entry : *entries) {
      log::v1::Entry read;
      if (!read.ParseFromString(*entry.bytes) || !read.has_claim()) continue;
      claims_.push_back({entry.partition, read.claim().node(), Seq{read.claim().base_seq()}, now});
    }
    if (!entries->empty()) continue;
    lock.WaitFor(changed_, kLook, [this]() JALON_REQUIRES(mutex_) { return more_; });
    more_ = false;
  }
}

std::optional<SeenClaim> ClaimWatch::First(Partition partition, const std::string& but,
                                           Micros from) {
  MutexLock lock(mutex_);
  for (const SeenClaim& claim : claims_) {
    if (claim.partition == partition && claim.at >= from && claim.node != but) return claim;
  }
  return std::nullopt;
}

std::optional<Error> ClaimWatch::failed() {
  MutexLock lock(mutex_);
  return failed_;
}

}  // namespace jalon::bench
