// ListGrants, and what is left of a grant that was revoked: nothing.
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using school::v1::ListGrantsRequest;
using school::v1::ListGrantsResponse;

const Bytes kNadia(8, 'N');
const Bytes kTheo(8, 'T');

class ListGrantsTest : public QueryTest {
 protected:
  ListGrantsTest() { school_.Found(); }

  void Grant(char id, const Bytes& person, type::v1::Role role, uint32_t expires_on = 0) {
    event::v1::AccessGranted granted;
    granted.set_person_id(person);
    granted.set_role(role);
    granted.mutable_scope()->set_whole_school(true);
    granted.set_expires_on(expires_on);
    school_.Happened(granted, type::v1::AGGREGATE_KIND_GRANT, Bytes(8, id), 20260801);
  }
  void Revoke(char id, const Bytes& person) {
    event::v1::AccessRevoked revoked;
    revoked.set_person_id(person);
    school_.Happened(revoked, type::v1::AGGREGATE_KIND_GRANT, Bytes(8, id), 20260901);
  }
  // "N/a active T/b revoked": person, grant, state; or why there is no answer.
  std::string Grants() {
    const auto answer = Ask<ListGrantsResponse>(request_);
    if (!answer) return answer.error().reason;
    next_ = answer->page().next_page_token();
    std::string text;
    for (const auto& grant : answer->grants()) {
      text += (text.empty() ? "" : " ") + grant.person_id().substr(0, 1) + "/" +
              grant.grant_id().substr(0, 1) + " ";
      text += grant.state() == school::v1::GRANT_STATE_ACTIVE    ? "active"
              : grant.state() == school::v1::GRANT_STATE_EXPIRED ? "expired"
                                                                 : "revoked";
      EXPECT_EQ(grant.has_revoked(), grant.state() == school::v1::GRANT_STATE_REVOKED);
    }
    return text;
  }

  ListGrantsRequest request_;
  std::string next_;
};

TEST_F(ListGrantsTest, TellsWhatHoldsAndWhatEnded) {
  Grant('a', kNadia, type::v1::ROLE_TEACHER);
  Grant('b', kNadia, type::v1::ROLE_TEACHER, 20261122);  // until yesterday
  Grant('c', kTheo, type::v1::ROLE_AUDITOR, 20261231);
  Revoke('a', kNadia);
  Revoke('c', kNadia);  // not hers
  EXPECT_EQ(Grants(), "N/a revoked N/b expired T/c active");
  request_.add_states(school::v1::GRANT_STATE_ACTIVE);
  EXPECT_EQ(Grants(), "T/c active");
  request_.clear_states();
  request_.set_person_id(kTheo);
  EXPECT_EQ(Grants(), "T/c active");
  request_.set_person_id(Bytes(8, 'x'));
  EXPECT_EQ(Grants(), "");
}

TEST_F(ListGrantsTest, PageByPageNoPersonIsParted) {
  Grant('a', kNadia, type::v1::ROLE_TEACHER);
  Grant('b', kNadia, type::v1::ROLE_TEACHER);
  Grant('c', kTheo, type::v1::ROLE_TEACHER);
  request_.mutable_page()->set_page_size(1);
  EXPECT_EQ(Grants(), "N/a active N/b active");
  request_.mutable_page()->set_page_token(next_);
  EXPECT_EQ(Grants(), "T/c active");
  EXPECT_EQ(next_, "");
}

TEST_F(ListGrantsTest, WhoseGrantsWereAllRevokedIsNobody) {
  for (const auto role :
       {type::v1::ROLE_TEACHER, type::v1::ROLE_WORK_STUDY_COORDINATOR, type::v1::ROLE_AUDITOR,
        type::v1::ROLE_GUARDIAN, type::v1::ROLE_STUDENT, type::v1::ROLE_ANALYST}) {
    const char id = static_cast<char>('a' + role);
    const Bytes person(8, id);
    const domain::Principal caller{.person_id = person,
                                   .role = role,
                                   .school_id = kTestSchool,
                                   .company_id = {},
                                   .modules = {}};
    Grant(id, person, role);
    const auto scope = [&] {
      const TestReader rows = school_.Read();
      const auto found = ScopeOf(caller, &rows, today_);
      return found ? "" : found.error().reason;
    };
    EXPECT_EQ(scope(), "") << role;
    Revoke(id, person);
    EXPECT_EQ(scope(), "NOT_FOUND") << role;
  }
}

}  // namespace
}  // namespace jalon::api
