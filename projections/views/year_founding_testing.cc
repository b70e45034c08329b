#include <fmt/format.h>
#include <google/protobuf/message.h>

#include "jalon/event/v1/event_body.pb.h"
#include "jalon/type/v1/role.pb.h"
#include "projections/views/views_testing.h"
#include "projections/views/year_maker_testing.h"

namespace jalon::projections::testing {

namespace ev = event::v1;
namespace ty = type::v1;

void YearMaker::Found(uint32_t number) {
  School& school = schools_.emplace_back();
  school.id = SchoolIdOf(number);
  school.sequence_id = RandomBytes(8);
  school.teacher = RandomBytes(8);
  school.coordinator = RandomBytes(8);
  ev::SchoolRegistered registered;
  registered.set_code(fmt::format("CFP-{}", number));
  registered.set_name("Centre de formation");
  Add(school, ty::AGGREGATE_KIND_SCHOOL, school.id, registered, kMonday);
  Emit(school);
  ev::PolicySet policy;
  policy.mutable_setting()->set_key("makeup_gate");
  policy.mutable_setting()->set_choice("COMPLETED");
  policy.set_effective_on(kMonday);
  policy.set_policy_version(1);
  Add(school, ty::AGGREGATE_KIND_SCHOOL, school.id, policy, kMonday);
  Emit(school);
  Publish(school);
  for (uint32_t i = 0; i * options_.students_per_company < options_.students; ++i) {
    const std::string& company = school.companies.emplace_back(RandomBytes(8));
    school.tutors.push_back(RandomBytes(8));
    ev::HostCompanyRegistered host;
    host.set_name(fmt::format("Garage {}", i));
    host.set_site("Main street");
    Add(school, ty::AGGREGATE_KIND_HOST_COMPANY, company, host, kMonday);
    ev::HostingCapacityDeclared capacity;
    capacity.set_from_on(kMonday);
    capacity.set_until_on(20270630);
    capacity.set_seats(options_.students_per_company);
    Add(school, ty::AGGREGATE_KIND_HOST_COMPANY, company, capacity, kMonday);
    ev::CompanyResourcesAttested attested;
    attested.set_sequence_id(school.sequence_id);
    attested.set_sequence_version(1);
    attested.set_human("A tutor for every two students.");
    attested.set_material("Two bays, tools, protective equipment.");
    attested.set_valid_until_on(20270831);
    Add(school, ty::AGGREGATE_KIND_HOST_COMPANY, company, attested, kMonday);
    Emit(school);
  }
}

void YearMaker::Publish(School& school) {
  ev::ProgrammeAdopted adopted;
  auto* programme = adopted.mutable_programme();
  programme->mutable_ref()->set_code(school.programme);
  programme->mutable_ref()->set_language("en");
  programme->mutable_ref()->set_version("2026");
  for (int i = 0; i < 24; ++i) {
    auto* module = programme->add_modules();
    module->set_code(i < 2 ? kModules[i] : fmt::format("850-{}", 600 + i));
    module->set_statement("A competency of the programme");
    module->set_hours(75);
    module->set_units(5);
  }
  Add(school, ty::AGGREGATE_KIND_PROGRAMME_VERSION, school.programme + "/en/2026", adopted,
      kMonday);
  Emit(school);
  ev::SequenceDesigned designed;
  designed.set_sequence_version(1);
  auto* definition = designed.mutable_definition();
  *definition->mutable_programme() = programme->ref();
  definition->set_type(ty::SEQUENCE_TYPE_DEVELOPMENT);
  definition->set_code("FREINS");
  definition->set_title("Brakes and wheels");
  for (const char* module : kModules) definition->add_targets()->set_module(module);
  Add(school, ty::AGGREGATE_KIND_SEQUENCE, school.sequence_id, designed, kMonday);
  ev::ActivitiesDefined activities;
  activities.set_sequence_version(1);
  for (int i = 1; i <= 5; ++i) {
    auto* activity = activities.add_activities();
    activity->set_code(fmt::format("a{}", i));
    activity->set_wording("Do it as in the workshop");
    activity->add_objectives(fmt::format("o{}", i));
  }
  Add(school, ty::AGGREGATE_KIND_SEQUENCE, school.sequence_id, activities, kMonday);
  ev::SequencePublished published;
  published.set_sequence_version(1);
  *published.mutable_definition() = *definition;
  *published.mutable_definition()->mutable_activities() = activities.activities();
  Add(school, ty::AGGREGATE_KIND_SEQUENCE, school.sequence_id, published, kMonday);
  Emit(school);
}

void YearMaker::Enrol(School& school) {
  const std::string cohort = RandomBytes(8);
  for (uint32_t number = 0; number < options_.students; ++number) {
    Student& student = school.students.emplace_back();
    student.number = number;
    student.id = RandomBytes(8);
    student.stay_id = student.id + RandomBytes(8);
    student.company = number / options_.students_per_company;
  }
  InBulk(school, [&](const Student& student) {
    ev::StudentEnrolled enrolled;
    enrolled.mutable_programme()->set_code(school.programme);
    enrolled.mutable_programme()->set_language("en");
    enrolled.mutable_programme()->set_version("2026");
    enrolled.set_in_alternance(true);
    enrolled.set_cohort_id(cohort);
    *enrolled.mutable_identity() = Seal(student, "rows.identity", 60);
    Add(school, ty::AGGREGATE_KIND_ENROLMENT, student.id + school.programme, enrolled, kMonday,
        &student);
  });
}

void YearMaker::Place(School& school) {
  InBulk(school, [&](const Student& student) {
    ev::SequenceAssigned assigned;
    assigned.set_sequence_version(1);
    assigned.set_type(ty::SEQUENCE_TYPE_DEVELOPMENT);
    assigned.set_programme_code(school.programme);
    for (const char* module : kModules) assigned.add_modules(module);
    Add(school, ty::AGGREGATE_KIND_ASSIGNMENT, student.id + school.sequence_id, assigned, kMonday,
        &student);
    if (!student.Every(17)) return;
    ev::TargetReleased released;
    released.set_module(kModules[1]);
    Add(school, ty::AGGREGATE_KIND_ASSIGNMENT, student.id + school.sequence_id, released, kMonday,
        &student);
  });
  InBulk(school, [&](const Student& student) {
    ev::StayScheduled scheduled;
    scheduled.set_sequence_id(school.sequence_id);
    scheduled.set_sequence_version(1);
    scheduled.set_type(ty::SEQUENCE_TYPE_DEVELOPMENT);
    scheduled.set_programme_code(school.programme);
    scheduled.set_company_id(school.companies[student.company]);
    scheduled.set_starts_on(kMonday);
    scheduled.set_ends_on(20261009);
    scheduled.set_plan_version(1);
    for (int i = 1; i <= 5; ++i) {
      auto* activity = scheduled.add_activities();
      activity->set_activity(fmt::format("a{}", i));
      activity->set_planned_minutes(1800);
      activity->add_objectives(fmt::format("o{}", i));
      auto* share = activity->add_shares();
      share->set_module(kModules[i / 4]);
      share->set_minutes(1800);
    }
    Add(school, ty::AGGREGATE_KIND_STAY, student.stay_id, scheduled, kMonday, &student);
  });
}

void YearMaker::Arrange(School& school) {
  ev::TrainingPlanAccepted accepted;
  accepted.set_plan_version(1);
  ev::SchoolSupervisorAssigned supervisor;
  supervisor.set_supervisor_id(school.teacher);
  supervisor.set_from_on(kMonday);
  ev::PreparationRecorded preparation;
  preparation.add_topics(placement::v1::PREPARATION_TOPIC_ATTITUDES);
  preparation.add_topics(placement::v1::PREPARATION_TOPIC_TRAINEE_RIGHTS);
  ev::SupervisionAgreed agreed;
  agreed.set_proposal_number(1);
  agreed.set_by_company(true);
  const auto about = [&](const Student& student, const google::protobuf::Message& event) {
    Add(school, ty::AGGREGATE_KIND_STAY, student.stay_id, event, kMonday, &student);
  };
  InBulk(school, [&](const Student& student) { Report(school, student, accepted, kMonday); });
  InBulk(school, [&](const Student& student) {
    ev::TutorAssigned tutor;
    tutor.set_tutor_id(school.tutors[student.company]);
    tutor.set_from_on(kMonday);
    about(student, tutor);
  });
  InBulk(school, [&](const Student& student) { about(student, supervisor); });
  InBulk(school, [&](const Student& student) { about(student, preparation); });
  InBulk(school, [&](const Student& student) {
    ev::SupervisionProposed proposed;
    proposed.set_proposal_number(1);
    *proposed.mutable_terms() = Seal(student, "rows.terms", 80);
    proposed.mutable_rhythm()->set_kind(ty::CONTACT_KIND_VISIT);
    proposed.mutable_rhythm()->set_count(1);
    proposed.mutable_rhythm()->set_period_days(14);
    about(student, proposed);
  });
  InBulk(school, [&](const Student& student) { Report(school, student, agreed, kMonday); });
}

}  // namespace jalon::projections::testing
