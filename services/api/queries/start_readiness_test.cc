#include "jalon/event/v1/company_events.pb.h"
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using placement::v1::GetStartReadinessRequest;
using placement::v1::GetStartReadinessResponse;

const Bytes kStay = StayOf(kAda, '1');

class StartReadinessTest : public QueryTest {
 protected:
  StartReadinessTest() {
    school_.Found();
    school_.Enrol(kAda);
    school_.Schedule(kStay);
    request_.set_stay_id(kStay);
    today_ = 20260907;
  }

  // What lacks, then what is warned of; or why there is no answer.
  std::string Readiness() {
    const auto answer = Ask<GetStartReadinessResponse>(request_);
    if (!answer) return answer.error().reason;
    const auto& stay = answer->stays(0);
    EXPECT_EQ(stay.ready(), stay.refusals().empty());
    return Names(stay.refusals()) + " | " + Names(stay.warnings());
  }

  GetStartReadinessRequest request_;
};

TEST_F(StartReadinessTest, SaysAllThatLacksAtOnce) {
  EXPECT_EQ(Readiness(),
            "PLAN_NOT_ACCEPTED/NOT_ANSWERED RESOURCES_NOT_ATTESTED/NOT_ATTESTED "
            "SUPERVISION_NOT_ARRANGED | PREPARATION_MISSING/NOT_PREPARED");
  school_.Prepare(kStay);
  EXPECT_EQ(Readiness(), " | ");
}

TEST_F(StartReadinessTest, WhatIsDatedLaterIsNotThereYet) {
  school_.Prepare(kStay);
  request_.set_on(20260821);
  EXPECT_EQ(Readiness(),
            "RESOURCES_NOT_ATTESTED/AFTER_THE_START SUPERVISION_NOT_ARRANGED | "
            "PREPARATION_MISSING/AFTER_THE_START");
  request_.set_on(20270825);
  EXPECT_EQ(Readiness(), "RESOURCES_NOT_ATTESTED/EXPIRED | ");
}

TEST_F(StartReadinessTest, TheAnswerToAnEarlierPlanAndARefusalByPolicyCount) {
  event::v1::TrainingPlanDeclined declined;
  declined.set_plan_version(1);
  school_.Happened(declined, type::v1::AGGREGATE_KIND_STAY, kStay, 20260815);
  school::v1::PolicySetting gate;
  gate.set_key("preparation_gate");
  gate.set_choice("REFUSE");
  school_.SetPolicy(gate, 20260908);
  EXPECT_TRUE(Readiness().starts_with("PLAN_NOT_ACCEPTED/DECLINED"));
  EXPECT_TRUE(Readiness().ends_with("| PREPARATION_MISSING/NOT_PREPARED"));
  request_.set_on(20260908);  // decided on that day at the earliest, by the policy of that day
  EXPECT_TRUE(Readiness().ends_with("PREPARATION_MISSING/NOT_PREPARED | "));
}

TEST_F(StartReadinessTest, AGapOfThePlanNeedsAMitigation) {
  school_.Prepare(kStay);
  event::v1::ResourceGapReported reported;
  reported.set_gap_number(1);
  reported.set_sequence_id(kFreins);
  reported.mutable_gap()->add_activities("a2");
  reported.mutable_gap()->add_activities("a9");  // of no plan
  school_.Happened(reported, type::v1::AGGREGATE_KIND_HOST_COMPANY, kGarage, 20260825);
  EXPECT_EQ(Readiness(), "RESOURCE_GAP_UNMITIGATED/GAP_1 | ");
  EXPECT_EQ(Ask<GetStartReadinessResponse>(request_)->stays(0).refusals(0).subjects(0), "a2");
  event::v1::ResourceGapMitigated mitigated;
  mitigated.set_gap_number(1);
  mitigated.mutable_mitigation()->set_kind(company::v1::MITIGATION_KIND_LOAN);
  school_.Happened(mitigated, type::v1::AGGREGATE_KIND_HOST_COMPANY, kGarage, 20260826);
  EXPECT_EQ(Readiness(), " | RESOURCE_GAP_OPEN/GAP_1");
}

