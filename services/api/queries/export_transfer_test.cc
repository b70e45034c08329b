// ExportTransfer: what is known of a student who moves, told to one school, and by nobody else.
#include <optional>

#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/event/v1/privacy_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "jalon/person/v1/person.pb.h"
#include "jalon/person/v1/person_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/api/queries/query_testing.h"
#include "services/domain/known_as.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

using person::v1::ExportTransferRequest;
using person::v1::ExportTransferResponse;
using person::v1::GetTransferKeyRequest;
using person::v1::GetTransferKeyResponse;
using person::v1::TransferDocument;

const Bytes kStay = StayOf(kAda, '1');
const Bytes kSouth = domain::SchoolIdOf("CFP-SUD");

class ExportTransferTest : public QueryTest {
 protected:
  ExportTransferTest() {
    school_.Found();
    school_.Enrol(kAda, vault_.Sealed(kTestSchool, kAda, "never told"));
    request_.set_student_id(kAda);
    request_.set_receiving_school(" cfp-sud");
    request_.set_receiving_key(transfers_.KeyOf(kSouth)->public_key);
  }

  // A stay of which a1 was done, a5 partly and a2 not: two make-ups.
  void LiveStay() {
    school_.Assign(kAda);
    school_.Schedule(kStay);
    school_.Prepare(kStay);
    school_.Start(kStay);
    school_.Outcome(kStay, "a1", type::v1::OUTCOME_KIND_COMPLETED);
    school_.Outcome(kStay, "a5", type::v1::OUTCOME_KIND_PARTLY);
    school_.End(kStay, {"a2", "a5"});
  }

  // What the other school opens.
  std::optional<TransferDocument> Told(ExportTransferResponse* answered = nullptr) {
    auto answer = Ask<ExportTransferResponse>(request_);
    if (!answer) {
      ADD_FAILURE() << answer.error().message;
      return std::nullopt;
    }
    person::v1::IssuedTransfer issued;
    issued.set_note(answer->note());
    issued.set_file(answer->file());
    std::optional<TransferDocument> told;
    transfers_.Open(kSouth, issued, [&](auto opened) {
      if (opened) told = opened->document();
    });
    if (answered != nullptr) *answered = *std::move(answer);
    return told;
  }

  ExportTransferRequest request_;
};

TEST_F(ExportTransferTest, TellsResultsAccomplishedActivitiesAndOpenMakeUps) {
  LiveStay();
  school_.Evaluate(kAda, kPractice, 1, type::v1::EVALUATION_RESULT_FAILURE, 20261101);
  school_.Evaluate(kAda, kPractice, 2, type::v1::EVALUATION_RESULT_SUCCESS, 20261105);
  school_.Evaluate(kAda, kWheels, 1, type::v1::EVALUATION_RESULT_ABSENT, 20261105);
  ExportTransferResponse answer;
  const auto told = Told(&answer);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->programme_code(), "5830");
  EXPECT_EQ(told->programme_version(), "2026");
  ASSERT_EQ(told->results_size(), 1);
  EXPECT_EQ(told->results(0).module(), kPractice);
  EXPECT_EQ(told->results(0).result(), type::v1::EVALUATION_RESULT_SUCCESS);
  EXPECT_EQ(told->results(0).attempts(), 2u);
  EXPECT_EQ(told->results(0).obtained_on(), 20261105u);
  ASSERT_EQ(told->stays_size(), 1);
  EXPECT_EQ(told->stays(0).ended_on(), 20261030u);
  EXPECT_EQ(told->stays(0).known_as(), ToHex(domain::KnownAs(kTestSchool, kStay)));
  ASSERT_EQ(told->stays(0).activities_size(), 3);
  const auto& a1 = told->stays(0).activities(0);
  EXPECT_EQ(a1.activity(), "a1");
  EXPECT_NE(a1.wording(), "");
  EXPECT_EQ(a1.outcome(), type::v1::OUTCOME_KIND_COMPLETED);
  EXPECT_FALSE(a1.make_up_owed());
  ASSERT_EQ(a1.shares_size(), 1);
  EXPECT_EQ(a1.shares(0).module(), kBraking);
  EXPECT_EQ(a1.shares(0).minutes(), 600u);
  EXPECT_EQ(told->stays(0).activities(1).outcome(), type::v1::OUTCOME_KIND_NOT_PERFORMED);
  EXPECT_TRUE(told->stays(0).activities(1).make_up_owed());
  EXPECT_EQ(answer.result_count(), 1u);
  EXPECT_EQ(answer.activity_count(), 2u);
  EXPECT_EQ(answer.make_up_count(), 2u);
  EXPECT_EQ(answer.expires_on(), 20261223u);
}

