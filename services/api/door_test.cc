#include "services/api/door.h"

#include <grpc/health/v1/health.grpc.pb.h>
#include <gtest/gtest.h>

#include <future>

#include "eventstore/base/limits.h"
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "jalon/evaluation/v1/evaluation_service.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"
#include "services/api/door_testing.h"
#include "services/api/registration.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

school::v1::RegisterSchool School(const std::string& code) {
  school::v1::RegisterSchool command;
  command.set_code(code);
  command.set_name("A school");
  return command;
}

school::v1::GrantAccess Grant(const std::string& family_name) {
  school::v1::GrantAccess command;
  person::v1::Identity& clear = *command.mutable_identity()->mutable_clear();
  clear.set_external_id("  emp-17 ");
  clear.set_family_name(family_name);
  clear.set_given_name("Maude");
  command.set_role(type::v1::ROLE_TEACHER);
  command.mutable_scope()->set_whole_school(true);
  return command;
}

// Reason and subjects of each refusal, on a line each.
std::string Told(const client::Reply& reply) {
  std::string told;
  for (const auto& refusal : reply.refusals.refusals()) {
    told += refusal::v1::RefusalReason_Name(refusal.reason()).substr(15);
    for (const std::string& subject : refusal.subjects()) told += " " + subject;
    told += "\n";
  }
  return told;
}

class RegisteredTest : public DoorTest {
 protected:
  RegisteredTest() {
    const client::Reply reply = Send(Region(), School("cfp-nord"));
    EXPECT_TRUE(reply.ok) << reply.error.message;
    school_ = domain::SchoolIdOf("CFP-NORD");
    coordinator_ = Of(type::v1::ROLE_WORK_STUDY_COORDINATOR, school_);
  }
  // How many persons have a key; they have none afterwards.
  size_t KeysMade() {
    return *vault_->Sweep(Micros::max(), [](std::string_view, std::string_view) { return false; });
  }

  Bytes school_;
  domain::Principal coordinator_;
};

// It is decided on what the neighbours did, too.
TEST_F(RegisteredTest, ARefusalIsNothingThatQueriesWaitFor) {
  ASSERT_TRUE(Send(Region(), School("cfp-sud")).ok);
  stay::v1::EndStay command;
  command.set_stay_id(Bytes(16, 's'));
  command.set_ended_on(20260901);
  command.set_kind(type::v1::STAY_END_KIND_AS_PLANNED);
  const uint64_t decided = sink_.decided;
  EXPECT_FALSE(Send(coordinator_, command).ok);
  EXPECT_EQ(sink_.decided, decided + 1);
  EXPECT_EQ(own_writes_.Of(school_)->seq, Seq{1});
}

TEST_F(RegisteredTest, AnAcceptedCommandSaysWhereItStands) {
  const client::Reply reply = Send(coordinator_, Grant("Lovelace"));
  ASSERT_TRUE(reply.ok) << reply.error.message;
  EXPECT_EQ(reply.result.position().seq(), 2U);
  EXPECT_EQ(reply.result.position().log_incarnation(), sink_.LogIncarnation());
  EXPECT_EQ(sink_.record.tenant(), school_);
  EXPECT_EQ(sink_.record.actor().person(), coordinator_.person_id);
  // Who asks from now on is told of it.
  EXPECT_EQ(own_writes_.Of(school_)->partition.value, reply.result.position().partition());
  EXPECT_EQ(own_writes_.Of(school_)->seq, Seq{2});
}

