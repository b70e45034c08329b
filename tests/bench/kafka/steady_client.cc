#include "tests/bench/kafka/steady_client.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tests/faults/load.h"

namespace jalon::bench {
namespace {

// Between two tries, so that nodes which refuse at once have time for something else.
constexpr useconds_t kAgainUs = 2000;

}  // namespace

SteadyClient::SteadyClient(std::vector<client::Client> coordinators)
    : coordinators_(std::move(coordinators)), acked_(coordinators_.size()) {
  for (size_t school = 0; school < coordinators_.size(); ++school) {
    threads_.emplace_back([this, school](const std::stop_token& stop) { Run(school, stop); });
  }
}

SteadyClient::~SteadyClient() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void SteadyClient::Run(size_t school, const std::stop_token& stop) {
  for (uint64_t number = 0; !stop.stop_requested(); ++number) {
    const std::string id = faults::NewRequestId();
    bool again = false;
    while (!Try(school, id, number, again) && !stop.stop_requested()) {
      again = true;
      usleep(kAgainUs);
    }
  }
}

bool SteadyClient::Try(size_t school, const std::string& id, uint64_t number, bool again) {
  const Micros sent = clock_.Monotonic();
  const client::Reply reply =
      coordinators_[school].Command(*faults::CommandOf(number), faults::Header(id));
  const Micros now = clock_.Monotonic();
  MutexLock lock(mutex_);
  if (reply.ok) {
    acked_[school].push_back({Seq{reply.result.position().seq()}, now});
    ++acked_count_;
    if (!again) answers_.push_back(now - sent);
    return true;
  }
  const bool unknown = reply.error.code == Code::kUnavailable ||
                       reply.error.code == Code::kDeadlineExceeded ||
                       reply.error.code == Code::kCancelled;
  if (unknown && !failed_) failed_ = now;
  return !unknown;  // some are refused on purpose
}

std::optional<Micros> SteadyClient::FirstAcked(size_t school, Seq after) {
  MutexLock lock(mutex_);
  for (const Acked& acked : acked_[school]) {
    if (acked.seq > after) return acked.at;
  }
  return std::nullopt;
}

std::optional<Micros> SteadyClient::FirstFailed() {
  MutexLock lock(mutex_);
  return failed_;
}

Micros SteadyClient::MedianAnswer() {
  MutexLock lock(mutex_);
  if (answers_.empty()) return {};
  std::vector<Micros> sorted = answers_;
  std::ranges::sort(sorted);
  return sorted[sorted.size() / 2];
}

uint64_t SteadyClient::acked() {
  MutexLock lock(mutex_);
  return acked_count_;
}

void SteadyClient::Forget() {
  MutexLock lock(mutex_);
  for (std::vector<Acked>& school : acked_) school.clear();
  failed_.reset();
  answers_.clear();
}

}  // namespace jalon::bench