TEST_F(ExportTransferTest, NamesTheStudentNowhere) {
  LiveStay();
  const auto told = Told();
  ASSERT_TRUE(told);
  for (const Bytes& id : {kAda, kGarage, kFreins, kLuc}) {
    EXPECT_EQ(told->SerializeAsString().find(id), std::string::npos);
    EXPECT_EQ(told->SerializeAsString().find(ToHex(id)), std::string::npos);
  }
  EXPECT_EQ(told->SerializeAsString().find("never told"), std::string::npos);
}

TEST_F(ExportTransferTest, AMakeUpThatTheEndOfTheEnrolmentDischargedIsToldAsOwed) {
  LiveStay();
  event::v1::StudentWithdrawn withdrawn;
  withdrawn.set_end(type::v1::ENROLMENT_END_TRANSFERRED);
  school_.Happened(withdrawn, type::v1::AGGREGATE_KIND_ENROLMENT, kAda + "5830", 20261101);
  event::v1::MakeUpDischarged discharged;
  discharged.set_cause(type::v1::DISCHARGE_CAUSE_ENROLMENT_CLOSED);
  school_.Happened(discharged, type::v1::AGGREGATE_KIND_MAKE_UP, kStay + "a2", 20261101);
  discharged.set_cause(type::v1::DISCHARGE_CAUSE_ACHIEVED_OTHERWISE);
  school_.Happened(discharged, type::v1::AGGREGATE_KIND_MAKE_UP, kStay + "a5", 20261101);
  ExportTransferResponse answer;
  ASSERT_TRUE(Told(&answer));
  EXPECT_EQ(answer.make_up_count(), 1u);
}

TEST_F(ExportTransferTest, AStayThatIsNotEndedIsCountedAndNotTold) {
  LiveStay();
  school_.Schedule(StayOf(kAda, '2'), 20261130);
  ExportTransferResponse answer;
  const auto told = Told(&answer);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->stays_size(), 1);
  EXPECT_EQ(answer.open_stay_count(), 1u);
}

TEST_F(ExportTransferTest, WhatWasBroughtAlongGoesOn) {
  event::v1::PriorResultRecorded prior;
  prior.set_module(kWheels);
  prior.set_programme_code("5830");
  prior.set_origin(type::v1::PRIOR_RESULT_ORIGIN_TRANSFER);
  prior.set_result(type::v1::EVALUATION_RESULT_SUCCESS);
  prior.set_obtained_on(20260601);
  school_.Happened(prior, type::v1::AGGREGATE_KIND_MODULE_RECORD, kAda + kWheels, 20261001);
  event::v1::StayTransferred stay;
  stay.set_programme_code("5830");
  stay.set_issuing_school("CFP-EST");
  stay.set_started_on(20260302);
  stay.set_ended_on(20260430);
  stay.set_known_as(Bytes(16, 'E'));
  auto& activity = *stay.add_activities();
  activity.set_activity("b1");
  activity.set_planned_minutes(60);
  activity.add_shares()->set_module(kBraking);
  auto& outcome = *stay.add_outcomes();
  outcome.set_activity("b1");
  outcome.set_outcome(type::v1::OUTCOME_KIND_COMPLETED);
  outcome.set_wording("Purger un circuit");
  const uint64_t seq = school_.Happened(stay, type::v1::AGGREGATE_KIND_STAY, kStay, 20261001);
  const auto told = Told();
  ASSERT_TRUE(told);
  ASSERT_EQ(told->results_size(), 1);
  EXPECT_EQ(told->results(0).attempts(), 0u);
  ASSERT_EQ(told->stays_size(), 1);
  EXPECT_EQ(told->stays(0).activities(0).wording(), "Purger un circuit");
  EXPECT_EQ(told->stays(0).known_as(), ToHex(Bytes(16, 'E')));  // as the school in the east said

  // And progress says where each comes from.
  progress::v1::GetStudentProgressRequest request;
  request.set_student_id(kAda);
  const auto shown = Ask<progress::v1::GetStudentProgressResponse>(request);
  ASSERT_TRUE(shown);
  ASSERT_EQ(shown->progress().stays_size(), 1);
  EXPECT_EQ(shown->progress().stays(0).transferred().seq(), seq);
  EXPECT_EQ(shown->progress().stays(0).issuing_school(), "CFP-EST");
  EXPECT_EQ(shown->progress().stays(0).activities(0).wording(), "Purger un circuit");
  const auto& wheels = shown->progress().modules(1);
  EXPECT_EQ(wheels.prior().origin(), type::v1::PRIOR_RESULT_ORIGIN_TRANSFER);
  EXPECT_EQ(wheels.prior().recorded().type(), "PriorResultRecorded");
}

