// CatalogueService: the activities that the school imposes (R6, R7, R12), and publication.
#include <algorithm>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/event/v1/catalogue_events.pb.h"
#include "services/domain/checks.h"
#include "services/domain/decide/sequence_rules.h"
#include "services/domain/registry.h"
#include "services/domain/sequence_type.h"

namespace jalon::domain {
namespace {

using catalogue::v1::DefineActivities;
using catalogue::v1::PublishSequence;
using catalogue::v1::SequenceDefinition;

Aggregate SequenceAggregate(const Bytes& sequence_id, const SequenceState& sequence) {
  return {type::v1::AGGREGATE_KIND_SEQUENCE, sequence_id, sequence.version};
}

// A published version never changes: the next design opens another.
void CheckIsDraft(const SequenceState& sequence, Refusals& refusals) {
  if (sequence.IsDraft()) return;
  refusals.Add(Reason::SEQUENCE_PUBLISHED, sequence.code, {sequence.published.back().published});
}

Decision Decide(const DefineActivities& command, const Context& context, State& state) {
  const SequenceState* sequence = FindSequence(context, state, command.sequence_id());
  if (sequence == nullptr) return Refuse(Reason::NOT_FOUND, ToHex(command.sequence_id()));
  SequenceDefinition definition = DefinitionOf(*sequence);
  // R6: the school imposes the activities. Nothing else is disclosed to a company.
  if (context.principal().IsCompany() && !RulesOf(definition.type()).company_may_propose_content) {
    return Refuse(Reason::CONTENT_IS_SCHOOL_ONLY, sequence->code);
  }
  Refusals refusals;
  CheckIsDraft(*sequence, refusals);
  *definition.mutable_activities() = command.activities();
  CheckActivities(definition, refusals);  // R12
  CheckVersion(context, sequence->version, sequence->designed, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::ActivitiesDefined defined;
  defined.set_sequence_version(sequence->draft_number);
  *defined.mutable_activities() = command.activities();
  EventList events(context, state);
  events.Add(SequenceAggregate(command.sequence_id(), *sequence), defined);
  return events;
}

// Takes the named activities out of the definition; a name that is none of them is refused.
void Omit(const PublishSequence& command, SequenceDefinition& definition, Refusals& refusals) {
  for (const std::string& code : command.omit_activities()) {
    auto& activities = *definition.mutable_activities();
    const auto found = std::ranges::find_if(
        activities, [&](const auto& activity) { return activity.code() == code; });
    refusals.If(found == activities.end(), Reason::ACTIVITY_NOT_IN_SEQUENCE, code);
    if (found != activities.end()) activities.erase(found);
  }
}

// Coverage cannot be checked where nobody worded the elements (R9).
void WarnAboutElements(const SequenceDefinition& definition, const ProgrammeState& programme,
                       EventList& events) {
  Refusals doubts;
  for (const auto& target : definition.targets()) {
    const Module* module = programme.FindModule(target.module());
    doubts.If(module != nullptr && module->elements.empty(), Reason::ELEMENTS_UNKNOWN,
              target.module());
  }
  for (Violation& doubt : doubts.Sorted()) events.Warn(std::move(doubt));
}

Decision Decide(const PublishSequence& command, const Context& context, State& state) {
  const SequenceState* sequence = FindSequence(context, state, command.sequence_id());
  if (sequence == nullptr) return Refuse(Reason::NOT_FOUND, ToHex(command.sequence_id()));
  SequenceDefinition definition = DefinitionOf(*sequence);
  const ProgrammeState* programme = state.Programme(RefOf(definition.programme()));
  JALON_CHECK(programme != nullptr);  // a design names an adopted version, which never goes away

  Refusals refusals;
  CheckIsDraft(*sequence, refusals);
  Omit(command, definition, refusals);
  CheckActivities(definition, refusals);            // R12
  CheckPrecision(definition, refusals);             // R7
  CheckCoverage(definition, *programme, refusals);  // R9, R12
  CheckVersion(context, sequence->version, sequence->designed, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::SequencePublished published;
  published.set_sequence_version(sequence->draft_number);
  *published.mutable_definition() = definition;
  EventList events(context, state);
  WarnAboutElements(definition, *programme, events);
  events.Add(SequenceAggregate(command.sequence_id(), *sequence), published);
  return events;
}

}  // namespace

void RegisterCatalogueCommands(Commands& commands) {
  commands.Add<DefineActivities>(Decide);
  commands.Add<PublishSequence>(Decide);
}

}  // namespace jalon::domain
