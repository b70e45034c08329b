#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/person/v1/person.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using progress::v1::GetAttitudeTimelineRequest;
using progress::v1::GetAttitudeTimelineResponse;

const Bytes kStay = StayOf(kAda, '1');

class AttitudeTimelineTest : public QueryTest {
 protected:
  AttitudeTimelineTest() {
    school_.Found();
    school_.Enrol(kAda);
    school_.Schedule(kStay);
    request_.set_student_id(kAda);
  }

  std::string Sealed(const std::string& text) {
    person::v1::Words words;
    words.set_text(text);
    return vault_.Sealed(kTestSchool, kAda, words.SerializeAsString());
  }
  void Observe(uint32_t number, const std::string& text, uint32_t on) {
    event::v1::AttitudeObserved observed;
    observed.set_observation_number(number);
    observed.mutable_words()->ParseFromString(Sealed(text));
    school_.Happened(observed, type::v1::AGGREGATE_KIND_STAY, kStay, on);
  }
  void FollowUp(uint32_t number, const std::string& text, uint32_t on) {
    event::v1::FollowUpRecorded followed;
    followed.add_observation_numbers(number);
    followed.mutable_words()->ParseFromString(Sealed(text));
    school_.Happened(followed, type::v1::AGGREGATE_KIND_STAY, kStay, on);
  }
  // The words of a page, in order.
  std::string Words() {
    const auto answer = Ask<GetAttitudeTimelineResponse>(request_);
    if (!answer) return answer.error().reason;
    std::string words;
    for (const auto& entry : answer->entries()) {
      words += (words.empty() ? "" : ", ") + entry.words();
      if (entry.has_follow_up()) words += " > " + entry.follow_up().words();
    }
    next_ = answer->page().next_page_token();
    return words;
  }

  GetAttitudeTimelineRequest request_;
  std::string next_;
};

TEST_F(AttitudeTimelineTest, TheLatestFirstWithItsFollowUp) {
  Observe(1, "late", 20260910);
  Observe(2, "helps others", 20260914);
  Observe(3, "keeps order", 20260911);
  FollowUp(1, "agreed on the bus", 20260920);
  EXPECT_EQ(Words(), "helps others, keeps order, late > agreed on the bus");
  request_.set_open_only(true);
  EXPECT_EQ(Words(), "helps others, keeps order");
}

TEST_F(AttitudeTimelineTest, PagesGoOn) {
  for (uint32_t i = 1; i <= 5; ++i) Observe(i, std::to_string(i), 20260910 + i % 2);
  request_.mutable_page()->set_page_size(2);
  EXPECT_EQ(Words(), "5, 3");
  request_.mutable_page()->set_page_token(next_);
  EXPECT_EQ(Words(), "1, 4");
  request_.mutable_page()->set_page_token(next_);
  EXPECT_EQ(Words(), "2");
  EXPECT_EQ(next_, "");
}

TEST_F(AttitudeTimelineTest, WordsAreGoneWithTheKey) {
  Observe(1, "late", 20260910);
  FollowUp(1, "agreed on the bus", 20260920);
  ASSERT_TRUE(vault_.DestroyPersonKey(kTestSchool, kAda));
  const auto answer = Ask<GetAttitudeTimelineResponse>(request_);
  ASSERT_TRUE(answer && answer->entries_size() == 1);
  EXPECT_EQ(answer->entries(0).words(), "");
  EXPECT_EQ(answer->entries(0).observed().type(), "AttitudeObserved");
  EXPECT_EQ(answer->entries(0).observer().person_id(), kMaude);
  EXPECT_EQ(answer->entries(0).follow_up().recorded().type(), "FollowUpRecorded");
}

TEST_F(AttitudeTimelineTest, OfOnesOwnOnly) {
  ActAs(type::v1::ROLE_STUDENT, kBen);
  EXPECT_EQ(Words(), "NOT_FOUND");
  ActAs(type::v1::ROLE_STUDENT, kAda);
  EXPECT_EQ(Words(), "");
}

}  // namespace
}  // namespace jalon::api
