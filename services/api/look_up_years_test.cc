// For how long the school's own code of a person finds that person: through the door. That the keys
// of years that are over are destroyed is the vault's to show (vault_contract.h).
#include <gtest/gtest.h>

#include "jalon/event/v1/school_events.pb.h"
#include "jalon/log/v1/log.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/api/door_testing.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

class LookUpYearsTest : public DoorTest {
 protected:
  LookUpYearsTest() {
    school::v1::RegisterSchool school;
    school.set_code("CFP-NORD");
    school.set_name("A school");
    const client::Reply reply = Send(Region(), school);
    EXPECT_TRUE(reply.ok) << reply.error.message;
  }
  // Grants something to whoever the school knows by that code; gives the pseudonym.
  Bytes Grant(const std::string& code) {
    school::v1::GrantAccess grant;
    grant.mutable_identity()->mutable_clear()->set_family_name("Lovelace");
    grant.mutable_identity()->mutable_clear()->set_given_name("Ada");
    grant.mutable_identity()->mutable_clear()->set_external_id(code);
    grant.set_role(type::v1::ROLE_TEACHER);
    grant.mutable_scope()->set_whole_school(true);
    const client::Reply reply =
        Send(Of(type::v1::ROLE_WORK_STUDY_COORDINATOR, domain::SchoolIdOf("CFP-NORD")), grant);
    EXPECT_TRUE(reply.ok) << reply.error.message;
    log::v1::Event event;
    event::v1::AccessGranted granted;
    EXPECT_TRUE(event.ParseFromString(sink_.record.events(0)));
    EXPECT_TRUE(granted.ParseFromString(event.payload()));
    return granted.person_id();
  }
  void ItIs(std::chrono::sys_days day) {
    clock_.Advance(day.time_since_epoch() + std::chrono::hours(14) - clock_.Wall());
  }
};

TEST_F(LookUpYearsTest, ACodeIsFoundAsLongAsItsYearIsKeptAndLinkedByNobodyAfterThat) {
  using std::chrono::July;
  using std::chrono::June;
  using std::chrono::year;
  const Bytes ada = Grant("code-1");
  const Bytes ben = Grant("code-2");
  const uint32_t last = 2026 + eventstore::kLookupYears;
  ItIs(year(static_cast<int>(last)) / June / 30);
  EXPECT_EQ(Grant("code-1"), ada) << "the last day of the last year";
  ItIs(year(static_cast<int>(last)) / July / 10);
  EXPECT_NE(Grant("code-2"), ben) << "nothing of that year is looked up any more";
  EXPECT_EQ(Grant("code-1"), ada) << "it was told again meanwhile";
}

}  // namespace
}  // namespace jalon::api
