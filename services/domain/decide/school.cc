// SchoolService: schools and their policy.
#include "eventstore/base/hash.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/domain/checks.h"
#include "services/domain/policy.h"
#include "services/domain/registry.h"
#include "services/domain/school_code.h"

namespace jalon::domain {
namespace {

Aggregate SchoolAggregate(const Context& context, uint64_t version) {
  return {type::v1::AGGREGATE_KIND_SCHOOL, context.school_id(), version};
}

// The id is the hash of the code, so that a school is there at most once.
Decision Decide(const school::v1::RegisterSchool& command, const Context& context, State& state) {
  Refusals refusals;
  const SchoolState* known = state.School();
  const std::string code = NormalisedSchoolCode(command.code());
  if (known != nullptr) refusals.Add(Reason::SCHOOL_EXISTS, code, {known->registered});
  refusals.Unless(SchoolIdOf(code) == context.school_id(), Reason::FIELD_INVALID, "command.code");
  CheckVersion(context, known == nullptr ? 0 : known->version,
               known == nullptr ? FactRef{} : known->registered, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::SchoolRegistered registered;
  registered.set_code(code);
  registered.set_name(command.name());
  registered.set_service_centre(command.service_centre());
  registered.set_region(command.region());
  EventList events(context, state);
  events.Add(SchoolAggregate(context, 0), registered);
  events.Created(type::v1::AGGREGATE_KIND_SCHOOL, context.school_id(), code);
  return events;
}

// Policy fills what the source leaves open; it never reaches back.
Decision Decide(const school::v1::SetPolicy& command, const Context& context, State& state) {
  const SchoolState& school = *state.School();
  const school::v1::PolicySetting& setting = command.setting();
  Refusals refusals;
  const PolicyRow* row = FindPolicyRow(setting.key());
  if (row == nullptr || !IsAllowed(*row, setting)) {
    refusals.Add(Reason::POLICY_NOT_ALLOWED, setting.key());
    const std::string allowed = row == nullptr ? std::string() : AllowedValues(*row);
    if (!allowed.empty()) refusals.Add(Reason::POLICY_NOT_ALLOWED, allowed);
  }
  refusals.If(command.effective_on() < context.today(), Reason::POLICY_RETROACTIVE, setting.key());
  CheckVersion(context, school.version, {}, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::PolicySet set;
  *set.mutable_setting() = setting;
  set.set_effective_on(command.effective_on());
  set.set_policy_version(school.PolicyVersion() + 1);
  EventList events(context, state);
  events.Add(SchoolAggregate(context, school.version), set);
  return events;
}

}  // namespace

void RegisterSchoolCommands(Commands& commands) {
  commands.Add<school::v1::RegisterSchool>(Decide, {.needs_school = false});
  commands.Add<school::v1::SetPolicy>(Decide);
}

}  // namespace jalon::domain