TEST_F(RegisteredTest, WhatIsPersonalIsSealedBeforeItIsDecided) {
  ASSERT_TRUE(Send(coordinator_, Grant("Lovelace")).ok);
  EXPECT_EQ(sink_.record.SerializeAsString().find("Lovelace"), std::string::npos);
  log::v1::Event event;
  event::v1::AccessGranted granted;
  ASSERT_TRUE(event.ParseFromString(sink_.record.events(0)));
  ASSERT_TRUE(granted.ParseFromString(event.payload()));
  const type::v1::Sealed& sealed = granted.identity();
  EXPECT_EQ(sealed.path(), "identity");
  EXPECT_EQ(sealed.subject(), granted.person_id());
  EXPECT_EQ(sealed.lookup_mac().size(), 32U);
  EXPECT_EQ(sealed.content_mac().size(), 32U);
  EXPECT_EQ(vault_->FindPersonKey(school_, sealed.subject())->key->id, sealed.key_id());
}

// Look-up keys are of a school year; whoever was made known in the last one is still known.
TEST_F(RegisteredTest, AnExternalIdOfLastYearIsRecognised) {
  const auto granted = [this] {
    log::v1::Event event;
    event::v1::AccessGranted granted;
    EXPECT_TRUE(event.ParseFromString(sink_.record.events(0)));
    EXPECT_TRUE(granted.ParseFromString(event.payload()));
    return granted;
  };
  ASSERT_TRUE(Send(coordinator_, Grant("Lovelace")).ok);
  const event::v1::AccessGranted first = granted();
  EXPECT_EQ(first.identity().other_years_size(), 0);
  EXPECT_FALSE(first.has_recognised_by());

  clock_.Advance(std::chrono::hours(24 * 365));
  ASSERT_TRUE(Send(coordinator_, Grant("Lovelace")).ok);
  const event::v1::AccessGranted second = granted();
  EXPECT_EQ(second.person_id(), first.person_id());
  EXPECT_FALSE(second.has_identity());
  EXPECT_EQ(second.recognised_by().lookup_mac().size(), 32U);
  EXPECT_NE(second.recognised_by().lookup_mac(), first.identity().lookup_mac());
  EXPECT_EQ(Told(Send(coordinator_, Grant("Byron"))).substr(0, 20), "EXTERNAL_ID_CONFLICT");

  ASSERT_TRUE(Send(coordinator_, Grant("Lovelace")).ok);
  EXPECT_EQ(granted().person_id(), first.person_id());
  EXPECT_FALSE(granted().has_recognised_by()) << "this year's MACs are there by now";
}

TEST_F(RegisteredTest, ARowOfManySealsItsOwnPerson) {
  roster::v1::EnrolStudents command;
  for (int i = 0; i < 3; ++i) {
    auto& row = *command.add_rows();
    auto& clear = *row.mutable_identity()->mutable_clear();
    clear.set_external_id("S" + std::to_string(i));
    clear.set_family_name("Lovelace");
    clear.set_given_name("Ada");
    clear.set_born_on(i == 0 ? 20100101 : 20000101);
    row.mutable_programme()->set_code("5830");
    row.mutable_programme()->set_language("en");
    row.mutable_programme()->set_version("2026");
  }
  const client::Reply reply = Send(coordinator_, command);
  EXPECT_EQ(Told(reply),
            "VERSION_NOT_ADOPTED rows[0] 5830/en/2026 rows[1] 5830/en/2026 "
            "rows[2] 5830/en/2026\n");
}

TEST_F(RegisteredTest, EverythingWrongWithARequestIsToldAtOnce) {
  school::v1::GrantAccess command = Grant("");
  command.set_person_id("short");
  command.set_expires_on(20260230);
  command.mutable_identity()->mutable_clear()->set_email(std::string(300, 'x'));
  type::v1::CommandHeader header = Header();
  header.set_school_id("short");
  const client::Reply reply = Send(coordinator_, command, header);
  EXPECT_EQ(reply.error.code, Code::kInvalidArgument);
  EXPECT_EQ(Told(reply),
            "FIELD_REQUIRED identity.family_name\n"
            "FIELD_INVALID header.school_id person_id expires_on\n"
            "TOO_LARGE identity.email\n");
}

