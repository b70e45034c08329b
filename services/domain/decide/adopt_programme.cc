// AdoptProgramme: a careful import. The definition goes into the event whole, so that the school's
// log explains itself.
#include <fmt/format.h>

#include <set>

#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/event/v1/catalogue_events.pb.h"
#include "services/domain/checks.h"
#include "services/domain/content_hash.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

using catalogue::v1::AdoptProgramme;
using catalogue::v1::ModuleDefinition;
using catalogue::v1::ProgrammeDefinition;

constexpr uint32_t kHoursPerUnit = 15;

// "modules[12] 850-573"
std::string Place(const ProgrammeDefinition& programme, int index) {
  return fmt::format("modules[{}] {}", index, programme.modules(index).code());
}

bool HasTwins(const auto& coded) {
  std::set<std::string> codes;
  for (const auto& item : coded) {
    if (!codes.insert(item.code()).second) return true;
  }
  return false;
}

void CheckModules(const ProgrammeDefinition& programme, Refusals& refusals) {
  std::set<std::string> codes;
  uint32_t hours = 0;
  for (int i = 0; i < programme.modules_size(); ++i) {
    const ModuleDefinition& module = programme.modules(i);
    hours += module.hours();
    refusals.If(module.hours() != kHoursPerUnit * module.units(), Reason::HOURS_UNITS_MISMATCH,
                Place(programme, i));
    refusals.If(!codes.insert(module.code()).second || HasTwins(module.elements()) ||
                    HasTwins(module.criteria()),
                Reason::DUPLICATE_MODULE, Place(programme, i));
    if (module.inferred()) {
      refusals.Add({.reason = Reason::PROGRAMME_INCOMPLETE,
                    .subjects = {Place(programme, i)},
                    .cause = "ROW_INFERRED"});
    }
  }
  if (hours != programme.declared_hours()) {
    refusals.Add({.reason = Reason::PROGRAMME_INCOMPLETE,
                  .subjects = {fmt::format("{}/{} h", hours, programme.declared_hours())},
                  .cause = "HOURS_DO_NOT_ADD_UP"});
  }
}

// What is worth a second look and forbids nothing.
void WarnAboutModules(const ProgrammeDefinition& programme, EventList& events) {
  Refusals doubts;
  bool prescribed = false;
  for (int i = 0; i < programme.modules_size(); ++i) {
    const ModuleDefinition& module = programme.modules(i);
    const auto last_digit = static_cast<uint32_t>(module.code().back() - '0');
    doubts.If(last_digit != module.units() % 10, Reason::LAST_DIGIT_NOT_UNITS, Place(programme, i));
    doubts.If(module.elements().empty(), Reason::ELEMENTS_UNKNOWN, module.code());
    prescribed = prescribed || module.prescribed();
  }
  doubts.Unless(prescribed, Reason::NO_PRESCRIBED_MODULE);  // R8
  for (Violation& doubt : doubts.Sorted()) events.Warn(std::move(doubt));
}

Decision Decide(const AdoptProgramme& command, const Context& context, State& state) {
  const ProgrammeDefinition& programme = command.programme();
  const ProgrammeRef ref = RefOf(programme.ref());
  const ProgrammeState* known = state.Programme(ref);
  const bool same = known != nullptr && known->content_hash == ContentHash(programme);
  Refusals refusals;
  CheckModules(programme, refusals);
  if (known != nullptr && !same) {
    refusals.Add(Reason::VERSION_IS_IMMUTABLE, ref.Id(), {known->adopted});
  }
  CheckVersion(context, known == nullptr ? 0 : known->version,
               known == nullptr ? FactRef{} : known->adopted, refusals);
  if (refusals) return Refuse(std::move(refusals));

  const Aggregate version{type::v1::AGGREGATE_KIND_PROGRAMME_VERSION, ref.Id()};
  EventList events(context, state);
  events.Created(version.kind, version.id, ref.Id());
  WarnAboutModules(programme, events);
  if (same) return events;  // the same file twice is one version
  event::v1::ProgrammeAdopted adopted;
  *adopted.mutable_programme() = programme;
  events.Add(version, adopted);
  return events;
}

}  // namespace

void RegisterAdoptProgramme(Commands& commands) { commands.Add<AdoptProgramme>(Decide); }

}  // namespace jalon::domain
