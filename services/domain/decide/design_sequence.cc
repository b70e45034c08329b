// DesignSequence: what a sequence develops, and how (R1, R2, R9, R10, R11).
#include <set>

#include "eventstore/base/hash.h"
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/event/v1/catalogue_events.pb.h"
#include "services/domain/checks.h"
#include "services/domain/decide/sequence_rules.h"
#include "services/domain/registry.h"
#include "services/domain/sequence_type.h"

namespace jalon::domain {
namespace {

using catalogue::v1::DesignSequence;
using catalogue::v1::Rationale;
using catalogue::v1::SequenceDefinition;
using catalogue::v1::Target;

// R9 binds vocational training; in technical training a mode may be left out.
bool ModesAreRequired(const DesignSequence& command, const ProgrammeState& programme) {
  return RulesOf(command.type()).has_modes && (programme.type == type::v1::PROGRAMME_TYPE_DEP ||
                                               programme.type == type::v1::PROGRAMME_TYPE_ASP);
}

// R2: every module and element that a target names is in the programme version.
void CheckInProgramme(const Target& target, const ProgrammeState& programme, Refusals& refusals) {
  const Module* module = programme.FindModule(target.module());
  if (module == nullptr) {
    refusals.Add(Reason::TARGET_NOT_IN_PROGRAMME, target.module(), {programme.adopted});
    return;
  }
  const auto check = [&](const std::string& element) {
    refusals.Unless(module->HasElement(element), Reason::TARGET_NOT_IN_PROGRAMME,
                    target.module() + "/" + element);
  };
  for (const std::string& element : target.elements()) check(element);
  for (const std::string& element : target.complement().elements()) check(element);
}

// R10: the mode follows the programme's needs, and the companies' interest and capacity.
void CheckRationale(const Rationale& rationale, Refusals& refusals) {
  const auto require = [&refusals](const std::string& words, const char* part) {
    if (!words.empty()) return;
    refusals.Add({.reason = Reason::REASON_REQUIRED,
                  .subjects = {std::string("rationale.").append(part)},
                  .rule = "R10"});
  };
  require(rationale.needs(), "needs");
  require(rationale.interest(), "interest");
  require(rationale.capacity(), "capacity");
}

void CheckTargets(const DesignSequence& command, const ProgrammeState& programme,
                  Refusals& refusals) {
  refusals.If(command.targets().empty(), Reason::NO_TARGET);  // R1
  const bool modes_required = ModesAreRequired(command, programme);
  std::set<std::string> modules;
  for (const Target& target : command.targets()) {
    CheckInProgramme(target, programme, refusals);
    refusals.If(modes_required && target.mode() == type::v1::DEVELOPMENT_MODE_UNSPECIFIED,
                Reason::MODE_REQUIRED, target.module());  // R9; R11: each target has its own
    refusals.Unless(modules.insert(target.module()).second, Reason::DUPLICATE_ROW, target.module());
  }
  if (modes_required) CheckRationale(command.rationale(), refusals);
}

// The activities of the version before stay in the new draft.
SequenceDefinition NewDefinition(const DesignSequence& command, const SequenceState* sequence) {
  SequenceDefinition definition;
  if (sequence != nullptr) definition = DefinitionOf(*sequence);
  *definition.mutable_programme() = command.programme();
  definition.set_type(command.type());
  definition.set_code(command.code());
  definition.set_title(command.title());
  *definition.mutable_targets() = command.targets();
  *definition.mutable_objectives() = command.objectives();
  *definition.mutable_rationale() = command.rationale();
  return definition;
}

// A draft is designed anew under its number; a published sequence gets the next one.
uint32_t DraftNumber(const SequenceState* sequence) {
  if (sequence == nullptr) return 1;
  if (sequence->IsDraft()) return sequence->draft_number;
  return sequence->published.back().number + 1;
}

Decision Decide(const DesignSequence& command, const Context& context, State& state) {
  const bool is_new = command.sequence_id().empty();
  const SequenceState* sequence =
      is_new ? nullptr : FindSequence(context, state, command.sequence_id());
  if (!is_new && sequence == nullptr) {
    return Refuse(Reason::NOT_FOUND, ToHex(command.sequence_id()));
  }
  const SequenceDefinition definition = NewDefinition(command, sequence);
  const ProgrammeRef ref = RefOf(command.programme());
  // Without a target it is refused as such (R1).
  if (!command.targets().empty() && !ScopeOf(context, state).Covers(MatterOf(definition))) {
    return Refuse(Reason::NOT_FOUND, ref.Id());
  }
  Refusals refusals;
  const ProgrammeState* programme = state.Programme(ref);
  if (programme == nullptr) {
    refusals.Add(Reason::VERSION_NOT_ADOPTED, ref.Id());  // R2: no version to lie in
    refusals.If(command.targets().empty(), Reason::NO_TARGET);
  } else {
    CheckTargets(command, *programme, refusals);
  }
  CheckObjectives(definition, refusals);
  CheckVersion(context, sequence == nullptr ? 0 : sequence->version,
               sequence == nullptr ? FactRef{} : sequence->designed, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::SequenceDesigned designed;
  designed.set_sequence_version(DraftNumber(sequence));
  *designed.mutable_definition() = definition;
  const Aggregate aggregate{type::v1::AGGREGATE_KIND_SEQUENCE,
                            is_new ? context.NewId("sequence") : command.sequence_id(),
                            is_new ? 0 : sequence->version};
  EventList events(context, state);
  events.Add(aggregate, designed);
  if (is_new) events.Created(aggregate.kind, aggregate.id, command.code());
  return events;
}

}  // namespace

void RegisterDesignSequence(Commands& commands) { commands.Add<DesignSequence>(Decide); }

}  // namespace jalon::domain
