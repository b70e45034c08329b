#include "projections/engine/publication.h"

#include <fmt/format.h>

#include <utility>

#include "eventstore/base/check.h"

namespace jalon::projections {
namespace {

std::unexpected<Error> NotServing(Partition partition) {
  return Fail(Code::kUnavailable, "NOT_SERVING",
              fmt::format("partition {}: the views are not up to date since the start; try again",
                          partition.value));
}

}  // namespace

void Publication::Publish(std::shared_ptr<const StoreSnapshot> snapshot,
                          std::vector<std::shared_ptr<const PublishedPartition>> changed) {
  std::vector<Answer> answers;
  std::shared_ptr<const StoreSnapshot> released;  // without the lock
  std::vector<std::shared_ptr<const PublishedPartition>> replaced;
  {
    const MutexLock lock(mutex_);
    released = std::exchange(snapshot_, std::move(snapshot));
    for (auto& partition : changed) {
      auto& published = partitions_[partition->as_of.partition];
      JALON_CHECK(published == nullptr || published->as_of.seq <= partition->as_of.seq);
      replaced.push_back(std::exchange(published, std::move(partition)));
    }
    std::erase_if(waiters_, [&](Waiter& waiter) JALON_REQUIRES(mutex_) {
      std::optional<Result<void>> answer = AnswerTo(waiter);
      if (!answer) return false;
      answers.push_back({std::move(waiter.done), *std::move(answer)});
      return true;
    });
  }
  Call(std::move(answers));
}

void Publication::Expire(Micros now) {
  std::vector<Answer> answers;
  {
    const MutexLock lock(mutex_);
    std::erase_if(waiters_, [&](Waiter& waiter) JALON_REQUIRES(mutex_) {
      if (waiter.deadline > now) return false;
      answers.push_back({std::move(waiter.done), Behind(waiter)});
      return true;
    });
  }
  Call(std::move(answers));
}

void Publication::Close() {
  std::vector<Answer> answers;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    for (Waiter& waiter : waiters_) {
      answers.push_back({std::move(waiter.done), NotServing(waiter.partition)});
    }
    waiters_.clear();
  }
  Call(std::move(answers));
}

Result<ReadView> Publication::Read(Partition partition, Bytes tenant) const {
  std::shared_ptr<const StoreSnapshot> snapshot;
  std::shared_ptr<const PublishedPartition> published;
  {
    const MutexLock lock(mutex_);
    const auto found = partitions_.find(partition);
    if (found == partitions_.end()) {
      return Fail(Code::kNotFound, "NOT_FOUND",
                  fmt::format("partition {} is not folded by this node", partition.value));
    }
    snapshot = snapshot_;
    published = found->second;
  }
  if (published->error) return std::unexpected(*published->error);
  if (!published->serving) return NotServing(partition);
  return ReadView(std::move(snapshot), published->generations, views_, std::move(tenant),
                  published->as_of);
}

void Publication::Await(Partition partition, std::string_view log_incarnation, Seq seq,
                        Micros deadline, Done done) {
  Waiter waiter{partition, Bytes(log_incarnation), seq, deadline, std::move(done)};
  std::optional<Result<void>> answer;
  {
    const MutexLock lock(mutex_);
    answer = AnswerTo(waiter);
    if (!answer && closed_) answer = NotServing(partition);
    if (!answer) waiters_.push_back(std::move(waiter));
  }
  if (answer) return waiter.done(*std::move(answer));
  if (awaited_) awaited_();
}

bool Publication::Awaited() const {
  const MutexLock lock(mutex_);
  return !waiters_.empty();
}

std::optional<Result<void>> Publication::AnswerTo(const Waiter& waiter) const {
  const auto found = partitions_.find(waiter.partition);
  if (found == partitions_.end()) return std::nullopt;
  const PublishedPartition& published = *found->second;
  if (published.error) return std::unexpected(*published.error);
  if (!published.serving) return std::nullopt;
  if (waiter.log_incarnation != published.as_of.log_incarnation) {
    return Fail(Code::kFailedPrecondition, "POSITION_FROM_ANOTHER_LOG",
                "the position belongs to another life of the log, such as before a backup was "
                "restored: read again without it");
  }
  if (published.as_of.seq < waiter.seq) return std::nullopt;
  return Result<void>{};
}

std::unexpected<Error> Publication::Behind(const Waiter& waiter) const {
  const auto found = partitions_.find(waiter.partition);
  if (found == partitions_.end() || !found->second->serving) return NotServing(waiter.partition);
  const uint64_t seq = found->second->as_of.seq.value;
  Error error{Code::kUnavailable,
              "VIEW_BEHIND",
              fmt::format("partition {}: the views are at position {}, not yet at {}; try again",
                          waiter.partition.value, seq, waiter.seq.value),
              {{"as_of_seq", std::to_string(seq)}}};
  return std::unexpected(std::move(error));
}

void Publication::Call(std::vector<Answer> answers) {
  for (Answer& answer : answers) answer.done(std::move(answer.result));
}

}  // namespace jalon::projections
