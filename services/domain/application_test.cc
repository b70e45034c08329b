#include "services/domain/application.h"

#include <gtest/gtest.h>

#include "jalon/command/v1/command.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/evaluation/v1/evaluation_service.pb.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/followup/v1/follow_up_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"
#include "services/domain/memory_state_testing.h"
#include "services/domain/reasons.h"
#include "services/domain/school_code.h"

namespace jalon::domain {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

Micros Morning(int year, unsigned month, unsigned day) {
  return sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day))
             .time_since_epoch() +
         std::chrono::hours(14);
}

// The application over rows in memory: an accepted command is evolved at once.
class ApplicationTest : public testing::Test {
 protected:
  // As `role` of company_; the region's coordinator is of none.
  template <typename RequestMessage>
  eventstore::Verdict Send(const RequestMessage& message,
                           type::v1::Role role = type::v1::ROLE_REGION_COORDINATOR) {
    auto shared = std::make_shared<RequestMessage>(message);
    Request request;
    request.request = shared;
    request.command = &shared->command();
    request.header = &shared->header();
    request.principal = {
        .person_id = "operator", .role = role, .school_id = {}, .company_id = {}, .modules = {}};
    if (request.principal.IsCompany()) request.principal.company_id = company_;
    request.school_id = SchoolIdOf("CFP-NORD");
    request.id_seed = "0123456789abcdef";
    eventstore::Verdict verdict =
        application_.Decide(request, {.recorded_at = now_, .seq = Seq{seq_ + 1}}, state_);
    if (const auto* accepted = std::get_if<eventstore::Accepted>(&verdict)) {
      record_ = {};
      record_.set_seq(++seq_);
      record_.set_recorded_at(now_.count());
      record_.set_tenant(request.school_id);
      for (const std::string& event : accepted->events) record_.add_events(event);
      EXPECT_TRUE(application_.Evolve(record_, state_).has_value());
      state_.RoundTrip();
    }
    return verdict;
  }

  bool RefusedFor(const eventstore::Verdict& verdict, RefusalReason reason) {
    const auto* refused = std::get_if<eventstore::Refused>(&verdict);
    return refused != nullptr &&
           static_cast<const Denied&>(*refused->refusal).refusals().Has(reason);
  }

  school::v1::RegisterSchoolRequest Register() {
    school::v1::RegisterSchoolRequest request;
    request.mutable_command()->set_code(" cfp-nord ");
    request.mutable_command()->set_name("CFP Nord");
    return request;
  }
  school::v1::SetPolicyRequest SetGate(const std::string& choice, LocalDate effective_on) {
    school::v1::SetPolicyRequest request;
    request.mutable_command()->mutable_setting()->set_key("makeup_gate");
    request.mutable_command()->mutable_setting()->set_choice(choice);
    request.mutable_command()->set_effective_on(effective_on);
    return request;
  }

  // The operator becomes tutor and signatory of a new company, company_.
  void EnterCompany() {
    company::v1::RegisterHostCompanyRequest garage;
    garage.mutable_command()->set_name("Garage-Tremblay");
    garage.mutable_command()->set_site("rue Principale");
    const eventstore::Verdict verdict = Send(garage);
    command::v1::CommandResult result;
    ASSERT_TRUE(result.ParseFromString(std::get<eventstore::Accepted>(verdict).reply));
    company_ = result.created(0).id();
    school::v1::GrantAccessRequest grant;
    auto& identity = *grant.mutable_command()->mutable_identity();
    identity.mutable_sealed()->set_subject("operator");
    grant.mutable_command()->mutable_scope()->set_company_id(company_);
    for (const auto role : {type::v1::ROLE_WORKPLACE_TUTOR, type::v1::ROLE_COMPANY_SIGNATORY}) {
      grant.mutable_command()->set_role(role);
      ASSERT_TRUE(std::holds_alternative<eventstore::Accepted>(Send(grant)));
      grant.mutable_command()->clear_identity();
      grant.mutable_command()->set_person_id("operator");
    }
  }

  DomainApplication application_;
  MemoryState state_{application_};
  Micros now_ = Morning(2026, 9, 1);
  uint64_t seq_ = 0;
  Bytes company_ = "garage--";
  log::v1::Record record_;
};

TEST_F(ApplicationTest, AnAcceptedCommandIsEventsInTheirEnvelopes) {
  ASSERT_TRUE(std::holds_alternative<eventstore::Accepted>(Send(Register())));
  log::v1::Event event;
  ASSERT_TRUE(event.ParseFromString(record_.events(0)));
  EXPECT_EQ(event.tenant(), SchoolIdOf("CFP-NORD"));
  EXPECT_EQ(event.type(), 10u);
  EXPECT_EQ(event.version(), 1u);
  EXPECT_EQ(event.occurred_on(), 20260901u);
  EXPECT_FALSE(event.has_actor());
  EXPECT_FALSE(event.has_trail());
  event::v1::SchoolRegistered registered;
  ASSERT_TRUE(registered.ParseFromString(event.payload()));
  EXPECT_EQ(registered.code(), "CFP-NORD");
}