TEST_F(RegisteredTest, AWordThatIsBlankIsNoWord) {
  for (const char* blank : {" ", "\n\t ", "\u00a0", "\u200b \u2003", "\ufeff", "\u202e"}) {
    school::v1::GrantAccess command = Grant(blank);
    EXPECT_EQ(Told(Send(coordinator_, command)), "FIELD_REQUIRED identity.family_name\n") << blank;
    command = Grant("Lovelace");
    command.mutable_identity()->mutable_clear()->set_email(blank);
    EXPECT_EQ(Told(Send(coordinator_, command)), "FIELD_INVALID identity.email\n") << blank;
  }
  for (const char* word : {"\u00c9", " x", "\u202e\u05d0", "e\u0301"}) {
    school::v1::GrantAccess command = Grant(word);
    command.mutable_identity()->mutable_clear()->clear_external_id();
    EXPECT_EQ(Told(Send(coordinator_, command)), "") << word;
  }
}

TEST_F(RegisteredTest, ATextHasNoControlsButTabsAndLineEnds) {
  using namespace std::string_literals;
  for (const std::string& name : {"Love\0lace"s, "\x1b[31mLovelace"s, "Love\x7f"s, "\x01"s + "L"}) {
    EXPECT_EQ(Told(Send(coordinator_, Grant(name))), "FIELD_INVALID identity.family_name\n");
  }
  school::v1::GrantAccess command = Grant("Love\tlace\r\n");
  EXPECT_EQ(Told(Send(coordinator_, command)), "");
}

TEST_F(RegisteredTest, NobodyIsBornTomorrow) {
  const domain::LocalDate today = domain::LocalDateOf(clock_.Wall());
  school::v1::GrantAccess command = Grant("Lovelace");
  command.mutable_identity()->mutable_clear()->set_born_on(domain::AddDays(today, 1));
  EXPECT_EQ(Told(Send(coordinator_, command)), "FIELD_INVALID identity.born_on\n");
  command.mutable_identity()->mutable_clear()->set_born_on(today);
  EXPECT_EQ(Told(Send(coordinator_, command)), "");
  roster::v1::EnrolStudents enrol;
  for (const domain::LocalDate born_on : {today, domain::AddDays(today, 1)}) {
    auto& clear = *enrol.add_rows()->mutable_identity()->mutable_clear();
    clear.set_external_id("S" + std::to_string(born_on));
    clear.set_family_name("Lovelace");
    clear.set_given_name("Ada");
    clear.set_born_on(born_on);
    auto& programme = *enrol.mutable_rows(enrol.rows_size() - 1)->mutable_programme();
    programme.set_code("5830");
    programme.set_language("en");
    programme.set_version("2026");
  }
  EXPECT_EQ(Told(Send(coordinator_, enrol)), "FIELD_INVALID rows[1].identity.born_on\n");
}

TEST_F(RegisteredTest, ASchoolsCodeIsOne) {
  for (const char* code : {"../x", "a/b", "..", ".x", "-x", "CFP NORD", "CFP\n1", "\u00c9cole"}) {
    EXPECT_EQ(Told(Send(Region(), School(code))), "FIELD_INVALID code\n") << code;
  }
  EXPECT_EQ(Told(Send(Region(), School(" cfp-nord.2_b "))), "");
}

TEST_F(RegisteredTest, RequestIdsAreFreshAndOfVersionSeven) {
  type::v1::CommandHeader header = Header();
  header.mutable_request_id()->at(6) = 0x40;
  EXPECT_EQ(Told(Send(coordinator_, Grant("L"), header)),
            "REQUEST_ID_MALFORMED header.request_id\n");
  header = Header();
  clock_.Advance(limits::kRequestIdWindow + std::chrono::seconds(1));
  EXPECT_EQ(Told(Send(coordinator_, Grant("L"), header)), "REQUEST_ID_EXPIRED header.request_id\n");
}

