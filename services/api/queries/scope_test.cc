// What a teacher is answered: what the grants that hold today extend over, by every query.
#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "jalon/duty/v1/duty_service.pb.h"
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using school::v1::AccessScope;

const Bytes kNadia(8, 'N');
const Bytes kAda1 = StayOf(kAda, '1');
const Bytes kBen1 = StayOf(kBen, '1');

AccessScope Students(const Bytes& student) {
  AccessScope scope;
  scope.add_student_ids(student);
  return scope;
}
AccessScope Modules(const std::string& module) {
  AccessScope scope;
  scope.add_module_codes(module);
  return scope;
}
AccessScope Programmes(const std::string& code) {
  AccessScope scope;
  scope.add_programme_codes(code);
  return scope;
}

class ScopeTest : public QueryTest {
 protected:
  ScopeTest() {
    school_.Found();
    for (const Bytes& student : {kAda, kBen}) {
      school_.Enrol(student);
      school_.Assign(student);
      school_.Schedule(StayOf(student, '1'));
      school_.Start(StayOf(student, '1'));
      school_.End(StayOf(student, '1'), {"a1", "a2", "a5"});
    }
    ActAs(type::v1::ROLE_TEACHER, kNadia);
  }

  void Grant(const AccessScope& scope, uint32_t expires_on = 0,
             type::v1::Role role = type::v1::ROLE_TEACHER) {
    event::v1::AccessGranted granted;
    granted.set_person_id(kNadia);
    granted.set_role(role);
    *granted.mutable_scope() = scope;
    granted.set_expires_on(expires_on);
    school_.Happened(granted, type::v1::AGGREGATE_KIND_GRANT, Bytes(8, 'g'), 20260801);
  }

  template <typename Request, typename Response>
  std::string OfStudent(const Bytes& student) {
    Request request;
    request.set_student_id(student);
    return ReasonOf<Response>(request);
  }
  // What the four queries about a student answer; they agree.
  std::string Student(const Bytes& student) {
    using namespace progress::v1;  // NOLINT(google-build-using-namespace): it is all of these
    const std::string progress =
        OfStudent<GetStudentProgressRequest, GetStudentProgressResponse>(student);
    EXPECT_EQ((OfStudent<GetSummativeEligibilityRequest, GetSummativeEligibilityResponse>(student)),
              progress);
    EXPECT_EQ((OfStudent<GetHoursLedgerRequest, GetHoursLedgerResponse>(student)), progress);
    EXPECT_EQ((OfStudent<GetAttitudeTimelineRequest, GetAttitudeTimelineResponse>(student)),
              progress);
    return progress;
  }
  std::string Readiness(const Bytes& stay) {
    placement::v1::GetStartReadinessRequest request;
    request.set_stay_id(stay);
    return ReasonOf<placement::v1::GetStartReadinessResponse>(request);
  }
  // "A B": whose stays are listed.
  std::string Stays() {
    const auto answer = Ask<placement::v1::ListStaysResponse>(placement::v1::ListStaysRequest());
    if (!answer) return answer.error().reason;
    std::string names;
    for (const auto& stay : answer->stays()) {
      names += (names.empty() ? "" : " ") + stay.student_id().substr(0, 1);
    }
    return names;
  }
  // "A/a1 B/a5": the make-ups listed.
  std::string MakeUps() {
    const auto answer = Ask<duty::v1::ListMakeUpsResponse>(duty::v1::ListMakeUpsRequest());
    if (!answer) return answer.error().reason;
    std::string names;
    for (const auto& row : answer->make_ups()) {
      names += (names.empty() ? "" : " ") + row.student_id().substr(0, 1) + "/" + row.activity();
    }
    return names;
  }
  // What the queries about no student answer; they agree.
  std::string Catalogue() {
    using namespace catalogue::v1;  // NOLINT(google-build-using-namespace): it is all of these
    const std::string policy = ReasonOf<GetPolicyResponse>(GetPolicyRequest());
    GetProgrammeRequest programme;
    programme.set_code("5830");
    EXPECT_EQ(ReasonOf<GetProgrammeResponse>(programme), policy);
    GetSequenceRequest sequence;
    sequence.set_sequence_id(kFreins);
    EXPECT_EQ(ReasonOf<GetSequenceResponse>(sequence), policy);
    EXPECT_EQ(ReasonOf<ListProgrammesResponse>(ListProgrammesRequest()), policy);
    EXPECT_EQ(ReasonOf<ListSequencesResponse>(ListSequencesRequest()), policy);
    return policy;
  }
};

TEST_F(ScopeTest, WithoutAGrantThatHoldsATeacherIsToldNothing) {
  AccessScope school;
  school.set_whole_school(true);
  Grant(school, 20261122);  // until yesterday
  Grant(school, 0, type::v1::ROLE_WORK_STUDY_COORDINATOR);
  EXPECT_EQ(Student(kAda), "NOT_FOUND");
  EXPECT_EQ(Readiness(kAda1), "NOT_FOUND");
  EXPECT_EQ(Stays(), "NOT_FOUND");
  EXPECT_EQ(MakeUps(), "NOT_FOUND");
  EXPECT_EQ(Catalogue(), "NOT_FOUND");
}

TEST_F(ScopeTest, OnTheLastDayAGrantHolds) {
  AccessScope school;
  school.set_whole_school(true);
  Grant(school, 20261123);
  EXPECT_EQ(Student(kAda), "");
  EXPECT_EQ(Stays(), "A B");
  EXPECT_EQ(Catalogue(), "");
}

