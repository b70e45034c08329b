// ErasureService: how what is held of a person ends. One coordinator asks, another one confirms.
#include <utility>

#include "jalon/event/v1/privacy_events.pb.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "services/domain/checks.h"
#include "services/domain/policy.h"
#include "services/domain/registry.h"
#include "services/domain/retention.h"

namespace jalon::domain {
namespace {

using privacy::v1::DestroyPersonKey;
using privacy::v1::RequestErasure;
using privacy::v1::SetLegalHold;

// What any of the three needs before all else: a person who is known here, and not erased yet.
Refusals CheckPerson(const HeldPerson& held) {
  Refusals refusals;
  refusals.Unless(held.IsKnown(), Reason::NOT_FOUND);
  if (held.erasure != nullptr && held.erasure->IsErased()) {
    refusals.Add(Violation{.reason = Reason::PERSON_ERASED, .facts = {held.erasure->erased}});
  }
  return refusals;
}

void CheckVersionOf(const HeldPerson& held, const Context& context, Refusals& refusals) {
  const FactRef last = held.erasure == nullptr ? FactRef{} : held.erasure->requested;
  CheckVersion(context, held.Version(), last, refusals);
}

Aggregate AggregateOf(const Bytes& person_id, const HeldPerson& held) {
  return {type::v1::AGGREGATE_KIND_PERSON, person_id, held.Version()};
}

Decision Decide(const SetLegalHold& command, const Context& context, State& state) {
  const HeldPerson held = FindHeldPerson(command.person_id(), state);
  Refusals refusals = CheckPerson(held);
  if (refusals) return Refuse(std::move(refusals));
  const bool is_held = held.erasure != nullptr && held.erasure->IsHeld();
  refusals.If(command.basis() == privacy::v1::LEGAL_HOLD_BASIS_UNSPECIFIED, Reason::REASON_REQUIRED,
              "command.basis");
  if (is_held == command.hold()) {
    refusals.Add(Violation{.reason = Reason::NOTHING_TO_CHANGE,
                           .facts = {is_held ? held.erasure->hold : FactRef{}}});
  }
  CheckVersionOf(held, context, refusals);
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  const auto add = [&](auto event) {
    event.set_basis(command.basis());
    event.set_document_ref(command.document_ref());
    events.Add(AggregateOf(command.person_id(), held), event, {.subject = command.person_id()});
  };
  if (command.hold()) {
    add(event::v1::LegalHoldPlaced());
  } else {
    add(event::v1::LegalHoldReleased());
  }
  return events;
}

Decision Decide(const RequestErasure& command, const Context& context, State& state) {
  const HeldPerson held = FindHeldPerson(command.person_id(), state);
  Refusals refusals = CheckPerson(held);
  if (refusals) return Refuse(std::move(refusals));
  CheckErasable(held, context, *state.School(), refusals);
  if (held.erasure != nullptr && held.erasure->AwaitsOn(context.today())) {
    refusals.Add(
        Violation{.reason = Reason::NOTHING_TO_CHANGE, .facts = {held.erasure->requested}});
  }
  CheckVersionOf(held, context, refusals);
  if (refusals) return Refuse(std::move(refusals));

  const Policy policy(*state.School(), context.today());
  event::v1::ErasureRequested requested;
  requested.set_expires_on(AddDays(
      context.today(), static_cast<int32_t>(policy.Number(PolicyKey::kErasureRequestDays))));
  EventList events(context, state);
  events.Add(AggregateOf(command.person_id(), held), requested, {.subject = command.person_id()});
  return events;
}

// Another coordinator asked, and not too long ago.
void CheckSecondPerson(const HeldPerson& held, const Context& context, Refusals& refusals) {
  const auto lacks = [&](const char* cause) {
    refusals.Add(
        Violation{.reason = Reason::SECOND_PERSON_REQUIRED,
                  .cause = cause,
                  .facts = {held.erasure == nullptr ? FactRef{} : held.erasure->requested}});
  };
  if (held.erasure == nullptr || !held.erasure->IsRequested()) return lacks("NOT_REQUESTED");
  if (!held.erasure->AwaitsOn(context.today())) return lacks("REQUEST_EXPIRED");
  if (held.erasure->requested_by == context.principal().person_id) lacks("SAME_PERSON");
}

Decision Decide(const DestroyPersonKey& command, const Context& context, State& state) {
  const HeldPerson held = FindHeldPerson(command.person_id(), state);
  Refusals refusals = CheckPerson(held);
  if (refusals) return Refuse(std::move(refusals));
  CheckErasable(held, context, *state.School(), refusals);
  CheckSecondPerson(held, context, refusals);
  CheckVersionOf(held, context, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::PersonKeyDestroyed destroyed;
  destroyed.set_request_seq(held.erasure->requested.seq);
  destroyed.set_kept_until_on(KeptUntil(held, *state.School(), context.today()));
  destroyed.set_policy_version(Policy(*state.School(), context.today()).Version());
  EventList events(context, state);
  events.Add(AggregateOf(command.person_id(), held), destroyed, {.subject = command.person_id()});
  return events;
}

}  // namespace

void RegisterErasure(Commands& commands) {
  commands.Add<SetLegalHold>(Decide);
  commands.Add<RequestErasure>(Decide);
  commands.Add<DestroyPersonKey>(Decide);
}

}  // namespace jalon::domain
