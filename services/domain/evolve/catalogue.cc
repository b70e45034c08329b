// Events of the catalogue: programme versions and sequences.
#include "eventstore/base/check.h"
#include "jalon/event/v1/catalogue_events.pb.h"
#include "services/domain/content_hash.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

constexpr uint32_t kMinutesPerHour = 60;

void Evolve(const event::v1::ProgrammeAdopted& adopted, const Event& event, Rows& rows) {
  const auto& definition = adopted.programme();
  ProgrammeState& programme = rows.Edit<ProgrammeState>(event.aggregate());
  programme.version = event.version();
  programme.ref = RefOf(definition.ref());
  programme.type = definition.type();
  programme.elements_known = definition.elements();
  programme.content_hash = ContentHash(definition);
  programme.adopted = event.Ref();
  programme.modules.clear();
  for (const auto& module : definition.modules()) {
    Module& kept = programme.modules.emplace_back();
    kept.code = module.code();
    kept.allotted_minutes = module.hours() * kMinutesPerHour;
    kept.prescribed = module.prescribed();
    for (const auto& element : module.elements()) kept.elements.push_back(element.code());
    for (const auto& criterion : module.criteria()) kept.criteria.push_back(criterion.code());
  }
}

void Evolve(const event::v1::SequenceDesigned& designed, const Event& event, Rows& rows) {
  SequenceState& sequence = rows.Sequence(event.aggregate());
  sequence.version = event.version();
  sequence.code = designed.definition().code();
  sequence.draft_number = designed.sequence_version();
  sequence.definition = designed.definition().SerializeAsString();
  sequence.designed = event.Ref();
}

void Evolve(const event::v1::ActivitiesDefined& defined, const Event& event, Rows& rows) {
  SequenceState& sequence = rows.Sequence(event.aggregate());
  catalogue::v1::SequenceDefinition definition;
  JALON_CHECK(definition.ParseFromString(sequence.definition));
  *definition.mutable_activities() = defined.activities();
  sequence.version = event.version();
  sequence.definition = definition.SerializeAsString();
  sequence.activities_defined = event.Ref();
}

// What rules ask of a published version, without its texts.
SequenceVersion VersionOf(const catalogue::v1::SequenceDefinition& definition) {
  SequenceVersion version;
  version.programme = RefOf(definition.programme());
  version.type = definition.type();
  for (const auto& target : definition.targets()) {
    version.targets.push_back({.module = target.module(),
                               .elements = {target.elements().begin(), target.elements().end()},
                               .mode = target.mode()});
  }
  for (const auto& objective : definition.objectives()) {
    version.objectives.push_back({objective.code(), objective.module(), objective.element()});
  }
  for (const auto& activity : definition.activities()) {
    SequenceActivity& kept = version.activities.emplace_back();
    kept.code = activity.code();
    kept.planned_minutes = activity.planned_minutes();
    kept.objectives = {activity.objectives().begin(), activity.objectives().end()};
    for (const SequenceTarget& target : version.targets) {
      const bool touches = std::ranges::any_of(kept.objectives, [&](const std::string& code) {
        const SequenceObjective* objective = version.FindObjective(code);
        return objective != nullptr && objective->module == target.module;
      });
      if (touches) kept.modules.push_back(target.module);
    }
  }
  return version;
}

void Evolve(const event::v1::SequencePublished& published, const Event& event, Rows& rows) {
  SequenceState& sequence = rows.Sequence(event.aggregate());
  sequence.version = event.version();
  sequence.draft_number = 0;
  sequence.definition = published.definition().SerializeAsString();
  SequenceVersion& version = sequence.published.emplace_back(VersionOf(published.definition()));
  version.number = published.sequence_version();
  version.published = event.Ref();
}

}  // namespace

void RegisterCatalogueEvents(Events& events) {
  events.Add<event::v1::ProgrammeAdopted>(Evolve);
  events.Add<event::v1::SequenceDesigned>(Evolve);
  events.Add<event::v1::ActivitiesDefined>(Evolve);
  events.Add<event::v1::SequencePublished>(Evolve);
}

}  // namespace jalon::domain
