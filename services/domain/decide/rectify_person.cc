// RectifyPerson: rectification. What was said first stays in the log; the correction names it.
#include <algorithm>
#include <utility>

#include "jalon/correction/v1/correction_service.pb.h"
#include "jalon/event/v1/correction_events.pb.h"
#include "services/domain/checks.h"
#include "services/domain/registry.h"
#include "services/domain/retention.h"
#include "services/domain/subject.h"

namespace jalon::domain {
namespace {

using correction::v1::RectifyPerson;

// The event that last said who the person is.
FactRef IdentityOf(const HeldPerson& held) {
  const FactRef of_student = held.student == nullptr ? FactRef{} : held.student->identity;
  const FactRef of_person = held.person == nullptr ? FactRef{} : held.person->identity;
  return std::max(of_student, of_person, [](const FactRef& one, const FactRef& other) {
    return std::pair(one.seq, one.index) < std::pair(other.seq, other.index);
  });
}

// Whom the external id names now, by the key of this school year or another one.
const ExternalIdState* KnownBy(const type::v1::Sealed& identity, const Bytes** content_mac,
                               State& state) {
  *content_mac = &identity.content_mac();
  if (identity.lookup_mac().empty()) return nullptr;
  const ExternalIdState* known = state.ExternalId(identity.lookup_mac());
  for (const type::v1::LookupMacs& other : identity.other_years()) {
    if (known != nullptr) break;
    known = state.ExternalId(other.lookup_mac());
    *content_mac = &other.content_mac();
  }
  return known;
}

void CheckIdentity(const RectifyPerson& command, const FactRef& said, State& state,
                   Refusals& refusals) {
  const person::v1::IdentitySection& section = command.identity().identity();
  refusals.Unless(section.has_sealed(), Reason::FIELD_REQUIRED, "command.identity.identity");
  const Bytes* content_mac = nullptr;
  const ExternalIdState* known = KnownBy(section.sealed(), &content_mac, state);
  if (known == nullptr) return;
  if (known->person_id != command.person_id()) {
    refusals.Add(Reason::EXTERNAL_ID_CONFLICT, "command.identity.identity", {known->fact});
  } else if (known->content_mac == *content_mac) {
    refusals.Add(Violation{.reason = Reason::NOTHING_TO_CHANGE, .facts = {said}});
  }
}

void CheckStatement(const RectifyPerson& command, const Context& context, Refusals& refusals) {
  refusals.Unless(command.statement().words().has_sealed(), Reason::FIELD_REQUIRED,
                  "command.statement.words");
  refusals.If(command.statement().about_seq() >= context.seq().value, Reason::FIELD_INVALID,
              "command.statement.about_seq");
}

Decision Decide(const RectifyPerson& command, const Context& context, State& state) {
  const HeldPerson held = FindHeldPerson(command.person_id(), state);
  if (!held.IsKnown()) return Refuse(Reason::NOT_FOUND, SubjectOf(command.person_id()));
  Refusals refusals;
  if (held.erasure != nullptr && held.erasure->IsErased()) {
    refusals.Add(Violation{.reason = Reason::PERSON_ERASED, .facts = {held.erasure->erased}});
    return Refuse(std::move(refusals));
  }
  const FactRef said = IdentityOf(held);
  CheckVersion(context, held.Version(), said, refusals);
  refusals.Unless(command.has_identity() || command.has_statement(), Reason::FIELD_REQUIRED,
                  "command.correction");
  refusals.Unless(command.reason().has_sealed(), Reason::REASON_REQUIRED, "command.reason");
  if (command.has_identity()) CheckIdentity(command, said, state, refusals);
  if (command.has_statement()) CheckStatement(command, context, refusals);
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  const Aggregate aggregate{type::v1::AGGREGATE_KIND_PERSON, command.person_id(), held.Version()};
  const About about{.subject = command.person_id()};
  if (command.has_identity()) {
    event::v1::CorrectionRecorded corrected;
    *corrected.mutable_identity() = command.identity().identity().sealed();
    corrected.mutable_identity()->clear_other_years();
    corrected.set_corrected_seq(said.seq);
    corrected.set_corrected_index(said.index);
    *corrected.mutable_reason() = command.reason().sealed();
    events.Add(aggregate, corrected, about);
    if (held.student != nullptr && !context.seen().minors_without_guardian.empty()) {
      events.Warn(Reason::MINOR_WITHOUT_GUARDIAN);
    }
  } else {
    event::v1::StatementRecorded stated;
    stated.set_about_seq(command.statement().about_seq());
    stated.set_about_index(command.statement().about_index());
    *stated.mutable_statement() = command.statement().words().sealed();
    *stated.mutable_refused_since() = command.reason().sealed();
    events.Add(aggregate, stated, about);
  }
  return events;
}

}  // namespace

void RegisterRectification(Commands& commands) { commands.Add<RectifyPerson>(Decide); }

}  // namespace jalon::domain
