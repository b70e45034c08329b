// AccessService: who may do what. A grant is how tutors, signatories and staff come to exist.
#include "eventstore/base/hash.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "services/domain/checks.h"
#include "services/domain/identity.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

using school::v1::AccessScope;
using school::v1::GrantAccess;
using school::v1::RevokeAccess;

// Each role says over what: a company, students, what a teacher teaches, or the whole school.
bool HasScope(type::v1::Role role, const AccessScope& scope) {
  switch (role) {
    case type::v1::ROLE_WORK_STUDY_COORDINATOR:
    case type::v1::ROLE_AUDITOR:
    case type::v1::ROLE_ANALYST:
      return scope.whole_school();
    case type::v1::ROLE_TEACHER:
      return scope.whole_school() || scope.student_ids_size() > 0 ||
             scope.programme_codes_size() > 0 || scope.module_codes_size() > 0;
    case type::v1::ROLE_WORKPLACE_TUTOR:
    case type::v1::ROLE_COMPANY_SIGNATORY:
      return !scope.company_id().empty();
    case type::v1::ROLE_GUARDIAN:
    case type::v1::ROLE_STUDENT:
      return scope.student_ids_size() > 0;
    default:
      return false;
  }
}

bool MustExpire(type::v1::Role role) {
  return role == type::v1::ROLE_AUDITOR || role == type::v1::ROLE_ANALYST;
}

// What the scope names is there.
void CheckScope(const AccessScope& scope, State& state, Refusals& refusals) {
  if (!scope.company_id().empty() && state.Company(scope.company_id()) == nullptr) {
    refusals.Add(Reason::NOT_FOUND, ToHex(scope.company_id()));
  }
  for (const std::string& student_id : scope.student_ids()) {
    const StudentState* student = state.Student(student_id);
    refusals.If(student == nullptr, Reason::NOT_FOUND, ToHex(student_id));
    if (student != nullptr && student->erased.seq != 0) {
      refusals.Add(Reason::PERSON_ERASED, ToHex(student_id), {student->erased});
    }
  }
}

// R15: whoever guides or signs for a student in a company does not evaluate that student.
void CheckNoConflict(const GrantAccess& command, const Bytes& person_id, State& state,
                     Refusals& refusals) {
  if (command.role() != type::v1::ROLE_TEACHER) return;
  for (const std::string& student_id : command.scope().student_ids()) {
    const StudentState* student = state.Student(student_id);
    if (student == nullptr) continue;
    for (const auto& stay : student->stays) {
      refusals.If(stay->tutor.EverHeld(person_id) || stay->answer.signatory_id == person_id,
                  Reason::ROLE_CONFLICT, ToHex(stay->id), {stay->scheduled});
    }
  }
}

Decision Decide(const GrantAccess& command, const Context& context, State& state) {
  Refusals refusals;
  const IdentityLookup person = LookUpPerson(command.person_id(), command.identity(), state);
  person.Check("command.", refusals);
  // A role in a region spans schools: no school grants it.
  refusals.If(command.role() == type::v1::ROLE_REGION_COORDINATOR, Reason::FIELD_INVALID,
              "command.role");
  refusals.Unless(HasScope(command.role(), command.scope()), Reason::SCOPE_REQUIRED,
                  "command.scope");
  CheckScope(command.scope(), state, refusals);
  refusals.If(MustExpire(command.role()) && command.expires_on() == 0, Reason::EXPIRY_REQUIRED,
              "command.expires_on");
  refusals.If(command.expires_on() != 0 && command.expires_on() < context.today(),
              Reason::DATES_INVERTED, "command.expires_on");
  CheckNoConflict(command, person.person_id, state, refusals);
  CheckVersion(context, 0, {}, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::AccessGranted granted;
  granted.set_person_id(person.person_id);
  granted.set_role(command.role());
  *granted.mutable_scope() = command.scope();
  granted.set_expires_on(command.expires_on());
  person.Describe(command.identity(), granted);
  const Aggregate grant{type::v1::AGGREGATE_KIND_GRANT, context.NewId("grant")};
  EventList events(context, state);
  events.Add(grant, granted, {.subject = person.person_id});
  events.Created(grant.kind, grant.id, {}, person.person_id);
  return events;
}

// A coordinator who ends their own role may be the school's last, and then only the region could
// help: so another one does it, who stays.
void CheckNotOwnRole(const Grant& grant, const Bytes& person_id, const Context& context,
                     Refusals& refusals) {
  if (grant.role != type::v1::ROLE_WORK_STUDY_COORDINATOR ||
      context.principal().role != type::v1::ROLE_WORK_STUDY_COORDINATOR ||
      context.principal().person_id != person_id) {
    return;
  }
  refusals.Add(Violation{.reason = Reason::SECOND_PERSON_REQUIRED,
                         .subjects = {ToHex(grant.grant_id)},
                         .cause = "OWN_ROLE",
                         .facts = {grant.fact}});
}

Decision Decide(const RevokeAccess& command, const Context& context, State& state) {
  const PersonState* person = state.Person(command.person_id());
  const Grant* grant = person == nullptr ? nullptr : person->Find(command.grant_id());
  if (grant == nullptr) return Refuse(Reason::NOT_FOUND, ToHex(command.grant_id()));
  Refusals refusals;
  if (grant->IsRevoked()) {
    refusals.Add(Reason::ALREADY_REVOKED, ToHex(grant->grant_id), {grant->revoked});
  } else if (!grant->HoldsOn(context.today())) {  // its last day is over
    refusals.Add(Reason::NOTHING_TO_CHANGE, ToHex(grant->grant_id), {grant->fact});
  }
  CheckNotOwnRole(*grant, command.person_id(), context, refusals);
  CheckVersion(context, grant->version, grant->IsRevoked() ? grant->revoked : grant->fact,
               refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::AccessRevoked revoked;
  revoked.set_person_id(command.person_id());
  EventList events(context, state);
  events.Add({type::v1::AGGREGATE_KIND_GRANT, grant->grant_id, grant->version}, revoked,
             {.subject = command.person_id()});
  return events;
}

}  // namespace

void RegisterAccessCommands(Commands& commands) {
  commands.Add<GrantAccess>(Decide);
  commands.Add<RevokeAccess>(Decide);
}

}  // namespace jalon::domain