TEST_F(ScopeTest, ByStudent) {
  Grant(Students(kAda));
  EXPECT_EQ(Student(kAda), "");
  EXPECT_EQ(Student(kBen), "NOT_FOUND");
  EXPECT_EQ(Readiness(kAda1), "");
  EXPECT_EQ(Readiness(kBen1), "NOT_FOUND");
  EXPECT_EQ(Stays(), "A");
  EXPECT_EQ(MakeUps(), "A/a1 A/a2 A/a5");
  EXPECT_EQ(Catalogue(), "");
  Grant(Students(kBen));
  EXPECT_EQ(Stays(), "A B") << "grants add up";
}

TEST_F(ScopeTest, ByProgramme) {
  Grant(Programmes("5745"));
  EXPECT_EQ(Student(kAda), "NOT_FOUND");
  EXPECT_EQ(Stays(), "");
  EXPECT_EQ(MakeUps(), "");
  Grant(Programmes("5830"));
  EXPECT_EQ(Student(kAda), "");
  EXPECT_EQ(Stays(), "A B");
}

TEST_F(ScopeTest, ByModule) {
  Grant(Modules(kPractice));  // of the programme, and of no stay
  EXPECT_EQ(Student(kAda), "");
  EXPECT_EQ(Readiness(kAda1), "NOT_FOUND");
  EXPECT_EQ(Stays(), "");
  EXPECT_EQ(MakeUps(), "");
  Grant(Modules(kWheels));
  EXPECT_EQ(Readiness(kAda1), "");
  EXPECT_EQ(Stays(), "A B");
  EXPECT_EQ(MakeUps(), "A/a2 A/a5 B/a2 B/a5");
}

TEST_F(ScopeTest, WhatAGrantNamesHoldsTogether) {
  AccessScope scope = Students(kAda);
  scope.add_module_codes(kBraking);
  Grant(scope);
  EXPECT_EQ(Stays(), "A");
  EXPECT_EQ(MakeUps(), "A/a1 A/a5");
  EXPECT_EQ(Student(kBen), "NOT_FOUND");
}

TEST_F(ScopeTest, ACompanysPeopleNeedAGrantOfThatRoleAndCompanyThatHolds) {
  event::v1::TutorAssigned tutor;
  tutor.set_tutor_id(kNadia);
  tutor.set_from_on(20260901);
  school_.Happened(tutor, type::v1::AGGREGATE_KIND_STAY, kAda1, 20260901);
  for (const auto role : {type::v1::ROLE_COMPANY_SIGNATORY, type::v1::ROLE_WORKPLACE_TUTOR}) {
    ActAs(role, kNadia, kGarage);
    EXPECT_EQ(Stays(), "NOT_FOUND");
    school_.GrantCompany(kNadia, role, Bytes(8, 'H'));
    EXPECT_EQ(Stays(), "NOT_FOUND");
    school_.GrantCompany(kNadia, role, kGarage, 20261122);  // until yesterday
    EXPECT_EQ(Stays(), "NOT_FOUND");
    ActAs(role, kNadia, Bytes(8, 'H'));
    EXPECT_EQ(Stays(), "") << "another company's stays, though she was tutor of one";
    ActAs(role, kNadia, kGarage);
    school_.GrantCompany(kNadia, role, kGarage, 20261123);
    EXPECT_EQ(Stays(), role == type::v1::ROLE_WORKPLACE_TUTOR ? "A" : "A B");
    EXPECT_EQ(Readiness(kAda1), "");
  }
}

TEST_F(ScopeTest, AGuardianSeesTheStudentsWhomTheGrantNames) {
  using namespace progress::v1;  // NOLINT(google-build-using-namespace): it is both of these
  const auto told = [&](const Bytes& student) {
    const std::string progress =
        OfStudent<GetStudentProgressRequest, GetStudentProgressResponse>(student);
    EXPECT_EQ((OfStudent<GetSummativeEligibilityRequest, GetSummativeEligibilityResponse>(student)),
              progress);
    return progress;
  };
  const Bytes own = kNadia;
  ActAs(type::v1::ROLE_GUARDIAN, kNadia);
  EXPECT_EQ(told(kAda), "NOT_FOUND");
  Grant(Students(kAda), 20261122, type::v1::ROLE_GUARDIAN);  // until yesterday
  Grant(Students(kAda));                                     // as a teacher
  EXPECT_EQ(told(kAda), "NOT_FOUND");
  AccessScope scope = Students(kAda);
  scope.set_whole_school(true);  // says nothing of a guardian
  Grant(scope, 20261123, type::v1::ROLE_GUARDIAN);
  EXPECT_EQ(told(kAda), "");
  EXPECT_EQ(told(kBen), "NOT_FOUND");
  EXPECT_EQ(told(kNadia), "NOT_FOUND");
}

TEST_F(ScopeTest, WhoSupervisesAStaySeesItAndItsStudent) {
  Grant(Students(kBen));
  event::v1::SchoolSupervisorAssigned supervisor;
  supervisor.set_supervisor_id(kNadia);
  supervisor.set_from_on(20261001);
  school_.Happened(supervisor, type::v1::AGGREGATE_KIND_STAY, kAda1, 20260920);
  EXPECT_EQ(Student(kAda), "");
  EXPECT_EQ(Readiness(kAda1), "");
  EXPECT_EQ(Stays(), "A B");
  EXPECT_EQ(MakeUps(), "A/a1 A/a2 A/a5 B/a1 B/a2 B/a5");
  supervisor.set_supervisor_id(kMaude);
  supervisor.set_from_on(20261101);
  school_.Happened(supervisor, type::v1::AGGREGATE_KIND_STAY, kAda1, 20261101);
  EXPECT_EQ(Student(kAda), "NOT_FOUND");
  EXPECT_EQ(Stays(), "B");
}

}  // namespace
}  // namespace jalon::api
