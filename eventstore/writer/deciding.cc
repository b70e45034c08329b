// From a submission to a record handed over.
#include <fmt/format.h>

#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/base/limits.h"
#include "eventstore/log/record.h"
#include "eventstore/writer/impl.h"
#include "eventstore/writer/request_id.h"
#include "eventstore/writer/seeded_bugs.h"

namespace jalon::eventstore {
namespace {

Error Reused() {
  return {Code::kAlreadyExists,
          "REQUEST_ID_REUSED",
          "the request id was used for another command; draw a new one for each",
          {}};
}

}  // namespace

void Writer::Impl::Decide(Micros now) {
  if (backlog_.empty() && !overlay_.holds()) return;
  Batch batch;
  batch.handed_over_at = now;
  const Result<Micros> recorded_at = guard_.Now(overlay_.recorded_at());
  batch.recorded_at = recorded_at.value_or(overlay_.recorded_at());
  if (!recorded_at) FailBacklog(recorded_at.error());
  for (size_t i = 0; i < limits::kRecordsPerBatchMax && !backlog_.empty(); ++i) {
    if (batch.bytes >= limits::kBytesPerBatchMax ||
        overlay_.records().size() >= limits::kInflightRecordsMax) {
      break;
    }
    Submission submission = std::move(backlog_.front());
    backlog_.pop_front();
    DecideOne(std::move(submission), &batch);
    if (stopped()) return;
  }
  if (!options_.exclusive_log && overlay_.HoldsAtEnd()) PushBarrier(&batch);
  if (!batch.encoded.empty()) HandOver(std::move(batch));
  ReleaseHeld();
}

void Writer::Impl::DecideOne(Submission submission, Batch* batch) {
  if (const auto checked = CheckRequestId(submission.request_id, batch->recorded_at); !checked) {
    return answers_.Add(submission, FailedWith(checked.error()));
  }
  if (AnswerRepeat(submission) || stopped()) return;
  const Moment moment{batch->recorded_at, overlay_.seq().Next()};
  Verdict verdict = application_.Decide(*submission.command, moment, state_.rows());
  if (!state_.rows().failure().reason.empty()) {
    backlog_.push_front(std::move(submission));  // answered with the rest
    return Stop(state_.rows().failure());
  }
  if (auto* accepted = std::get_if<Accepted>(&verdict)) {
    return Accept(std::move(submission), std::move(*accepted), batch);
  }
  Outcome outcome;
  if (auto* refused = std::get_if<Refused>(&verdict)) {
    outcome.kind = Outcome::Kind::kRefused;
    outcome.refusal = std::move(refused->refusal);
  } else {
    outcome.kind = Outcome::Kind::kNothingToDo;
    outcome.reply = std::move(std::get<NothingToDo>(verdict).reply);
  }
  ++status_.refused;
  overlay_.Hold(std::move(submission), std::move(outcome));
}

// True if the submission repeats an accepted one, or one in flight: then it is answered, or will
// be.
bool Writer::Impl::AnswerRepeat(Submission& submission) {
  const Result<const Dedupe::Known*> found =
      state_.dedupe().Find(submission.tenant, submission.request_id);
  if (!found) {
    backlog_.push_front(std::move(submission));
    Stop(found.error());
    return true;
  }
  if (*found == nullptr) return false;
  const Dedupe::Known& known = **found;
  const bool same = submission.body_mac == View(known.request.body_mac);
  if (!known.in_flight) {  // it counts for ever: nothing to wait for
    status_.repeats += same;
    answers_.Add(submission, same ? AcceptedAs(known.request, true) : FailedWith(Reused()));
  } else if (same) {
    overlay_.Find(known.request.seq).joined.push_back(std::move(submission));
  } else {
    overlay_.Hold(std::move(submission), FailedWith(Reused()));
  }
  return true;
}

void Writer::Impl::Accept(Submission submission, Accepted accepted, Batch* batch) {
  JALON_CHECK(!accepted.events.empty());
  if (accepted.reply.size() > limits::kReplyBytesMax) {
    return overlay_.Hold(std::move(submission),
                         FailedWith({Code::kInvalidArgument,
                                     "RECORD_TOO_LARGE",
                                     fmt::format("the answer would be {} bytes, at most {} are "
                                                 "kept; send fewer rows",
                                                 accepted.reply.size(), limits::kReplyBytesMax),
                                     {}}));
  }
  log::v1::Record& record = scratch_;
  FillEnvelope(batch->recorded_at);
  record.set_request_id(submission.request_id);
  record.set_body_mac(submission.body_mac);
  record.set_tenant(submission.tenant);
  *record.mutable_actor() = submission.actor;
  for (std::string& event : accepted.events) *record.add_events() = std::move(event);
  record.set_reply(accepted.reply);
  record.set_trace(submission.trace);

  InFlightRecord in_flight;
  in_flight.bytes = EncodeRecord(record);
  if (in_flight.bytes->size() > limits::kRecordBytesMax) {
    return overlay_.Hold(std::move(submission),
                         FailedWith({Code::kInvalidArgument,
                                     "RECORD_TOO_LARGE",
                                     fmt::format("the command would write {} bytes, at most {} are "
                                                 "one record; send fewer rows",
                                                 in_flight.bytes->size(), limits::kRecordBytesMax),
                                     {}}));
  }
  RowEdit edit(state_.rows(), /*in_place=*/false);
  if (const Result<void> evolved = application_.Evolve(record, edit); !evolved) {
    return overlay_.Hold(std::move(submission), FailedWith(evolved.error()));
  }
  if (!state_.rows().failure().reason.empty()) {
    backlog_.push_front(std::move(submission));
    return Stop(state_.rows().failure());
  }
  in_flight.versions = edit.Take();
  in_flight.request =
      state_.dedupe().Add(submission.tenant, submission.request_id,
                          {overlay_.seq().Next(), batch->recorded_at, HashFrom(submission.body_mac),
                           std::move(accepted.reply)});
  in_flight.submission = std::move(submission);
  PushRecord(std::move(in_flight), batch);
}

void Writer::Impl::PushBarrier(Batch* batch) {
  FillEnvelope(batch->recorded_at);
  InFlightRecord barrier;
  barrier.bytes = EncodeRecord(scratch_);
  ++status_.barriers;
  PushRecord(std::move(barrier), batch);
}

// Starts the next record over, behind all that is in flight.
void Writer::Impl::FillEnvelope(Micros recorded_at) {
  const ChainHead& head = state_.head();
  scratch_.Clear();
  scratch_.set_level(state_.level());
  scratch_.set_epoch(head.epoch.value);
  scratch_.set_epoch_id(View(head.epoch_id).data(), head.epoch_id.size());
  scratch_.set_seq(overlay_.seq().Next().value);
  scratch_.set_prev_hash(View(overlay_.hash()).data(), overlay_.hash().size());
  scratch_.set_recorded_at(recorded_at.count());
}

void Writer::Impl::PushRecord(InFlightRecord record, Batch* batch) {
  record.seq = overlay_.seq().Next();
  record.recorded_at = batch->recorded_at;
  record.handed_over_at = batch->handed_over_at;
  record.hash = ChainAfterRecord(*record.bytes);
  batch->bytes += record.bytes->size();
  batch->encoded.push_back(record.bytes);
  overlay_.Push(std::move(record));
}

void Writer::Impl::HandOver(Batch batch) {
  const size_t count = batch.encoded.size();
  const Result<void> appended = log_.Append(options_.partition, std::move(batch.encoded));
  if (appended) {
    if (Seeded(SeededBug::kAnswerOnHandOver)) AnswerTooEarly(nullptr);
    return;
  }
  if (appended.error().code != Code::kResourceExhausted) {
    gap_ = true;  // part of the batch may be there: only a claim tells
    return;
  }
  // Nothing was handed over, so the sequence numbers are free again.
  Overlay::Dropped dropped = overlay_.Retract(count);
  for (auto* list : {&dropped.in_flight, &dropped.held}) {
    for (Submission& submission : *list) answers_.Add(submission, FailedWith(appended.error()));
  }
}

// A refusal waits until no other writer, and no lost record, can make it untrue.
void Writer::Impl::ReleaseHeld() {
  if (Seeded(SeededBug::kRefuseAtOnce)) return overlay_.ReleaseUpTo(overlay_.seq(), &answers_);
  const Seq counted = state_.head().seq;
  if (options_.exclusive_log) {
    overlay_.ReleaseUpTo(counted, &answers_);
  } else {
    overlay_.Release(counted, &answers_);
  }
}

}  // namespace jalon::eventstore
