// What queries say of whoever is erased: the same whether the key is still there or not, at the
// event and at any position after it. That each answer bears the mark: ../erased_marks_test.cc.
#include <functional>
#include <map>

#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/privacy_events.pb.h"
#include "jalon/feedback/v1/estimate.pb.h"
#include "jalon/person/v1/person.pb.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using privacy::v1::GetErasureRequest;
using privacy::v1::GetErasureResponse;
using progress::v1::GetAttitudeTimelineRequest;
using progress::v1::GetAttitudeTimelineResponse;
using progress::v1::GetHoursLedgerRequest;
using progress::v1::GetHoursLedgerResponse;
using progress::v1::GetStudentProgressRequest;
using progress::v1::GetStudentProgressResponse;
using progress::v1::GetSummativeEligibilityRequest;
using progress::v1::GetSummativeEligibilityResponse;

const Bytes kStay = StayOf(kAda, '1');
const std::string kGivenName = "Ada-Canary";
const std::string kWord = "with-help-canary";
const std::string kLate = "late-canary";

class ErasureQueriesTest : public QueryTest {
 protected:
  ErasureQueriesTest() {
    school_.Found();
    person::v1::Identity identity;
    identity.set_given_name(kGivenName);
    school_.Enrol(kAda, vault_.Sealed(kTestSchool, kAda, identity.SerializeAsString()));
    school_.Enrol(kBen);
    school_.Assign(kAda);
    school_.Schedule(kStay);
    event::v1::FormativeEstimateReported estimate;
    estimate.set_objective("o1");
    feedback::v1::EstimateWords words;
    words.set_word(kWord);
    estimate.mutable_words()->ParseFromString(
        vault_.Sealed(kTestSchool, kAda, words.SerializeAsString()));
    school_.Happened(estimate, type::v1::AGGREGATE_KIND_STAY, kStay, 20260910);
    event::v1::AttitudeObserved observed;
    observed.set_observation_number(1);
    person::v1::Words late;
    late.set_text(kLate);
    observed.mutable_words()->ParseFromString(
        vault_.Sealed(kTestSchool, kAda, late.SerializeAsString()));
    school_.Happened(observed, type::v1::AGGREGATE_KIND_STAY, kStay, 20260910);
  }

  void Happened(const google::protobuf::Message& event) {
    school_.Happened(event, type::v1::AGGREGATE_KIND_PERSON, kAda, 20340110);
  }
  void Erase() {
    event::v1::PersonKeyDestroyed destroyed;
    destroyed.set_kept_until_on(20331123);
    Happened(destroyed);
  }

  template <typename Response, typename Request>
  std::string BytesOf(const Request& request) {
    const auto answer = Ask<Response>(request);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    return answer ? answer->SerializeAsString() : "";
  }
  // Every query about the student, by name; all that can be opened is asked for.
  std::map<std::string, std::string> Answers() {
    const auto about = [](auto request) {
      request.set_student_id(kAda);
      return request;
    };
    auto open = about(GetStudentProgressRequest());
    open.set_open_sealed(true);
    placement::v1::ListStaysRequest stays;
    stays.set_student_id(kAda);
    return {
        {"progress", BytesOf<GetStudentProgressResponse>(open)},
        {"eligibility",
         BytesOf<GetSummativeEligibilityResponse>(about(GetSummativeEligibilityRequest()))},
        {"hours", BytesOf<GetHoursLedgerResponse>(about(GetHoursLedgerRequest()))},
        {"attitudes", BytesOf<GetAttitudeTimelineResponse>(about(GetAttitudeTimelineRequest()))},
        {"stays", BytesOf<placement::v1::ListStaysResponse>(stays)},
    };
  }
  static bool Tells(const std::map<std::string, std::string>& answers, const std::string& word) {
    return std::ranges::any_of(
        answers, [&](const auto& answer) { return answer.second.find(word) != std::string::npos; });
  }
  GetErasureResponse Erasure() {
    GetErasureRequest request;
    request.set_person_id(kAda);
    const auto answer = Ask<GetErasureResponse>(request);
    EXPECT_TRUE(answer);
    return answer ? *answer : GetErasureResponse();
  }
};

TEST_F(ErasureQueriesTest, AtAnyPositionAfterItTheKeyMakesNoDifference) {
  const auto before = Answers();
  for (const std::string& word : {kGivenName, kWord, kLate}) {
    EXPECT_TRUE(Tells(before, word)) << word << ": there was something to be told";
  }
  const std::function<void()> later[] = {
      [this] { Erase(); },
      [this] { school_.Assign(kBen); },
      [this] { school_.Schedule(StayOf(kBen, '2')); },
      [this] { school_.Outcome(StayOf(kBen, '2'), "a1", type::v1::OUTCOME_KIND_COMPLETED); },
      [this] { school_.Enrol(Bytes(8, 'C')); },
  };
  for (const auto& happens : later) {
    happens();
    vault_.Hide(kTestSchool, kAda, false);
    const auto with_key = Answers();
    for (const std::string& word : {kGivenName, kWord, kLate}) {
      EXPECT_FALSE(Tells(with_key, word)) << word << " after record " << school_.seq();
    }
    vault_.Hide(kTestSchool, kAda, true);
    EXPECT_EQ(Answers(), with_key) << "after record " << school_.seq();
  }
}