TEST_F(RegisteredTest, OnlyTheServerSeals) {
  school::v1::GrantAccess command = Grant("L");
  command.mutable_identity()->mutable_sealed()->set_subject("somebody");
  const client::Reply reply = Send(coordinator_, command);
  EXPECT_NE(Told(reply).find("SEALED_BY_CALLER identity\n"), std::string::npos) << Told(reply);
}

TEST_F(RegisteredTest, AnUnknownFieldIsRefusedAtAnyDepth) {
  school::v1::GrantAccess command = Grant("L");
  auto& inside = *command.mutable_identity()->mutable_clear();
  inside.GetReflection()->MutableUnknownFields(&inside)->AddVarint(82, 1);
  EXPECT_EQ(Told(Send(coordinator_, command)), "UNKNOWN_FIELD identity.#82\n");
}

TEST_F(RegisteredTest, AnotherSchoolIsNotThere) {
  const Bytes other = domain::SchoolIdOf("CFP-SUD");
  type::v1::CommandHeader header = Header();
  header.set_school_id(other);
  const client::Reply foreign = Send(coordinator_, Grant("L"), header);
  EXPECT_EQ(foreign.error.code, Code::kNotFound);
  EXPECT_EQ(Told(foreign), "NOT_FOUND\n");
  // The region names the school, and is told so; nothing is decided for one that is not registered.
  header = Header();
  header.set_school_id(other);
  EXPECT_EQ(Send(Region(), Grant("L"), header).error.code, Code::kNotFound);
  header = Header();
  EXPECT_EQ(Told(Send(Region(), Grant("L"), header)), "FIELD_REQUIRED header.school_id\n");
  header = Header();
  header.set_school_id(school_);
  EXPECT_TRUE(Send(Region(), Grant("L"), header).ok);
}

TEST_F(RegisteredTest, RolesAreTheOptionsAndARuleIsNamed) {
  evaluation::v1::RecordSummativeEvaluation evaluation;  // empty: nothing of it is even looked at
  const client::Reply tutor = Send(Of(type::v1::ROLE_WORKPLACE_TUTOR, school_), evaluation);
  EXPECT_EQ(tutor.error.code, Code::kPermissionDenied);
  EXPECT_EQ(Told(tutor), "SUMMATIVE_IS_SCHOOL_ONLY\n");
  EXPECT_EQ(tutor.refusals.refusals(0).rule(), "R15");
  const client::Reply student = Send(Of(type::v1::ROLE_STUDENT, school_), evaluation);
  EXPECT_EQ(Told(student), "ROLE_NOT_ALLOWED\n");
  EXPECT_EQ(Send(coordinator_, School("X")).error.reason, "ROLE_NOT_ALLOWED");
}

TEST_F(RegisteredTest, NothingIsSealedForAPersonWhoseKeyIsDestroyed) {
  const Bytes ada = "ada-0001";
  std::promise<void> made;
  vault_->PersonKeys(school_, {{ada, true}}, [&](const auto&) { made.set_value(); });
  made.get_future().wait();
  ASSERT_TRUE(vault_->DestroyPersonKey(school_, ada));
  stay::v1::EndStay command;
  command.set_stay_id(ada + "stay-001");
  command.set_ended_on(20260901);
  command.set_kind(type::v1::STAY_END_KIND_AS_PLANNED);
  command.mutable_remarks()->mutable_clear()->set_text("…");
  const client::Reply reply = Send(coordinator_, command);
  EXPECT_EQ(Told(reply), "PERSON_ERASED\n");
}

