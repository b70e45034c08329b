#include "eventstore/writer/overlay.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "eventstore/base/check.h"

namespace jalon::eventstore {
namespace {

void TakeSubmissions(InFlightRecord& record, std::vector<Submission>* into) {
  if (record.submission.command) into->push_back(std::move(record.submission));
  std::move(record.joined.begin(), record.joined.end(), std::back_inserter(*into));
}

}  // namespace

void Overlay::Reset() {
  JALON_CHECK(records_.empty() && held_.empty());
  seq_ = state_.head().seq;
  hash_ = state_.head().hash;
  recorded_at_ = state_.recorded_at();
}

InFlightRecord& Overlay::Find(Seq seq) {
  JALON_CHECK(!records_.empty() && seq >= records_.front().seq && seq <= records_.back().seq);
  return records_[seq.value - records_.front().seq.value];
}

void Overlay::Push(InFlightRecord record) {
  JALON_CHECK(record.seq == seq_.Next());
  seq_ = record.seq;
  hash_ = record.hash;
  recorded_at_ = record.recorded_at;
  state_.rows().Add(record.versions);
  records_.push_back(std::move(record));
}

InFlightRecord Overlay::Count() {
  InFlightRecord record = std::move(records_.front());
  records_.pop_front();
  state_.FoldInFlight(record.recorded_at, record.request, std::move(record.versions));
  return record;
}

Overlay::Dropped Overlay::Retract(size_t count) {
  const size_t kept = records_.size() - count;
  Dropped dropped;
  for (size_t i = kept; i < records_.size(); ++i) {
    InFlightRecord& record = records_[i];
    state_.rows().Retract(record.versions);
    if (record.request != nullptr) state_.dedupe().Forget(record.request);
    TakeSubmissions(record, &dropped.in_flight);
  }
  records_.resize(kept);
  for (const InFlightRecord& record : records_) state_.rows().Restore(record.versions);
  seq_ = records_.empty() ? state_.head().seq : records_.back().seq;
  hash_ = records_.empty() ? state_.head().hash : records_.back().hash;
  recorded_at_ = records_.empty() ? state_.recorded_at() : records_.back().recorded_at;
  const auto first = std::partition_point(
      held_.begin(), held_.end(), [this](const HeldAnswer& held) { return held.mark <= seq_; });
  for (auto held = first; held != held_.end(); ++held) {
    dropped.held.push_back(std::move(held->submission));
  }
  held_.erase(first, held_.end());
  return dropped;
}

Overlay::Dropped Overlay::Drop() {
  Dropped dropped = Retract(records_.size());
  for (auto held = held_.rbegin(); held != held_.rend(); ++held) {
    dropped.held.insert(dropped.held.begin(), std::move(held->submission));
  }
  held_.clear();
  return dropped;
}

void Overlay::Hold(Submission submission, Outcome outcome) {
  outcome.seq = seq_;
  held_.push_back({seq_, std::move(submission), std::move(outcome)});
}

void Overlay::Release(Seq below, Answers* answers) {
  while (!held_.empty() && held_.front().mark < below) {
    answers->Add(held_.front().submission, std::move(held_.front().outcome));
    held_.pop_front();
  }
}

}  // namespace jalon::eventstore
