#include "services/domain/decide/sequence_rules.h"

#include <algorithm>
#include <string_view>

#include "eventstore/base/check.h"
#include "services/domain/sequence_type.h"

namespace jalon::domain {
namespace {

using catalogue::v1::ActivityDefinition;
using catalogue::v1::Objective;
using catalogue::v1::SequenceDefinition;
using catalogue::v1::Target;

bool Contains(const auto& list, const std::string& item) {
  return std::ranges::find(list, item) != list.end();
}

// Whether the element, or with "" the competency as a whole, is among what the targets develop.
bool IsTargeted(const SequenceDefinition& definition, const std::string& module,
                const std::string& element) {
  return std::ranges::any_of(definition.targets(), [&](const Target& target) {
    return target.module() == module &&
           (element.empty() || target.elements().empty() || Contains(target.elements(), element));
  });
}

const Objective* FindObjective(const SequenceDefinition& definition, const std::string& code) {
  for (const Objective& objective : definition.objectives()) {
    if (objective.code() == code) return &objective;
  }
  return nullptr;
}

// The elements of the module that some activity covers, by itself or through an objective.
std::set<std::string> CoveredElements(const SequenceDefinition& definition,
                                      const std::string& module) {
  std::set<std::string> covered;
  for (const ActivityDefinition& activity : definition.activities()) {
    for (const auto& element : activity.covers()) {
      if (element.module() == module) covered.insert(element.element());
    }
    for (const std::string& code : activity.objectives()) {
      const Objective* objective = FindObjective(definition, code);
      if (objective != nullptr && objective->module() == module) {
        covered.insert(objective->element());
      }
    }
  }
  return covered;
}

bool StatesComplement(const Target& target) {
  const auto& complement = target.complement();
  return !complement.elements().empty() || complement.planned_minutes() > 0 ||
         !complement.description().empty();
}

}  // namespace

void CheckObjectives(const SequenceDefinition& definition, Refusals& refusals) {
  std::set<std::string> codes;
  for (const Objective& objective : definition.objectives()) {
    refusals.Unless(codes.insert(objective.code()).second, Reason::DUPLICATE_ROW, objective.code());
    refusals.Unless(IsTargeted(definition, objective.module(), objective.element()),
                    Reason::OBJECTIVE_NOT_TARGETED, objective.code());
  }
}

void CheckActivities(const SequenceDefinition& definition, Refusals& refusals) {
  std::set<std::string> codes;
  for (const ActivityDefinition& activity : definition.activities()) {
    refusals.Unless(codes.insert(activity.code()).second, Reason::DUPLICATE_ROW, activity.code());
    refusals.If(activity.objectives().empty(), Reason::ACTIVITY_WITHOUT_OBJECTIVE, activity.code());
    for (const std::string& code : activity.objectives()) {
      refusals.If(FindObjective(definition, code) == nullptr, Reason::OBJECTIVE_NOT_TARGETED,
                  activity.code() + "/" + code);
    }
    for (const auto& element : activity.covers()) {
      refusals.Unless(IsTargeted(definition, element.module(), element.element()),
                      Reason::OBJECTIVE_NOT_TARGETED,
                      activity.code() + "/" + element.module() + "/" + element.element());
    }
  }
}

void CheckPrecision(const SequenceDefinition& definition, Refusals& refusals) {
  for (const ActivityDefinition& activity : definition.activities()) {
    const auto require = [&](bool there, std::string_view field) {
      refusals.Unless(there, Reason::ACTIVITY_UNDERSPECIFIED,
                      activity.code() + "." + std::string(field));
    };
    require(!activity.wording().empty(), "wording");
    require(!activity.expected_result().empty(), "expected_result");
    require(activity.planned_minutes() > 0, "planned_minutes");
  }
}

void CheckCoverage(const SequenceDefinition& definition, const ProgrammeState& programme,
                   Refusals& refusals) {
  std::set<std::string> touched;
  for (const ActivityDefinition& activity : definition.activities()) {
    touched.merge(ModulesOf(definition, activity));
  }
  const bool has_modes = RulesOf(definition.type()).has_modes;
  for (const Target& target : definition.targets()) {
    refusals.Unless(touched.contains(target.module()), Reason::TARGET_WITHOUT_ACTIVITY,
                    target.module());
    if (!has_modes) continue;
    if (target.mode() == type::v1::DEVELOPMENT_MODE_COMPLETE) {
      const std::set<std::string> covered = CoveredElements(definition, target.module());
      const Module* module = programme.FindModule(target.module());
      if (module == nullptr) continue;
      for (const std::string& element : module->elements) {
        refusals.Unless(covered.contains(element), Reason::COMPLETE_MUST_COVER_ALL_ELEMENTS,
                        target.module() + "/" + element);
      }
    }
    if (target.mode() == type::v1::DEVELOPMENT_MODE_PARTIAL) {
      refusals.Unless(StatesComplement(target), Reason::PARTIAL_NEEDS_SCHOOL_COMPLEMENT,
                      target.module());
    }
  }
}

SequenceDefinition DefinitionOf(const SequenceState& sequence) {
  SequenceDefinition definition;
  JALON_CHECK(definition.ParseFromString(sequence.definition));
  return definition;
}

Matter MatterOf(const SequenceDefinition& definition) {
  Matter matter{.programme_code = definition.programme().code()};
  for (const auto& target : definition.targets()) matter.modules.push_back(target.module());
  return matter;
}

const SequenceState* FindSequence(const Context& context, State& state, const Bytes& sequence_id) {
  const SequenceState* sequence = state.Sequence(sequence_id);
  if (sequence == nullptr) return nullptr;
  const Scope scope = ScopeOf(context, state);
  const bool seen = !scope.IsLimited() || scope.Covers(MatterOf(DefinitionOf(*sequence)));
  return seen ? sequence : nullptr;
}

std::set<std::string> ModulesOf(const SequenceDefinition& definition,
                                const ActivityDefinition& activity) {
  std::set<std::string> modules;
  for (const std::string& code : activity.objectives()) {
    const Objective* objective = FindObjective(definition, code);
    if (objective != nullptr) modules.insert(objective->module());
  }
  return modules;
}

}  // namespace jalon::domain
