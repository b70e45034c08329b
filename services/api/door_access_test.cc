// What the door tells the access log, and what it refuses under a grant that was revoked.
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/api/door_testing.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

class DoorAccessTest : public DoorTest {
 protected:
  DoorAccessTest() {
    school::v1::RegisterSchool command;
    command.set_code("CFP-NORD");
    command.set_name("CFP Nord");
    const client::Reply reply = Send(Region(), command);
    EXPECT_TRUE(reply.ok) << reply.error.message;
    school_ = domain::SchoolIdOf("CFP-NORD");
    coordinator_ = Of(type::v1::ROLE_WORK_STUDY_COORDINATOR, school_);
  }

  school::v1::GrantAccess Teacher() {
    school::v1::GrantAccess grant;
    grant.mutable_identity()->mutable_clear()->set_family_name("Lovelace");
    grant.mutable_identity()->mutable_clear()->set_given_name("Ada");
    grant.set_role(type::v1::ROLE_TEACHER);
    grant.mutable_scope()->set_whole_school(true);
    return grant;
  }
  // Well formed; there is no such programme.
  catalogue::v1::DesignSequence Design() {
    catalogue::v1::DesignSequence design;
    design.mutable_programme()->set_code("5830");
    design.mutable_programme()->set_language("en");
    design.mutable_programme()->set_version("2026");
    design.set_type(type::v1::SEQUENCE_TYPE_DEVELOPMENT);
    design.set_code("FREINS");
    design.set_title("Brakes");
    auto& target = *design.add_targets();
    target.set_module("850-568");
    target.set_mode(type::v1::DEVELOPMENT_MODE_PARTIAL);
    auto& objective = *design.add_objectives();
    objective.set_code("o1");
    objective.set_module("850-568");
    objective.set_wording("Brake");
    design.mutable_rationale()->set_needs("n");
    design.mutable_rationale()->set_interest("i");
    design.mutable_rationale()->set_capacity("c");
    return design;
  }
  company::v1::RegisterHostCompany Company() {
    company::v1::RegisterHostCompany company;
    company.set_name("Garage");
    company.set_site("1, rue A");
    return company;
  }

  Bytes school_;
  domain::Principal coordinator_;
};

TEST_F(DoorAccessTest, NothingIsAcceptedUnderAGrantThatWasRevoked) {
  const client::Reply granted = Send(coordinator_, Teacher());
  ASSERT_TRUE(granted.ok) << granted.error.message;
  domain::Principal teacher = Of(type::v1::ROLE_TEACHER, school_);
  teacher.person_id = granted.result.created(0).person_id();
  const catalogue::v1::DesignSequence design = Design();
  EXPECT_EQ(Send(teacher, design).error.reason, "VERSION_NOT_ADOPTED") << "by a rule";
  school::v1::RevokeAccess revoke;
  revoke.set_person_id(teacher.person_id);
  revoke.set_grant_id(granted.result.created(0).id());
  ASSERT_TRUE(Send(coordinator_, revoke).ok);
  EXPECT_EQ(Send(teacher, design).error.reason, "NOT_FOUND");
  EXPECT_EQ(Send(coordinator_, revoke).error.reason, "ALREADY_REVOKED");
}

TEST_F(DoorAccessTest, WhateverIsRefusedIsNoted) {
  EXPECT_TRUE(Send(coordinator_, Company()).ok);  // which is not
  const auto tutor = Of(type::v1::ROLE_WORKPLACE_TUTOR, school_);
  EXPECT_EQ(Send(tutor, Company()).error.reason, "ROLE_NOT_ALLOWED");
  type::v1::CommandHeader header = Header();
  header.set_school_id(Bytes(16, 'x'));
  EXPECT_EQ(Send(coordinator_, Company(), header).error.reason, "NOT_FOUND");
  company::v1::RegisterHostCompany empty;
  EXPECT_EQ(Send(coordinator_, empty).error.reason, "FIELD_REQUIRED");
  school::v1::RevokeAccess revoke;
  revoke.set_person_id("person01");
  revoke.set_grant_id("grant001");
  EXPECT_EQ(Send(coordinator_, revoke).error.reason, "NOT_FOUND") << "by a rule";
  EXPECT_EQ(Refusals(),
            "company.register ROLE_NOT_ALLOWED\n"
            "company.register NOT_FOUND\n"
            "company.register FIELD_REQUIRED\n"
            "access.revoke NOT_FOUND\n");
  bool found = false;
  ASSERT_TRUE(access_->EachBefore(UINT64_MAX, [&](const access::v1::AccessEntry& entry) {
    if (entry.action() != "access.revoke") return true;
    found = true;
    EXPECT_EQ(entry.person_id(), coordinator_.person_id);
    EXPECT_EQ(entry.role(), type::v1::ROLE_WORK_STUDY_COORDINATOR);
    EXPECT_EQ(entry.school_id(), school_);
    EXPECT_EQ(entry.resource_id(), "person01");
    return true;
  }));
  EXPECT_TRUE(found);
}

TEST_F(DoorAccessTest, WhatTheServerCannotJustNowIsNoRefusal) {
  sink_.full = true;
  EXPECT_EQ(Send(coordinator_, Company()).error.reason, "QUEUE_FULL");
  EXPECT_EQ(Refusals(), "");
}

TEST_F(DoorAccessTest, WhoShowsNoCredentialIsOnlyCounted) {
  EXPECT_EQ(client_->As("").Command(Company(), Header()).error.reason, "UNAUTHENTICATED");
  EXPECT_EQ(client_->As("nonsense").Command(Company(), Header()).error.reason, "UNAUTHENTICATED");
  EXPECT_EQ(Refusals(), "");
  uint64_t counted = 0;
  ASSERT_TRUE(access_->EachBefore(UINT64_MAX, [&](const access::v1::AccessEntry& entry) {
    counted += entry.count();
    return true;
  }));
  EXPECT_EQ(counted, 2u);
}

}  // namespace
}  // namespace jalon::api
