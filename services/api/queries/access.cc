#include "services/api/queries/access.h"

#include <algorithm>

#include "projections/views/grants.h"
#include "services/api/queries/facts.h"

namespace jalon::api {
namespace {

using domain::kPersonIdBytes;

std::vector<Bytes> BytesOf(const std::vector<projections::PersonId>& ids) {
  std::vector<Bytes> bytes;
  bytes.reserve(ids.size());
  for (const projections::PersonId& id : ids) bytes.push_back(id.Str());
  return bytes;
}

domain::Grant GrantOf(const projections::GrantFacts& grant) {
  return {.grant_id = grant.grant_id.Str(),
          .role = grant.role,
          .company_id = grant.company_id.Str(),
          .student_ids = BytesOf(grant.student_ids),
          .programme_codes = grant.programme_codes,
          .module_codes = grant.module_codes,
          .whole_school = grant.whole_school,
          .expires_on = grant.expires_on,
          .fact = RefOf(grant.granted),
          .revoked = RefOf(grant.revoked)};
}

domain::Matter MatterOf(const projections::StayRow& stay) {
  domain::Matter matter{.student_id = stay.stay_id.View().substr(0, kPersonIdBytes),
                        .programme_code = stay.programme_code};
  for (const projections::ActivityFacts& activity : stay.plan->activities) {
    for (const projections::ModuleShare& share : activity.shares) {
      matter.modules.push_back(share.module);
    }
  }
  return matter;
}

}  // namespace

Result<domain::Scope> ScopeOf(const domain::Principal& caller, const Reader* reader,
                              domain::LocalDate today) {
  std::vector<domain::Grant> grants;
  if (domain::Scope::AsksForGrants(caller.role) && reader != nullptr) {
    const auto key = projections::GrantsKey(projections::PersonId::Of(caller.person_id));
    JALON_ASSIGN_OR_RETURN(const auto row,
                           reader->Find<projections::GrantsRow>(projections::kGrants, key));
    if (row) std::ranges::transform(row->grants, std::back_inserter(grants), GrantOf);
  }
  domain::Scope scope(caller, grants, today);
  if (scope.IsNothing() && reader != nullptr) return NotFound();
  return scope;
}

bool IsStaff(const domain::Principal& caller) {
  return caller.role == type::v1::ROLE_WORK_STUDY_COORDINATOR ||
         caller.role == type::v1::ROLE_TEACHER;
}

bool MaySeeStudent(const QueryContext& context, std::string_view student_id) {
  const domain::Principal& caller = context.principal;
  if (IsStaff(caller)) return true;
  if (caller.role == type::v1::ROLE_GUARDIAN) {
    return context.scope.Covers({.student_id = student_id});
  }
  return caller.role == type::v1::ROLE_STUDENT && !caller.person_id.empty() &&
         caller.person_id == student_id;
}

bool Supervises(const QueryContext& context, const projections::StayRow& stay) {
  const auto person = projections::PersonId::Of(context.principal.person_id);
  const projections::AssignedPerson* now = AssignedOn(stay.supervisors, context.today);
  return (now != nullptr && now->person_id == person) ||
         std::ranges::any_of(stay.supervisors, [&](const projections::AssignedPerson& other) {
           return other.person_id == person && other.from_on > context.today;
         });
}

bool MaySeeStay(const QueryContext& context, const projections::StayRow& stay) {
  const domain::Principal& caller = context.principal;
  if (IsStaff(caller)) {
    return !context.scope.IsLimited() || context.scope.Covers(MatterOf(stay)) ||
           Supervises(context, stay);
  }
  if (caller.role == type::v1::ROLE_COMPANY_SIGNATORY) {
    return !stay.company_id.IsNone() && stay.company_id == CompanyOf(caller);
  }
  if (caller.role == type::v1::ROLE_WORKPLACE_TUTOR) {
    const auto person = projections::PersonId::Of(caller.person_id);
    return !person.IsNone() && !stay.company_id.IsNone() && stay.company_id == CompanyOf(caller) &&
           std::ranges::find(stay.tutors, person, &projections::AssignedPerson::person_id) !=
               stay.tutors.end();
  }
  return MaySeeStudent(context, StudentOf(stay.stay_id).View());
}

bool MaySeeTrail(const QueryContext& context, const projections::CompanyId& company_id) {
  const domain::Principal& caller = context.principal;
  if (company_id.IsNone()) return false;
  return caller.role == type::v1::ROLE_WORK_STUDY_COORDINATOR ||
         caller.role == type::v1::ROLE_AUDITOR ||
         (caller.role == type::v1::ROLE_COMPANY_SIGNATORY && company_id == CompanyOf(caller));
}

projections::CompanyId CompanyOf(const domain::Principal& caller) {
  return caller.IsCompany() ? projections::CompanyId::Of(caller.company_id)
                            : projections::CompanyId();
}

}  // namespace jalon::api
