// Answers on their way: collected while the writer works, handed out in one go.
#pragma once

#include <utility>
#include <vector>

#include "eventstore/writer/application.h"
#include "eventstore/writer/dedupe.h"

namespace jalon::eventstore {

// Thread safety: one thread at a time.
class Answers {
 public:
  // Answers a submission, unless it was before.
  void Add(Submission& submission, Outcome outcome) {
    if (!submission.done) return;
    ready_.emplace_back(std::move(submission.done), std::move(outcome));
    submission.done = nullptr;
  }

  // Calls every `done`; they may submit again.
  void Deliver() {
    if (ready_.empty()) return;
    delivering_.swap(ready_);
    for (auto& [done, outcome] : delivering_) done(std::move(outcome));
    delivering_.clear();
  }

 private:
  using Answer = std::pair<std::function<void(Outcome)>, Outcome>;
  std::vector<Answer> ready_;
  std::vector<Answer> delivering_;
};

inline Outcome AcceptedAs(const AcceptedRequest& request, bool repeated) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::kAccepted;
  outcome.seq = request.seq;
  outcome.recorded_at = request.recorded_at;
  outcome.reply = request.reply;
  outcome.repeated = repeated;
  return outcome;
}

inline Outcome FailedWith(Error error) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::kFailed;
  outcome.error = std::move(error);
  return outcome;
}

}  // namespace jalon::eventstore