TEST_F(ApplicationTest, ASchoolIsRegisteredOnce) {
  Send(Register());
  EXPECT_TRUE(RefusedFor(Send(Register()), Reason::SCHOOL_EXISTS));
}

// The door gives the command of a school its id; decide does not take it on trust.
TEST_F(ApplicationTest, ASchoolIsRegisteredUnderItsOwnId) {
  school::v1::RegisterSchoolRequest other = Register();
  other.mutable_command()->set_code("CFP-SUD");
  EXPECT_TRUE(RefusedFor(Send(other), Reason::FIELD_INVALID));
}

// The door denies company roles by the same reasons; a rule is not left to a door alone.
TEST_F(ApplicationTest, WhatIsTheSchoolsAloneIsRefusedToACompany) {
  Send(Register());
  // Nobody without a grant is told as much.
  EXPECT_TRUE(
      RefusedFor(Send(stay::v1::GrantAdditionalHoursRequest(), type::v1::ROLE_WORKPLACE_TUTOR),
                 Reason::NOT_FOUND));
  EnterCompany();
  const auto refused = [&](const auto& request, RefusalReason reason) {
    for (const auto role : {type::v1::ROLE_WORKPLACE_TUTOR, type::v1::ROLE_COMPANY_SIGNATORY}) {
      EXPECT_TRUE(RefusedFor(Send(request, role), reason)) << ReasonName(reason);
    }
  };
  refused(stay::v1::GrantAdditionalHoursRequest(), Reason::HOURS_ARE_SCHOOL_ONLY);
  refused(evaluation::v1::RecordSummativeEvaluationRequest(), Reason::SUMMATIVE_IS_SCHOOL_ONLY);
  refused(company::v1::AttestCompanyResourcesRequest(), Reason::RESOURCES_ARE_ATTESTED_BY_SCHOOL);
  refused(followup::v1::PlanMakeUpRequest(), Reason::MAKEUP_IS_SCHOOL_ONLY);
  refused(followup::v1::CompleteMakeUpRequest(), Reason::MAKEUP_IS_SCHOOL_ONLY);
}

TEST_F(ApplicationTest, NothingIsDecidedForASchoolThatIsNotThere) {
  EXPECT_TRUE(RefusedFor(Send(SetGate("PLANNED", 20260901)), Reason::NOT_FOUND));
}

TEST_F(ApplicationTest, ARefusalListsAllThatFails) {
  Send(Register());
  auto request = SetGate("SOMETIMES", 20260831);
  request.mutable_header()->set_expected_version(9);
  request.mutable_header()->mutable_on_behalf_of()->set_person_id("somebody");
  const auto verdict = Send(request);
  for (const RefusalReason reason : {Reason::POLICY_NOT_ALLOWED, Reason::POLICY_RETROACTIVE,
                                     Reason::VERSION_CONFLICT, Reason::ON_BEHALF_OF_INVALID}) {
    EXPECT_TRUE(RefusedFor(verdict, reason));
  }
}

TEST_F(ApplicationTest, ADryRunWritesNothing) {
  Send(Register());
  auto request = SetGate("PLANNED", 20260901);
  request.mutable_header()->set_dry_run(true);
  const auto verdict = Send(request);
  const auto* nothing = std::get_if<eventstore::NothingToDo>(&verdict);
  ASSERT_NE(nothing, nullptr);
  command::v1::CommandResult result;
  ASSERT_TRUE(result.ParseFromString(nothing->reply));
  EXPECT_TRUE(result.dry_run());
  EXPECT_EQ(seq_, 1u);
}

TEST_F(ApplicationTest, AnUnknownEventHaltsThePartition) {
  log::v1::Event event;
  event.set_type(99999);
  log::v1::Record record;
  record.add_events(event.SerializeAsString());
  const Result<void> evolved = application_.Evolve(record, state_);
  ASSERT_FALSE(evolved.has_value());
  EXPECT_EQ(evolved.error().code, Code::kDataLoss);
}

// It is the system partition's.
TEST_F(ApplicationTest, APlacementHaltsASchoolsPartition) {
  log::v1::Event event;
  event.set_type(event::v1::EventBody::kTenantPlacedFieldNumber);
  log::v1::Record record;
  record.add_events(event.SerializeAsString());
  EXPECT_EQ(application_.Evolve(record, state_).error().code, Code::kDataLoss);
}

