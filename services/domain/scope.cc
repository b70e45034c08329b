#include "services/domain/scope.h"

#include <algorithm>

namespace jalon::domain {
namespace {

bool Names(const auto& named, std::string_view one) {
  return std::ranges::find(named, one) != named.end();
}

bool Covered(const Grant& grant, const Matter& matter) {
  if (grant.whole_school) return true;
  if (!grant.student_ids.empty() && !Names(grant.student_ids, matter.student_id)) return false;
  if (!grant.programme_codes.empty() && !Names(grant.programme_codes, matter.programme_code)) {
    return false;
  }
  return grant.module_codes.empty() ||
         std::ranges::any_of(matter.modules, [&](std::string_view module) {
           return Names(grant.module_codes, module);
         });
}

void Touch(const PlannedActivity& activity, Matter* matter) {
  for (const ModuleMinutes& share : activity.shares) matter->modules.push_back(share.module);
}

}  // namespace

Matter MatterOf(const Stay& stay) {
  Matter matter{.student_id = StudentOf(stay.id), .programme_code = stay.programme_code};
  for (const PlannedActivity& activity : stay.plan->activities) Touch(activity, &matter);
  return matter;
}

Matter MatterOf(const Stay& stay, const PlannedActivity& activity) {
  Matter matter{.student_id = StudentOf(stay.id), .programme_code = stay.programme_code};
  Touch(activity, &matter);
  return matter;
}

bool Scope::IsByGrant(type::v1::Role role) {
  return role == type::v1::ROLE_TEACHER || role == type::v1::ROLE_GUARDIAN ||
         role == type::v1::ROLE_WORKPLACE_TUTOR || role == type::v1::ROLE_COMPANY_SIGNATORY ||
         role == type::v1::ROLE_AUDITOR;
}

bool Scope::AsksForGrants(type::v1::Role role) {
  return IsByGrant(role) || role == type::v1::ROLE_WORK_STUDY_COORDINATOR ||
         role == type::v1::ROLE_STUDENT || role == type::v1::ROLE_ANALYST;
}

bool Scope::IsOfRole(const Principal& principal, const Grant& grant) {
  return grant.role == principal.role &&
         (!principal.IsCompany() || grant.company_id == principal.company_id);
}

Scope::Scope(const Principal& principal, const std::vector<Grant>& grants, LocalDate today)
    : nothing_(IsByGrant(principal.role) ||
               (AsksForGrants(principal.role) &&
                std::ranges::any_of(
                    grants, [&](const Grant& grant) { return IsOfRole(principal, grant); }))),
      limited_(principal.role == type::v1::ROLE_TEACHER ||
               principal.role == type::v1::ROLE_GUARDIAN) {
  if (!nothing_) return;
  for (const Grant& grant : grants) {
    // Revoked is revoked, though this clock may still say the day before.
    if (!IsOfRole(principal, grant) || grant.IsRevoked() || !grant.HoldsOn(today)) continue;
    nothing_ = false;
    if (!limited_) return;  // of a company, whose stays are the limit, or of one without any
    Grant& kept = grants_.emplace_back(grant);
    if (principal.role == type::v1::ROLE_GUARDIAN) {  // over students, whatever else it says
      kept.whole_school = false;
      kept.programme_codes.clear();
      kept.module_codes.clear();
    }
    if (!kept.whole_school) continue;
    limited_ = false;  // as most teachers are: nothing is looked up for them
    return;
  }
}

bool Scope::Covers(const Matter& matter) const {
  if (nothing_) return false;
  return !limited_ ||
         std::ranges::any_of(grants_, [&](const Grant& grant) { return Covered(grant, matter); });
}

Scope ScopeOf(const Context& context, State& state) {
  static const std::vector<Grant> kNone;
  const bool asks = Scope::AsksForGrants(context.principal().role);
  const PersonState* person = asks ? state.Person(context.principal().person_id) : nullptr;
  return {context.principal(), person == nullptr ? kNone : person->grants, context.today()};
}

}  // namespace jalon::domain
