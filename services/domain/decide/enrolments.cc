#include "services/domain/decide/enrolments.h"

#include <string>

namespace jalon::domain {

const Enrolment* EnrolmentNamed(const StudentState& student, std::string_view programme_code,
                                Refusals& refusals) {
  if (!programme_code.empty()) {
    const Enrolment* enrolment = student.FindEnrolment(programme_code);
    refusals.If(enrolment == nullptr, Reason::NOT_FOUND, std::string(programme_code));
    return enrolment;
  }
  refusals.If(student.enrolments.empty(), Reason::NOT_FOUND);
  refusals.If(student.enrolments.size() > 1, Reason::FIELD_REQUIRED, "command.programme_code");
  return student.enrolments.size() == 1 ? &student.enrolments.front() : nullptr;
}

Aggregate AggregateOf(std::string_view student_id, const Enrolment& enrolment) {
  return {type::v1::AGGREGATE_KIND_ENROLMENT, Bytes(student_id).append(enrolment.programme.code),
          enrolment.version};
}

}  // namespace jalon::domain