TEST_F(StartReadinessTest, AStayThatStartedIsNotPlanned) {
  school_.Prepare(kStay);
  school_.Start(kStay);
  EXPECT_EQ(Readiness(), "STAY_NOT_PLANNED | ");
}

// R10: on a planned day the seat is booked; before and after, it is counted among those of others.
TEST_F(StartReadinessTest, AStartOnAnotherDayFindsASeat) {
  school_.Prepare(kStay);  // planned from 2026-09-07 until 2026-10-30
  event::v1::HostingCapacityDeclared declared;
  declared.set_from_on(20260801);
  declared.set_until_on(20261231);
  declared.set_seats(1);
  declared.set_interested(true);
  school_.Happened(declared, type::v1::AGGREGATE_KIND_HOST_COMPANY, kGarage, 20260801);
  request_.set_on(20260901);
  EXPECT_EQ(Readiness(), " | ");
  school_.Enrol(kBen);
  school_.Schedule(StayOf(kBen, '1'), 20261102);  // after hers, and started before it
  school_.Start(StayOf(kBen, '1'), 20260902);
  EXPECT_EQ(Readiness(), "HOSTING_CAPACITY_EXCEEDED/FULL_ON_2026-09-02 | ");
  request_.set_on(20260907);
  EXPECT_EQ(Readiness(), " | ");
  school_.End(StayOf(kBen, '1'), {}, 20260903);
  request_.set_on(20260904);
  EXPECT_EQ(Readiness(), " | ");
  request_.set_on(20260903);
  EXPECT_EQ(Readiness(), "HOSTING_CAPACITY_EXCEEDED/FULL_ON_2026-09-03 | ");
}

TEST_F(StartReadinessTest, ASignatorySeesTheCompanysStaysOnly) {
  school_.GrantCompany(kLuc, type::v1::ROLE_COMPANY_SIGNATORY);
  school_.GrantCompany(kLuc, type::v1::ROLE_COMPANY_SIGNATORY, Bytes(8, 'H'));
  ActAs(type::v1::ROLE_COMPANY_SIGNATORY, kLuc, kGarage);
  EXPECT_TRUE(Ask<GetStartReadinessResponse>(request_));
  ActAs(type::v1::ROLE_COMPANY_SIGNATORY, kLuc, Bytes(8, 'H'));
  const auto other = Ask<GetStartReadinessResponse>(request_);
  request_.set_stay_id(Bytes(16, 'x'));
  const auto unknown = Ask<GetStartReadinessResponse>(request_);
  ASSERT_FALSE(other || unknown);
  EXPECT_EQ(other.error(), unknown.error());
}

TEST_F(StartReadinessTest, OfACohortGivesTheStaysThatHaveNotStarted) {
  school_.Enrol(kBen);
  school_.Schedule(StayOf(kBen, '1'));
  school_.Schedule(StayOf(kBen, '2'));
  school_.Start(StayOf(kBen, '2'));
  request_.clear_stay_id();
  EXPECT_EQ(Readiness(), "FIELD_REQUIRED");
  request_.set_cohort_id(kCohort);
  request_.mutable_page()->set_page_size(1);
  auto answer = Ask<GetStartReadinessResponse>(request_);
  ASSERT_TRUE(answer && answer->stays_size() == 1);
  EXPECT_EQ(answer->stays(0).stay().stay_id(), kStay);
  request_.mutable_page()->set_page_token(answer->page().next_page_token());
  answer = Ask<GetStartReadinessResponse>(request_);
  ASSERT_TRUE(answer && answer->stays_size() == 1);
  EXPECT_EQ(answer->stays(0).stay().stay_id(), StayOf(kBen, '1'));
  EXPECT_EQ(answer->page().next_page_token(), "");
  request_.clear_page();
  school_.GrantCompany(kLuc, type::v1::ROLE_COMPANY_SIGNATORY, Bytes(8, 'H'));
  ActAs(type::v1::ROLE_COMPANY_SIGNATORY, kLuc, Bytes(8, 'H'));
  EXPECT_EQ(Ask<GetStartReadinessResponse>(request_)->stays_size(), 0);
}

}  // namespace
}  // namespace jalon::api
