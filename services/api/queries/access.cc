#include "services/api/queries/access.h"

#include <algorithm>

namespace jalon::api {

bool IsStaff(const domain::Principal& caller) {
  return caller.role == type::v1::ROLE_WORK_STUDY_COORDINATOR ||
         caller.role == type::v1::ROLE_TEACHER;
}

bool MaySeeStudent(const domain::Principal& caller, std::string_view student_id) {
  if (IsStaff(caller)) return true;
  const bool own = caller.role == type::v1::ROLE_STUDENT || caller.role == type::v1::ROLE_GUARDIAN;
  return own && !caller.person_id.empty() && caller.person_id == student_id;
}

bool MaySeeStay(const domain::Principal& caller, const projections::StayRow& stay) {
  if (IsStaff(caller)) return true;
  if (caller.role == type::v1::ROLE_COMPANY_SIGNATORY) {
    return !stay.company_id.IsNone() && stay.company_id == CompanyOf(caller);
  }
  if (caller.role == type::v1::ROLE_WORKPLACE_TUTOR) {
    const auto person = projections::PersonId::Of(caller.person_id);
    return !person.IsNone() &&
           std::ranges::find(stay.tutors, person, &projections::AssignedPerson::person_id) !=
               stay.tutors.end();
  }
  return MaySeeStudent(caller, StudentOf(stay.stay_id).View());
}

projections::CompanyId CompanyOf(const domain::Principal& caller) {
  return caller.IsCompany() ? projections::CompanyId::Of(caller.company_id)
                            : projections::CompanyId();
}

}  // namespace jalon::api
