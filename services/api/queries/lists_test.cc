// ListStays and ListMakeUps.
#include "jalon/duty/v1/duty_service.pb.h"
#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using duty::v1::ListMakeUpsRequest;
using duty::v1::ListMakeUpsResponse;
using placement::v1::ListStaysRequest;
using placement::v1::ListStaysResponse;

const Bytes kHall(8, 'H');  // another company
const Bytes kAda1 = StayOf(kAda, '1');
const Bytes kAda2 = StayOf(kAda, '2');
const Bytes kBen1 = StayOf(kBen, '1');

class ListStaysTest : public QueryTest {
 protected:
  ListStaysTest() {
    school_.Found();
    school_.Enrol(kAda);
    school_.Enrol(kBen);
    school_.Schedule(kAda1, 20260914);
    school_.Schedule(kAda2, 20260907, kHall);
    school_.Schedule(kBen1, 20260910);
    school_.Prepare(kAda1);
  }

  // "Ada1 Ben1", or why there is no answer.
  std::string Stays() {
    const auto answer = Ask<ListStaysResponse>(request_);
    if (!answer) return answer.error().reason;
    std::string names;
    for (const auto& stay : answer->stays()) {
      const std::string& id = stay.stay_id();
      names +=
          (names.empty() ? "" : " ") + ((id[0] == 'A' ? "Ada" : "Ben") + std::string(1, id[8]));
    }
    next_ = answer->page().next_page_token();
    return names;
  }

  ListStaysRequest request_;
  std::string next_;
};

TEST_F(ListStaysTest, ByFirstDayPageByPage) {
  EXPECT_EQ(Stays(), "Ada2 Ben1 Ada1");
  request_.mutable_page()->set_page_size(2);
  EXPECT_EQ(Stays(), "Ada2 Ben1");
  request_.mutable_page()->set_page_token(next_);
  EXPECT_EQ(Stays(), "Ada1");
  EXPECT_EQ(next_, "");
}

TEST_F(ListStaysTest, EachFilterMustHold) {
  school_.Start(kBen1, 20260910);
  request_.add_states(type::v1::STAY_STATE_PLANNED);
  EXPECT_EQ(Stays(), "Ada2 Ada1");
  request_.set_company_id(kGarage);
  EXPECT_EQ(Stays(), "Ada1");
  request_.Clear();
  request_.set_student_id(kAda);
  EXPECT_EQ(Stays(), "Ada2 Ada1");
  request_.set_until_on(20260909);
  EXPECT_EQ(Stays(), "Ada2");
  request_.Clear();
  request_.set_from_on(20261031);
  EXPECT_EQ(Stays(), "");
  request_.Clear();
  request_.set_cohort_id(kCohort);
  request_.set_sequence_id(kFreins);
  EXPECT_EQ(Stays(), "Ada2 Ben1 Ada1");
  request_.set_cohort_id(Bytes(8, 'x'));
  EXPECT_EQ(Stays(), "");
}

TEST_F(ListStaysTest, CompaniesSeeTheirsAndTutorsTheirOwn) {
  school_.GrantCompany(kLuc, type::v1::ROLE_COMPANY_SIGNATORY);
  school_.GrantCompany(kLuc, type::v1::ROLE_WORKPLACE_TUTOR);
  school_.GrantCompany(kLuc, type::v1::ROLE_WORKPLACE_TUTOR, kHall);
  ActAs(type::v1::ROLE_COMPANY_SIGNATORY, kLuc, kGarage);
  EXPECT_EQ(Stays(), "Ben1 Ada1");
  request_.set_company_id(kHall);
  EXPECT_EQ(Stays(), "");
  request_.Clear();
  ActAs(type::v1::ROLE_WORKPLACE_TUTOR, kLuc, kGarage);
  EXPECT_EQ(Stays(), "Ada1");
  ActAs(type::v1::ROLE_WORKPLACE_TUTOR, kLuc, kHall);
  EXPECT_EQ(Stays(), "");
  ActAs(type::v1::ROLE_WORKPLACE_TUTOR, kLuc);
  EXPECT_EQ(Stays(), "NOT_FOUND") << "a tutor of no company";
}

