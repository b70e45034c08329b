// Events of the roster.
#include <algorithm>

#include "jalon/event/v1/roster_events.pb.h"
#include "services/domain/evolve/external_id.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

void Evolve(const event::v1::StudentEnrolled& enrolled, const Event& event, Rows& rows) {
  std::vector<Bytes> lookup_macs = LearnExternalId(enrolled, event.subject(), event, rows);
  StudentState& student = rows.Student(event.subject());
  Remember(std::move(lookup_macs), &student.lookup_macs);
  if (enrolled.has_identity()) student.identity = event.Ref();
  const auto known = std::ranges::find_if(student.enrolments, [&](const Enrolment& enrolment) {
    return enrolment.programme.code == enrolled.programme().code();
  });
  Enrolment& enrolment =
      known == student.enrolments.end() ? student.enrolments.emplace_back() : *known;
  enrolment.version = event.version();
  enrolment.programme = RefOf(enrolled.programme());
  enrolment.open = true;
  enrolment.in_alternance = enrolled.in_alternance();
  enrolment.cohort_id = enrolled.cohort_id();
  enrolment.fact = event.Ref();
  enrolment.end = type::v1::ENROLMENT_END_UNSPECIFIED;
  enrolment.closed = {};
}

// Aggregate: student_id ‖ programme code.
void Close(type::v1::EnrolmentEnd end, const Event& event, Rows& rows) {
  const std::string_view code = event.aggregate().substr(kPersonIdBytes);
  for (Enrolment& enrolment : rows.Student(event.subject()).enrolments) {
    if (enrolment.programme.code != code) continue;
    enrolment.version = event.version();
    enrolment.open = false;
    enrolment.end = end;
    enrolment.closed = event.Ref();
  }
}

void Evolve(const event::v1::StudentWithdrawn& withdrawn, const Event& event, Rows& rows) {
  Close(withdrawn.end(), event, rows);
}

void Evolve(const event::v1::ProgrammeCompleted&, const Event& event, Rows& rows) {
  Close(type::v1::ENROLMENT_END_COMPLETED, event, rows);
}

}  // namespace

void RegisterRosterEvents(Events& events) {
  events.Add<event::v1::StudentEnrolled>(Evolve);
  events.Add<event::v1::StudentWithdrawn>(Evolve);
  events.Add<event::v1::ProgrammeCompleted>(Evolve);
}

}  // namespace jalon::domain
