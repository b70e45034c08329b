#include "services/node/publishing.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/base/thread_name.h"
#include "jalon/event/v1/system_events.pb.h"
#include "services/api/own_command.h"
#include "services/api/queries/grown_logs.h"
#include "services/client/request_id.h"
#include "services/domain/signed_claim.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using eventstore::Outcome;
using eventstore::Submission;

// What Write waits for. Whoever rings may be late, so it holds it too.
struct Bell {
  void Ring(std::optional<Outcome> outcome) {
    {
      MutexLock lock(mutex);
      told = std::move(outcome);
      rung = true;
    }
    wake.notify_one();
  }

  Mutex mutex;
  Condition wake;
  bool rung JALON_GUARDED_BY(mutex) = false;
  std::optional<Outcome> told JALON_GUARDED_BY(mutex);
};

std::shared_ptr<event::v1::LogsPublished> PublicationOf(
    const std::vector<trail::Checkpoint>& logs) {
  auto publication = std::make_shared<event::v1::LogsPublished>();
  for (const trail::Checkpoint& log : logs) {
    type::v1::PublishedLog& published = *publication->add_logs();
    published.set_origin(log.origin);
    published.set_size(log.size);
    published.set_root(Bytes(View(log.root)));
  }
  return publication;
}

}  // namespace

void Publishing::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Publishing::Stop() {
  std::deque<Asked> left;
  thread_.request_stop();
  {
    MutexLock lock(mutex_);
    ended_ = true;
    left.swap(asked_);
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  for (const Asked& asked : left) asked.done();
}

bool Publishing::Publishes() const { return parts_.placement.System() && parts_.names.CanSign(); }

void Publishing::Publish(const trail::Checkpoint& log, std::function<void()> done) {
  if (log.size == 0 || !Publishes()) return done();
  {
    MutexLock lock(mutex_);
    if (!ended_) {
      asked_.push_back({log, std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  done();
}

void Publishing::Run(const std::stop_token& stop) {
  NameThread("publish");
  Micros all_at = parts_.clock.Monotonic() + parts_.every;
  while (!stop.stop_requested()) {
    std::deque<Asked> asked;
    {
      MutexLock lock(mutex_);
      const auto wait = std::max(Micros(0), all_at - parts_.clock.Monotonic());
      lock.WaitFor(wake_, wait, [&]() JALON_REQUIRES(mutex_) { return ended_ || !asked_.empty(); });
      asked.swap(asked_);
    }
    if (!asked.empty()) {
      std::vector<trail::Checkpoint> logs;
      for (const Asked& one : asked) {
        if (logs.size() == kLogsPerPublication) Write(std::exchange(logs, {}));
        logs.push_back(one.log);
      }
      Write(logs);
      for (const Asked& one : asked) one.done();
    }
    if (parts_.clock.Monotonic() >= all_at) {
      if (Publishes()) PublishGrown(stop);
      all_at = parts_.clock.Monotonic() + parts_.every;
    }
  }
}

void Publishing::PublishGrown(const std::stop_token& stop) {
  std::vector<trail::Checkpoint> logs;
  const Result<void> read =
      api::EachGrownLog(parts_.views, parts_.placement, parts_.names, [&](trail::Checkpoint log) {
        logs.push_back(std::move(log));
        if (logs.size() < kLogsPerPublication) return !stop.stop_requested();
        const bool goes_on = Write(logs);
        logs.clear();
        return goes_on && !stop.stop_requested();
      });
  // Views that are not there yet are there at the next turn.
  if (!read && read.error().code != Code::kUnavailable) return parts_.on_fault(read.error());
  if (!logs.empty()) Write(logs);
}

void Publishing::OnRefused(const domain::Refusals& refusals) const {
  const auto refused = refusals.Sorted();
  const std::string about = refused.empty() || refused.front().subjects.empty()
                                ? std::string()
                                : refused.front().subjects.front();
  if (about.empty() || about == "signature") {
    return Log(Level::kWarning,
               "what has grown is not published: another signer has claimed, and publishes it");
  }
  parts_.on_fault({Code::kDataLoss,
                   "PARTITION_DIVERGED",
                   fmt::format("{} was published at its size with another root: the log lost or "
                               "changed acknowledged bytes; restore it from its backup",
                               about),
                   {}});
}

bool Publishing::Write(const std::vector<trail::Checkpoint>& logs) {
  const auto publication = PublicationOf(logs);
  Result<std::string> signature = parts_.names.signer->SignPublication(
      domain::PublicationText(*publication, parts_.names.deployment));
  if (!signature) return false;  // another signer publishes
  publication->set_signature(*std::move(signature));
  const auto bell = std::make_shared<Bell>();
  const Partition system = *parts_.placement.System();
  const Micros deadline = parts_.clock.Monotonic() + kPublishWait;
  Submission submission =
      api::SubmissionOf({.wanted = publication,
                         .request_id = client::NewRequestId(
                             static_cast<uint64_t>(parts_.clock.Wall().count()) / 1000),
                         .until = deadline});
  submission.done = [bell](Outcome outcome) { bell->Ring(std::move(outcome)); };
  const auto submitted = parts_.sink.Submit(system, std::move(submission));
  if (!submitted) return false;  // nothing is lost: they are still grown at the next turn
  std::optional<Outcome> outcome;
  {
    MutexLock lock(bell->mutex);
    lock.WaitFor(bell->wake, kPublishWait,
                 [&]() JALON_REQUIRES(bell->mutex) { return bell->rung; });
    outcome = bell->told;
  }
  if (!outcome) return false;
  if (outcome->kind == Outcome::Kind::kRefused) {
    OnRefused(static_cast<const domain::Denied&>(*outcome->refusal).refusals());
    return false;
  }
  if (outcome->kind == Outcome::Kind::kFailed) return false;
  const auto reflected = std::make_shared<Bell>();
  parts_.views.Await(system, parts_.sink.LogIncarnation(), outcome->seq, deadline,
                     [reflected](const Result<void>& reached) {
                       reflected->Ring(reached ? std::optional(Outcome()) : std::nullopt);
                     });
  MutexLock lock(reflected->mutex);
  lock.WaitFor(reflected->wake, kPublishWait,
               [&]() JALON_REQUIRES(reflected->mutex) { return reflected->rung; });
  return reflected->told.has_value();
}

}  // namespace jalon::node