TEST_F(ListStaysTest, ShowsTheStayInShort) {
  event::v1::TutorReplaced replaced;
  replaced.set_tutor_id(kBen);
  replaced.set_from_on(20260921);
  school_.Happened(replaced, type::v1::AGGREGATE_KIND_STAY, kAda1, 20260921);
  today_ = 20260920;
  request_.set_company_id(kGarage);
  const auto answer = Ask<ListStaysResponse>(request_);
  ASSERT_TRUE(answer && answer->stays_size() == 2);
  const auto& stay = answer->stays(1);
  EXPECT_EQ(stay.student_id(), kAda);
  EXPECT_EQ(stay.sequence_code(), "FREINS");
  EXPECT_EQ(stay.company_name(), "Garage-Tremblay");
  EXPECT_EQ(stay.cohort_id(), kCohort);
  EXPECT_EQ(stay.tutor_id(), kLuc);
  EXPECT_EQ(stay.supervisor_id(), kMaude);
  EXPECT_EQ(stay.planned_minutes(), 1800u);
  EXPECT_EQ(stay.activity_count(), 3u);
  today_ = 20260921;
  EXPECT_EQ(Ask<ListStaysResponse>(request_)->stays(1).tutor_id(), kBen);
}

class ListMakeUpsTest : public QueryTest {
 protected:
  ListMakeUpsTest() {
    school_.Found();
    for (const Bytes& stay : {kAda1, kBen1}) {
      school_.Enrol(stay.substr(0, 8));
      school_.Schedule(stay);
      school_.Start(stay);
    }
    school_.End(kAda1, {"a1", "a2", "a5"});
    school_.End(kBen1, {"a1"}, 20261015);
  }
  void Plan(const Bytes& make_up, uint32_t due_on) {
    event::v1::MakeUpPlanned planned;
    planned.set_owner_id(kMaude);
    planned.set_due_on(due_on);
    school_.Happened(planned, type::v1::AGGREGATE_KIND_MAKE_UP, make_up, 20261101);
  }
  void Complete(const Bytes& make_up) {
    school_.Happened(event::v1::MakeUpCompleted(), type::v1::AGGREGATE_KIND_MAKE_UP, make_up,
                     20261110);
  }
  // "Aa1 Ba1": the student's letter and the activity.
  std::string MakeUps() {
    const auto answer = Ask<ListMakeUpsResponse>(request_);
    if (!answer) return answer.error().reason;
    std::string names;
    for (const auto& make_up : answer->make_ups()) {
      names += (names.empty() ? "" : " ") + make_up.student_id().substr(0, 1) + make_up.activity();
    }
    return names;
  }

  ListMakeUpsRequest request_;
};

TEST_F(ListMakeUpsTest, NotPlannedFirstThenByDueDate) {
  Plan(kAda1 + "a1", 20261201);
  Plan(kBen1 + "a1", 20261120);
  Complete(kAda1 + "a5");
  EXPECT_EQ(MakeUps(), "Aa2 Ba1 Aa1");
  request_.add_states(type::v1::MAKE_UP_STATE_COMPLETED);
  EXPECT_EQ(MakeUps(), "Aa5");
  request_.add_states(type::v1::MAKE_UP_STATE_PLANNED);
  EXPECT_EQ(MakeUps(), "Ba1 Aa1 Aa5");
}

TEST_F(ListMakeUpsTest, EachFilterMustHold) {
  Plan(kAda1 + "a1", 20261201);
  Plan(kBen1 + "a1", 20261120);
  request_.set_owner_id(kMaude);
  EXPECT_EQ(MakeUps(), "Ba1 Aa1");
  request_.set_student_id(kAda);
  EXPECT_EQ(MakeUps(), "Aa1");
  request_.Clear();
  request_.set_module(kWheels);
  EXPECT_EQ(MakeUps(), "Aa2 Aa5");
  request_.Clear();
  request_.set_due_until_on(20261120);
  EXPECT_EQ(MakeUps(), "Ba1");
}

TEST_F(ListMakeUpsTest, AgeAndOverdueAreOfToday) {
  Plan(kBen1 + "a1", 20261120);
  Complete(kAda1 + "a5");
  const auto make_up = [&](int index) {
    return Ask<ListMakeUpsResponse>(request_)->make_ups(index);
  };
  today_ = 20261120;
  EXPECT_EQ(make_up(2).required_on(), 20261015u);
  EXPECT_EQ(make_up(2).age_days(), 36u);
  EXPECT_FALSE(make_up(2).overdue());
  today_ = 20261121;
  EXPECT_TRUE(make_up(2).overdue());
  EXPECT_EQ(make_up(2).latest().type(), "MakeUpPlanned");
  EXPECT_EQ(make_up(0).latest().type(), "MakeUpRequired");
  request_.add_states(type::v1::MAKE_UP_STATE_COMPLETED);
  EXPECT_EQ(make_up(0).age_days(), 11u);  // until it was done
  EXPECT_EQ(make_up(0).closed_on(), 20261110u);
}

}  // namespace
}  // namespace jalon::api