TEST_F(ExportTransferTest, ASuccessBroughtAlongStandsOverAFailureHere) {
  school_.Evaluate(kAda, kPractice, 1, type::v1::EVALUATION_RESULT_FAILURE, 20261101);
  event::v1::PriorResultRecorded prior;
  prior.set_module(kPractice);
  prior.set_programme_code("5830");
  prior.set_origin(type::v1::PRIOR_RESULT_ORIGIN_RECOGNITION);
  prior.set_result(type::v1::EVALUATION_RESULT_SUCCESS);
  prior.set_obtained_on(20261110);
  school_.Happened(prior, type::v1::AGGREGATE_KIND_MODULE_RECORD, kAda + kPractice, 20261110);
  const auto told = Told();
  ASSERT_TRUE(told);
  ASSERT_EQ(told->results_size(), 1);
  EXPECT_EQ(told->results(0).result(), type::v1::EVALUATION_RESULT_SUCCESS);
  EXPECT_EQ(told->results(0).obtained_on(), 20261110u);
}

TEST_F(ExportTransferTest, IsRefusedWhereItCannotBe) {
  EXPECT_EQ(ReasonOf<ExportTransferResponse>(request_), "NOTHING_TO_TRANSFER");
  LiveStay();
  const ExportTransferRequest right = request_;
  request_.set_receiving_key(std::string(32, '\0'));
  EXPECT_EQ(ReasonOf<ExportTransferResponse>(request_), "FIELD_INVALID");
  request_ = right;
  request_.set_receiving_school("no code");
  EXPECT_EQ(ReasonOf<ExportTransferResponse>(request_), "FIELD_INVALID");
  request_ = right;
  request_.set_expires_on(20261122);
  EXPECT_EQ(ReasonOf<ExportTransferResponse>(request_), "FIELD_INVALID");
  request_.set_expires_on(20271125);
  EXPECT_EQ(ReasonOf<ExportTransferResponse>(request_), "FIELD_INVALID");
  request_ = right;
  request_.set_student_id(Bytes(8, '?'));
  EXPECT_EQ(ReasonOf<ExportTransferResponse>(request_), "NOT_FOUND");
  request_ = right;
  school_.Happened(event::v1::PersonKeyDestroyed(), type::v1::AGGREGATE_KIND_PERSON, kAda,
                   20261123);
  EXPECT_EQ(ReasonOf<ExportTransferResponse>(request_), "PERSON_ERASED");
}

TEST_F(ExportTransferTest, WhatIsRecordedAgainstItselfIsNoFaultOfTheCaller) {
  school_.Assign(kAda);
  school_.Schedule(kStay);
  school_.Start(kStay);
  school_.Outcome(kStay, "a1", type::v1::OUTCOME_KIND_COMPLETED);
  school_.End(kStay, {}, 20260906);  // the day before it started
  const auto answer = Ask<ExportTransferResponse>(request_);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "INTERNAL");
  EXPECT_EQ(answer.error().code, Code::kInternal);
  EXPECT_NE(answer.error().message.find("ends before it starts"), std::string::npos);
  EXPECT_NE(answer.error().message.find(ToHex(kAda)), std::string::npos) << "an operator looks";
}

TEST_F(ExportTransferTest, TheSchoolsKeyIsMadeOnceAndStays) {
  const auto first = Ask<GetTransferKeyResponse>(GetTransferKeyRequest());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->receiving_key().size(), 32u);
  EXPECT_EQ(first->issuer_key().substr(0, 42), "44444444444444444444444444444444/transfer+");
  const auto again = Ask<GetTransferKeyResponse>(GetTransferKeyRequest());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->receiving_key(), first->receiving_key());
  vault_.reachable = false;
  EXPECT_EQ(ReasonOf<GetTransferKeyResponse>(GetTransferKeyRequest()), "VAULT_UNAVAILABLE");
}

}  // namespace
}  // namespace jalon::api