TEST_F(RegisteredTest, TheMacTellsTheSameCommandFromAnother) {
  const type::v1::CommandHeader header = Header();
  std::vector<std::string> macs;
  const auto send = [&](const domain::Principal& who, const school::v1::GrantAccess& command) {
    EXPECT_TRUE(Send(who, command, header).ok);
    macs.push_back(sink_.record.body_mac());
  };
  school::v1::GrantAccess grant = Grant("L");
  grant.mutable_identity()->mutable_clear()->clear_external_id();
  send(coordinator_, grant);
  send(coordinator_, grant);
  EXPECT_EQ(macs[0], macs[1]);
  domain::Principal colleague = coordinator_;
  colleague.person_id = std::string(8, 'q');
  send(colleague, grant);
  EXPECT_NE(macs[0], macs[2]);
  grant.mutable_identity()->mutable_clear()->set_given_name("M");
  send(coordinator_, grant);
  EXPECT_NE(macs[0], macs[3]);
}

TEST_F(RegisteredTest, WordsComeInTheCallersLanguage) {
  client::Options options;
  options.token = Token(coordinator_);
  options.language = "fr-CA";
  client::Client french("127.0.0.1:" + std::to_string(server_->port()), options);
  EXPECT_FALSE(french.Command(School("X"), Header()).ok);
}

TEST_F(RegisteredTest, AFullQueueIsSaid) {
  sink_.full = true;
  const client::Reply reply = Send(coordinator_, Grant("L"));
  EXPECT_EQ(reply.error.code, Code::kResourceExhausted);
  EXPECT_EQ(reply.error.reason, "QUEUE_FULL");
}

TEST_F(RegisteredTest, ADryRunHasNoPosition) {
  type::v1::CommandHeader header = Header();
  header.set_dry_run(true);
  const client::Reply reply = Send(coordinator_, Grant("L"), header);
  ASSERT_TRUE(reply.ok) << reply.error.message;
  EXPECT_TRUE(reply.result.dry_run());
  EXPECT_FALSE(reply.result.has_position());
}

// What refuses every command anyhow leaves no new person's key behind.
TEST_F(RegisteredTest, NoKeyIsMadeWhereNoCommandIsTaken) {
  sink_.takes = Fail(Code::kResourceExhausted, "DISK_FULL", "free some");
  EXPECT_EQ(Send(coordinator_, Grant("L")).error.reason, "DISK_FULL");
  EXPECT_EQ(KeysMade(), 0U);
  sink_.takes = {};
  EXPECT_TRUE(Send(coordinator_, Grant("L")).ok);
  EXPECT_EQ(KeysMade(), 1U);
}

TEST_F(RegisteredTest, ADryRunMakesNoKey) {
  type::v1::CommandHeader header = Header();
  header.set_dry_run(true);
  EXPECT_TRUE(Send(coordinator_, Grant("L"), header).ok);
  EXPECT_EQ(KeysMade(), 0U);
  ASSERT_TRUE(Send(coordinator_, Grant("L")).ok);
  type::v1::CommandHeader again = Header();
  again.set_dry_run(true);
  const client::Reply known = Send(coordinator_, Grant("L"), again);
  EXPECT_TRUE(known.ok) << Told(known);  // the look-up keys are the real ones
}

TEST_F(DoorTest, WithoutAGoodTokenNothingIsLookedAt) {
  const auto code = [&](std::string token) {
    return client_->As(std::move(token)).Command(School("X"), Header()).error.code;
  };
  EXPECT_EQ(code(""), Code::kUnauthenticated);
  EXPECT_EQ(code("a.b.c"), Code::kUnauthenticated);
  EXPECT_EQ(code(Token(Region()) + "x"), Code::kUnauthenticated);
  EXPECT_EQ(sink_.decided, 0U);
}

TEST_F(DoorTest, TheServerStaysOnTheLoopbackInterface) {
  for (const char* listen : {"0.0.0.0:0", "10.0.0.1:0", "[::]:0", ":0"}) {
    const auto server = Server::Start({.listen = listen}, {});
    ASSERT_FALSE(server) << listen;
    EXPECT_EQ(server.error().reason, "LISTEN_NOT_LOCAL");
  }
}