TEST_F(ErasureQueriesTest, WhatIsPseudonymousStays) {
  Erase();
  ASSERT_TRUE(vault_.DestroyPersonKey(kTestSchool, kAda));
  GetStudentProgressRequest progress;
  progress.set_student_id(kAda);
  progress.set_open_sealed(true);
  const auto shown = Ask<GetStudentProgressResponse>(progress);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->progress().erased().type(), "PersonKeyDestroyed");
  EXPECT_FALSE(shown->progress().has_identity());
  EXPECT_EQ(shown->progress().stays_size(), 1);
}

TEST_F(ErasureQueriesTest, GetErasureTellsTheHoldTheRequestAndTheKey) {
  GetErasureResponse answer = Erasure();
  EXPECT_FALSE(answer.has_hold() || answer.has_request() || answer.has_erased());
  EXPECT_EQ(answer.key(), privacy::v1::PERSON_KEY_STATE_KEPT);
  event::v1::LegalHoldPlaced placed;
  placed.set_basis(privacy::v1::LEGAL_HOLD_BASIS_INQUIRY);
  placed.set_document_ref("M-17");
  Happened(placed);
  answer = Erasure();
  EXPECT_EQ(answer.hold().basis(), privacy::v1::LEGAL_HOLD_BASIS_INQUIRY);
  EXPECT_EQ(answer.hold().document_ref(), "M-17");
  EXPECT_EQ(answer.hold().placed().type(), "LegalHoldPlaced");
  EXPECT_EQ(answer.hold().actor().person_id(), kMaude);
  Happened(event::v1::LegalHoldReleased());
  event::v1::ErasureRequested requested;
  requested.set_expires_on(20340209);
  Happened(requested);
  answer = Erasure();
  EXPECT_FALSE(answer.has_hold());
  EXPECT_EQ(answer.request().expires_on(), 20340209U);
  EXPECT_EQ(answer.request().requested().type(), "ErasureRequested");
  Erase();
  answer = Erasure();
  EXPECT_EQ(answer.erased().type(), "PersonKeyDestroyed");
  EXPECT_EQ(answer.kept_until_on(), 20331123U);
  EXPECT_EQ(answer.key(), privacy::v1::PERSON_KEY_STATE_KEPT) << "not destroyed yet";
  ASSERT_TRUE(vault_.DestroyPersonKey(kTestSchool, kAda));
  EXPECT_EQ(Erasure().key(), privacy::v1::PERSON_KEY_STATE_DESTROYED);
  vault_.reachable = false;
  EXPECT_EQ(Erasure().key(), privacy::v1::PERSON_KEY_STATE_UNSPECIFIED) << "nobody knows just now";
}

TEST_F(ErasureQueriesTest, WhatAnErasureWaitsForIsSaid) {
  using eventstore::KeyErasure;
  vault_.erasure = KeyErasure{.key = eventstore::KeyFound::State::kDestroyed,
                              .epoch_ended = false,
                              .backup = KeyErasure::Backup::kPending};
  EXPECT_EQ(Erasure().backup(), privacy::v1::KEY_BACKUP_STATE_UNSPECIFIED) << "nobody is erased";
  Erase();
  EXPECT_FALSE(Erasure().complete());
  EXPECT_EQ(Erasure().backup(), privacy::v1::KEY_BACKUP_STATE_PENDING);
  vault_.erasure->epoch_ended = true;
  vault_.erasure->backup = KeyErasure::Backup::kVerified;
  vault_.erasure->backed_up_at = Micros(7);
  vault_.erasure->unconfirmed = {"n2", "n3"};
  vault_.erasure->dropped_by = Micros(9);
  GetErasureResponse answer = Erasure();
  EXPECT_FALSE(answer.complete());
  EXPECT_EQ(answer.backup(), privacy::v1::KEY_BACKUP_STATE_VERIFIED);
  EXPECT_EQ(answer.backed_up_at(), 7);
  ASSERT_EQ(answer.unconfirmed_nodes_size(), 2);
  EXPECT_EQ(answer.unconfirmed_nodes(1), "n3");
  EXPECT_EQ(answer.dropped_by(), 9);
  vault_.erasure->unconfirmed.clear();
  EXPECT_FALSE(Erasure().complete()) << "who it was given to is not known any more";
  vault_.erasure->dropped_by = Micros();
  EXPECT_TRUE(Erasure().complete());
  vault_.erasure->backup = KeyErasure::Backup::kNotConfigured;
  answer = Erasure();
  EXPECT_TRUE(answer.complete());
  EXPECT_EQ(answer.backup(), privacy::v1::KEY_BACKUP_STATE_NONE_CONFIGURED);
  vault_.reachable = false;
  vault_.erasure.reset();
  EXPECT_FALSE(Erasure().complete()) << "nobody knows just now";
}

TEST_F(ErasureQueriesTest, OfNobodyItIsNotFound) {
  GetErasureRequest request;
  request.set_person_id(Bytes(8, 'x'));
  EXPECT_EQ(ReasonOf<GetErasureResponse>(request), "NOT_FOUND");
  school_.GrantCompany(kLuc, type::v1::ROLE_WORKPLACE_TUTOR);
  request.set_person_id(kLuc);
  const auto answer = Ask<GetErasureResponse>(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->key(), privacy::v1::PERSON_KEY_STATE_NONE);
}

}  // namespace
}  // namespace jalon::api
