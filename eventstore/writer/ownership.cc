// Taking over, losing to another, and what becomes of what was undecided.
#include <fmt/format.h>

#include <iterator>
#include <string>
#include <utility>

#include "eventstore/writer/impl.h"
#include "eventstore/writer/seeded_bugs.h"

namespace jalon::eventstore {

// Stops deciding until a claim counts. What is in flight may count until then, and never after.
void Writer::Impl::Claim() {
  gap_ = false;
  Overlay::Dropped dropped = overlay_.Drop();
  for (auto* list : {&dropped.in_flight, &dropped.held}) {
    std::move(list->begin(), list->end(), std::back_inserter(unresolved_));
  }
  status_.phase = Phase::kClaiming;
  takeover_.Begin();
}

void Writer::Impl::OnClaim(const EntryFrame& frame) {
  if (status_.phase == Phase::kClaiming && takeover_.IsMine(frame.nonce)) return Own();
  Lose(frame);
}

void Writer::Impl::Own() {
  ++status_.claims;
  status_.phase = Phase::kServing;
  overlay_.Reset();
  AnswerCounted();
  std::move(unresolved_.rbegin(), unresolved_.rend(), std::front_inserter(backlog_));
  unresolved_.clear();
}

void Writer::Impl::Lose(const EntryFrame& frame) {
  log::v1::Claim claim;
  if (claim.ParseFromArray(frame.body.data(), static_cast<int>(frame.body.size()))) {
    not_owner_.metadata = {{"node", claim.node()},
                           {"address", claim.address()},
                           {"epoch", std::to_string(claim.epoch())}};
  }
  if (status_.phase == Phase::kReplaying) return;
  if (status_.phase == Phase::kServing) Claim();  // only to drop what is in flight
  AnswerCounted();
  for (Submission& submission : unresolved_) answers_.Add(submission, FailedWith(not_owner_));
  unresolved_.clear();
  FailBacklog(not_owner_);
  if (stopped()) return;
  status_.phase = Phase::kFollowing;
  claim_after_ = Micros::max();
}

// A claim counted: what was in flight before is in the state by now, or never will be.
void Writer::Impl::AnswerCounted() {
  for (Submission& submission : unresolved_) {
    const Result<const Dedupe::Known*> found =
        state_.dedupe().Find(submission.tenant, submission.request_id);
    if (!found) return Stop(found.error());
    if (*found == nullptr) continue;
    const AcceptedRequest& request = (*found)->request;
    if (submission.body_mac != View(request.body_mac)) continue;
    ++status_.accepted;
    answers_.Add(submission, AcceptedAs(request, /*repeated=*/false));
  }
  std::erase_if(unresolved_, [](const Submission& submission) { return !submission.done; });
}

#ifdef JALON_SEEDED_BUGS
void Writer::Impl::AnswerTooEarly(const Blob* delivered) {
  for (Seq seq = state_.head().seq.Next(); seq <= overlay_.seq(); seq = seq.Next()) {
    InFlightRecord& record = overlay_.Find(seq);
    if (record.request == nullptr || (delivered && *record.bytes != **delivered)) continue;
    answers_.Add(record.submission, AcceptedAs(record.request->second.request, false));
  }
}
#else
void Writer::Impl::AnswerTooEarly(const Blob*) {}
#endif

}  // namespace jalon::eventstore