TEST_F(DoorTest, AHealthNameServesOnceItIsSaidSo) {
  using grpc::health::v1::HealthCheckResponse;
  const auto server =
      Server::Start({.listen = "127.0.0.1:0", .health_names = {"view.a", "view.b"}}, {});
  ASSERT_TRUE(server);
  const auto health = grpc::health::v1::Health::NewStub((*server)->InProcessChannel());
  const auto check = [&](const std::string& name) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(name);
    HealthCheckResponse response;
    EXPECT_TRUE(health->Check(&context, request, &response).ok()) << name;
    return response.status();
  };
  for (const std::string name : {"", "view.a", "view.b"}) {
    EXPECT_EQ(check(name), HealthCheckResponse::NOT_SERVING) << name;
  }
  EXPECT_EQ(check("liveness"), HealthCheckResponse::SERVING);
  (*server)->SetServing("view.a", true);
  EXPECT_EQ(check("view.a"), HealthCheckResponse::SERVING);
  EXPECT_EQ(check("view.b"), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(check(""), HealthCheckResponse::NOT_SERVING);
}

TEST_F(DoorTest, ASchoolIsPlacedBeforeItIsRegistered) {
  const type::v1::CommandHeader header = Header();
  ASSERT_TRUE(Send(Region(), School("cfp-nord"), header).ok);
  EXPECT_EQ(sink_.placements, std::vector{PlacementRequestId(header.request_id())});
  EXPECT_EQ(sink_.handed_to, Partition{7});
  const Bytes school = domain::SchoolIdOf("CFP-NORD");
  EXPECT_EQ(placement_.PartitionOf(school), Partition{7});
  ASSERT_TRUE(Send(Of(type::v1::ROLE_WORK_STUDY_COORDINATOR, school), Grant("Lovelace")).ok);
  EXPECT_EQ(sink_.handed_to, Partition{7});
}

// The process dies, or the school's partition takes nothing, between the two.
TEST_F(DoorTest, ARetryCompletesARegistrationOfWhichOnlyThePlacementIsThere) {
  const type::v1::CommandHeader header = Header();
  sink_.full = true;
  EXPECT_EQ(Send(Region(), School("cfp-nord"), header).error.reason, "QUEUE_FULL");
  EXPECT_EQ(sink_.placements.size(), 1U);
  EXPECT_EQ(sink_.decided, 0U);
  sink_.full = false;
  const client::Reply again = Send(Region(), School("cfp-nord"), header);
  ASSERT_TRUE(again.ok) << again.error.message;
  EXPECT_EQ(again.result.position().partition(), 7U);
  EXPECT_EQ(sink_.placements.size(), 1U);
  EXPECT_EQ(Told(Send(Region(), School("cfp-nord"))), "SCHOOL_EXISTS CFP-NORD\n");
  EXPECT_EQ(sink_.placements.size(), 1U);
}

TEST_F(DoorTest, ASchoolThatIsPlacedElsewhereIsNotRegisteredHere) {
  school::v1::RegisterSchool command = School("cfp-nord");
  command.set_partition(kDoorPartitions);
  EXPECT_EQ(Told(Send(Region(), command)), "FIELD_INVALID command.partition\n");
  command.set_partition(9);
  ASSERT_TRUE(Send(Region(), command).ok);
  EXPECT_EQ(sink_.handed_to, Partition{9});
  command.set_partition(10);
  EXPECT_EQ(Told(Send(Region(), command)), "TENANT_MOVE_UNSUPPORTED 9\n");
  EXPECT_EQ(sink_.decided, 1U);
}

TEST_F(DoorTest, ADryRunPlacesNothing) {
  type::v1::CommandHeader header = Header();
  header.set_dry_run(true);
  ASSERT_TRUE(Send(Region(), School("cfp-nord"), header).ok);
  EXPECT_TRUE(sink_.placements.empty());
}

}  // namespace
}  // namespace jalon::api