// The writer counts a trail as the view of trails does, so no sound log holds another place.
TEST_F(ApplicationTest, AnEntryThatIsNotTheNextOfItsTrailHaltsThePartition) {
  const auto reported = [&](uint64_t index) {
    event::v1::ActivityCompleted completed;
    completed.set_activity("a1");
    log::v1::Event event;
    event.set_type(event::v1::EventBody::kActivityCompletedFieldNumber);
    event.set_aggregate("student1stay0001");
    event.mutable_trail()->set_key("garage--");
    event.mutable_trail()->set_index(index);
    event.set_payload(completed.SerializeAsString());
    log::v1::Record record;
    record.set_tenant(SchoolIdOf("CFP-NORD"));
    record.add_events(event.SerializeAsString());
    return application_.Evolve(record, state_);
  };
  ASSERT_TRUE(reported(0));
  ASSERT_TRUE(reported(1));
  for (const uint64_t other : {0, 1, 3}) {
    const Result<void> evolved = reported(other);
    ASSERT_FALSE(evolved) << other;
    EXPECT_EQ(evolved.error().reason, "PARTITION_DIVERGED");
  }
  EXPECT_TRUE(reported(2));
}

// A plan is the row of all stays that have it.
TEST_F(ApplicationTest, StaysOfOnePlanShareItsRow) {
  event::v1::StayScheduled scheduled;
  scheduled.set_company_id("garage--");
  auto* activity = scheduled.add_activities();
  activity->set_activity("a1");
  activity->set_planned_minutes(60);
  activity->add_objectives("o1");
  log::v1::Record record;
  record.set_tenant(SchoolIdOf("CFP-NORD"));
  for (const auto* stay_id : {"student1stay0001", "student1stay0002", "student1stay0003"}) {
    if (record.events_size() == 2) activity->set_planned_minutes(90);
    log::v1::Event event;
    event.set_type(event::v1::EventBody::kStayScheduledFieldNumber);
    event.set_aggregate(stay_id);
    event.set_payload(scheduled.SerializeAsString());
    record.add_events(event.SerializeAsString());
  }
  ASSERT_TRUE(application_.Evolve(record, state_).has_value());
  state_.RoundTrip();

  const auto student = FindRow<StudentState>(state_, record.tenant(), "student1");
  ASSERT_EQ(student->stays.size(), 3u);
  EXPECT_EQ(&*student->stays[0]->plan, &*student->stays[1]->plan);
  EXPECT_EQ(student->stays[1]->plan->PlannedMinutes(), 60u);
  EXPECT_EQ(student->stays[2]->plan->PlannedMinutes(), 90u);
  EXPECT_EQ(student->stays[2]->estimates.size(), 1u);
  const std::string prefix = RowKey(record.tenant(), RowKind::kPlan, {});
  size_t plans = 0;
  for (const auto& [key, bytes] : state_.Dump()) plans += key.starts_with(prefix);
  EXPECT_EQ(plans, 2u);

  // A student's row whose plan is not there is damaged.
  const std::string key = RowKey(record.tenant(), RowKind::kStudent, "student1");
  MemoryState without(application_);
  EXPECT_TRUE(application_.DecodeRow(key, state_.Dump().at(key), state_).has_value());
  EXPECT_FALSE(application_.DecodeRow(key, state_.Dump().at(key), without).has_value());
}

TEST_F(ApplicationTest, AScheduledStayThatCannotBeReadHaltsThePartition) {
  for (const std::string payload : {"\x0a\xff", "\x4a\x01\xff"}) {  // the whole; its plan
    log::v1::Event event;
    event.set_type(event::v1::EventBody::kStayScheduledFieldNumber);
    event.set_payload(payload);
    log::v1::Record record;
    record.set_tenant(SchoolIdOf("CFP-NORD"));
    record.add_events(event.SerializeAsString());
    EXPECT_EQ(application_.Evolve(record, state_).error().code, Code::kDataLoss);
  }
}

TEST_F(ApplicationTest, ADamagedRowIsNotTaken) {
  const std::string key = RowKey(SchoolIdOf("CFP-NORD"), RowKind::kSchool, {});
  EXPECT_FALSE(application_.DecodeRow(key, "\xff\xff", state_).has_value());
  EXPECT_FALSE(application_.DecodeRow("short", "", state_).has_value());
  const std::string unknown = RowKey(SchoolIdOf("X"), RowKind{77}, {});
  EXPECT_FALSE(application_.DecodeRow(unknown, "", state_).has_value());
}

}  // namespace
}  // namespace jalon::domain
