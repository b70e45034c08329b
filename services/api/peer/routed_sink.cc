#include "services/api/peer/routed_sink.h"

#include <grpc/support/time.h>
#include <grpcpp/alarm.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <utility>

#include "eventstore/base/mutex.h"
#include "services/api/peer/forwarded.h"
#include "services/api/registration.h"

namespace jalon::api {

using eventstore::Member;
using eventstore::Outcome;
using eventstore::Submission;

struct RoutedSink::Shared {
  std::atomic<bool> stopped = false;
  Mutex mutex;
  Condition ended;
  size_t trying JALON_GUARDED_BY(mutex) = 0;
};

namespace {

constexpr const char* kNotOwner = "NOT_OWNER";
constexpr const char* kUnknown = "OUTCOME_UNKNOWN";

Outcome FailedWith(std::string reason, std::string message) {
  Outcome outcome;
  outcome.error = {Code::kUnavailable, std::move(reason), std::move(message), {}};
  return outcome;
}

uint64_t NumberFrom(const std::string& text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

// One command until it is answered. It keeps itself alive through what it waits for.
class RoutedSink::Trying : public std::enable_shared_from_this<Trying> {
 public:
  Trying(const RoutedParts& parts, std::shared_ptr<Shared> shared, Partition partition,
         Submission submission)
      : parts_(parts),
        shared_(std::move(shared)),
        submitted_to_(partition),
        partition_(partition),
        submission_(std::move(submission)),
        request_(static_cast<const domain::Request&>(*submission_.command)) {
    const Micros now = parts_.clock.Monotonic();
    until_ = std::min(request_.until, now + kForwardedAtMost);
    MutexLock lock(shared_->mutex);
    ++shared_->trying;
  }
  ~Trying() {
    MutexLock lock(shared_->mutex);
    if (--shared_->trying == 0) shared_->ended.notify_all();
  }

  void Try() {
    if (shared_->stopped) return GiveUp("the server ends; send it again to another node");
    const auto route = parts_.hints.RouteOf(partition_);
    if (!route || route->node == parts_.node) return TryHere();
    TryThere(*route);
  }

 private:
  // A fresh copy, since a writer keeps what it is given.
  Submission Copy() const {
    return {.tenant = submission_.tenant,
            .request_id = submission_.request_id,
            .body_mac = submission_.body_mac,
            .actor = submission_.actor,
            .trace = submission_.trace,
            .command = std::make_unique<domain::Request>(request_),
            .done = {}};
  }

  void TryHere() {
    Submission copy = Copy();
    copy.done = [self = shared_from_this()](Outcome outcome) {
      self->OnOutcome(std::move(outcome));
    };
    if (const auto taken = parts_.local.Submit(partition_, std::move(copy)); !taken) {
      Outcome failed;
      failed.error = taken.error();
      OnOutcome(std::move(failed));
    }
  }

  void TryThere(const Member& owner) {
    if (!forward_) {
      forward_ =
          std::make_shared<const node::v1::ForwardRequest>(EncodeForward(submission_, partition_));
    }
    const Micros left = until_ - parts_.clock.Monotonic();
    if (left <= Micros(0)) return GiveUp("no owner answered in time");
    parts_.peers.Forward(owner.address, forward_, std::min(left, Micros(kPeerPatience)),
                         [self = shared_from_this(), owner](auto answer) {
                           if (answer) return self->OnOutcome(DecodeOutcome(*answer));
                           self->OnSilence(owner, answer.error());
                         });
  }

  void OnSilence(const Member& owner, const PeerError& error) {
    if (error.refused) {
      parts_.hints.Refused(owner.node);
    } else {
      perhaps_taken_ = true;
    }
    TryLater("the owner of the school's partition does not answer");
  }

  void OnOutcome(Outcome outcome) {
    if (outcome.kind != Outcome::Kind::kFailed) return Finish(std::move(outcome));
    if (outcome.error.reason == kPlacedElsewhere) return TryWhereItIsPlaced();
    if (outcome.error.reason != kNotOwner) return OnFailure(std::move(outcome));
    const auto& told = outcome.error.metadata;
    const auto node = told.find("node");
    const auto address = told.find("address");
    const auto epoch = told.find("epoch");
    if (node != told.end() && address != told.end() && epoch != told.end()) {
      parts_.hints.Told(partition_, {node->second, address->second},
                        Epoch{NumberFrom(epoch->second)});
    }
    TryLater("the school's partition changes hands");
  }

  // What one node says does not settle what another may have done with the same command.
  void OnFailure(Outcome outcome) {
    if (outcome.error.reason == kUnknown) perhaps_taken_ = true;
    if (!perhaps_taken_) return Finish(std::move(outcome));
    TryLater("an owner did not answer, and no other one can say what became of the command");
  }

  // It is known here a moment after it is known there.
  void TryWhereItIsPlaced() {
    if (!IsRegistration(request_)) {
      partition_ = parts_.placement.PartitionOf(request_.school_id);
      forward_.reset();
    }
    TryLater("where the school is kept is not known here yet");
  }

  void TryLater(const char* why) {
    if (shared_->stopped || parts_.clock.Monotonic() + kTryAgain >= until_) return GiveUp(why);
    // Its own callback may replace it; what the callback holds is let go before that.
    alarm_ = std::make_unique<grpc::Alarm>();
    alarm_->Set(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                             gpr_time_from_millis(kTryAgain.count(), GPR_TIMESPAN)),
                [self = shared_from_this()](bool) mutable { std::exchange(self, nullptr)->Try(); });
  }

  void GiveUp(const char* why) {
    Finish(FailedWith(perhaps_taken_ ? kUnknown : "NOT_SERVING",
                      std::string(why) + "; send the command again with the same request id"));
  }

  void Finish(Outcome outcome) {
    if (partition_ != submitted_to_) outcome.moved_to = partition_;
    std::exchange(submission_.done, {})(std::move(outcome));
  }

  const RoutedParts& parts_;
  const std::shared_ptr<Shared> shared_;
  const Partition submitted_to_;
  Partition partition_;  // where the school is kept, as far as is known by now
  Submission submission_;
  const domain::Request& request_;
  Micros until_{};
  bool perhaps_taken_ = false;  // an owner may have it
  std::shared_ptr<const node::v1::ForwardRequest> forward_;
  std::unique_ptr<grpc::Alarm> alarm_;
};

RoutedSink::RoutedSink(RoutedParts parts)
    : parts_(std::move(parts)), shared_(std::make_shared<Shared>()) {}

RoutedSink::~RoutedSink() {
  Stop();
  MutexLock lock(shared_->mutex);
  lock.Wait(shared_->ended,
            [this]() JALON_REQUIRES(shared_->mutex) { return shared_->trying == 0; });
}

Result<void> RoutedSink::TakesCommands() {
  if (shared_->stopped) {
    return Fail(Code::kUnavailable, "NOT_SERVING", "the server ends: try again");
  }
  return parts_.local.TakesCommands();
}

Result<void> RoutedSink::Submit(Partition partition, Submission submission) {
  std::make_shared<Trying>(parts_, shared_, partition, std::move(submission))->Try();
  return {};
}

void RoutedSink::Stop() { shared_->stopped = true; }

}  // namespace jalon::api
