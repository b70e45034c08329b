#include "services/api/peer/forwarded.h"

#include <utility>

#include "services/api/own_command.h"
#include "services/domain/refusals.h"

namespace jalon::api {
namespace {

using eventstore::Outcome;

void EncodeViolation(const domain::Violation& violation, node::v1::ForwardViolation* to) {
  to->set_reason(violation.reason);
  to->set_cause(violation.cause);
  to->set_rule(violation.rule);
  for (const std::string& subject : violation.subjects) to->add_subjects(subject);
  for (const domain::FactRef& fact : violation.facts) {
    node::v1::ForwardFact& at = *to->add_facts();
    at.set_seq(fact.seq);
    at.set_index(fact.index);
    at.set_type(fact.type);
    at.set_occurred_on(fact.occurred_on);
    at.set_recorded_at(fact.recorded_at);
  }
}

domain::Violation DecodeViolation(const node::v1::ForwardViolation& from) {
  domain::Violation violation{.reason = from.reason(),
                              .subjects = {from.subjects().begin(), from.subjects().end()},
                              .cause = from.cause(),
                              .rule = from.rule()};
  for (const node::v1::ForwardFact& fact : from.facts()) {
    violation.facts.push_back({.seq = fact.seq(),
                               .index = fact.index(),
                               .type = fact.type(),
                               .occurred_on = fact.occurred_on(),
                               .recorded_at = fact.recorded_at()});
  }
  return violation;
}

}  // namespace

node::v1::ForwardRequest EncodeForward(const eventstore::Submission& submission,
                                       Partition partition) {
  const auto& request = static_cast<const domain::Request&>(*submission.command);
  node::v1::ForwardRequest forward;
  forward.set_method(request.method);
  forward.set_request(request.request->SerializeAsString());
  forward.set_body_mac(submission.body_mac);
  forward.set_school_id(request.school_id);
  forward.set_partition(partition.value);
  forward.set_token(request.credential);
  if (IsOwn(request)) forward.set_request_id(submission.request_id);
  forward.set_trace(submission.trace);
  forward.set_id_seed(request.id_seed);
  for (const uint32_t row : request.seen.minors_without_guardian) {
    forward.mutable_seen()->add_minors_without_guardian(row);
  }
  if (!request.seen.estimate_word.empty()) {
    forward.mutable_seen()->set_estimate_word(request.seen.estimate_word);
  }
  return forward;
}

node::v1::ForwardResponse EncodeOutcome(const Outcome& outcome) {
  node::v1::ForwardResponse response;
  switch (outcome.kind) {
    case Outcome::Kind::kAccepted: {
      node::v1::ForwardAccepted& accepted = *response.mutable_accepted();
      accepted.set_seq(outcome.seq.value);
      accepted.set_recorded_at(outcome.recorded_at.count());
      accepted.set_reply(outcome.reply);
      accepted.set_repeated(outcome.repeated);
      break;
    }
    case Outcome::Kind::kNothingToDo:
      response.mutable_nothing()->set_seq(outcome.seq.value);
      response.mutable_nothing()->set_reply(outcome.reply);
      break;
    case Outcome::Kind::kRefused: {
      const auto& denied = static_cast<const domain::Denied&>(*outcome.refusal);
      response.mutable_refused()->set_seq(outcome.seq.value);
      for (const domain::Violation& violation : denied.refusals().Sorted()) {
        EncodeViolation(violation, response.mutable_refused()->add_violations());
      }
      break;
    }
    case Outcome::Kind::kFailed: {
      node::v1::ForwardFailed& failed = *response.mutable_failed();
      failed.set_code(static_cast<int>(outcome.error.code));
      failed.set_reason(outcome.error.reason);
      failed.set_message(outcome.error.message);
      for (const auto& [key, value] : outcome.error.metadata) {
        (*failed.mutable_metadata())[key] = value;
      }
      break;
    }
  }
  return response;
}

Outcome DecodeOutcome(const node::v1::ForwardResponse& response) {
  Outcome outcome;
  switch (response.outcome_case()) {
    case node::v1::ForwardResponse::kAccepted:
      outcome.kind = Outcome::Kind::kAccepted;
      outcome.seq = Seq{response.accepted().seq()};
      outcome.recorded_at = Micros(response.accepted().recorded_at());
      outcome.reply = response.accepted().reply();
      outcome.repeated = response.accepted().repeated();
      break;
    case node::v1::ForwardResponse::kNothing:
      outcome.kind = Outcome::Kind::kNothingToDo;
      outcome.seq = Seq{response.nothing().seq()};
      outcome.reply = response.nothing().reply();
      break;
    case node::v1::ForwardResponse::kRefused: {
      outcome.kind = Outcome::Kind::kRefused;
      outcome.seq = Seq{response.refused().seq()};
      domain::Refusals refusals;
      for (const node::v1::ForwardViolation& violation : response.refused().violations()) {
        refusals.Add(DecodeViolation(violation));
      }
      outcome.refusal = std::make_shared<domain::Denied>(std::move(refusals));
      break;
    }
    case node::v1::ForwardResponse::kFailed: {
      const node::v1::ForwardFailed& failed = response.failed();
      outcome.error = {static_cast<Code>(failed.code()),
                       failed.reason(),
                       failed.message(),
                       {failed.metadata().begin(), failed.metadata().end()}};
      break;
    }
    case node::v1::ForwardResponse::OUTCOME_NOT_SET:
      outcome.error = {Code::kUnavailable,
                       "OUTCOME_UNKNOWN",
                       "the owner's answer says nothing; send the same request id again",
                       {}};
      break;
  }
  return outcome;
}

}  // namespace jalon::api
