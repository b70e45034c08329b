#include "services/domain/decision.h"

#include <gtest/gtest.h>

#include "eventstore/base/limits.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/domain/application.h"
#include "services/domain/memory_state_testing.h"

namespace jalon::domain {
namespace {

constexpr Micros kNow = std::chrono::seconds(1788267600);  // 2026-09-01, 9:00 in Toronto

// Rows of a bulk command: by the name of a student.
struct NameRows {
  std::vector<std::string> names;
  int size() const { return static_cast<int>(names.size()); }
  const std::string& operator[](int row) const { return names[static_cast<size_t>(row)]; }
};

class DecisionTest : public testing::Test {
 protected:
  DecisionTest() {
    request_.request = message_;
    request_.command = &message_->command();
    request_.header = message_->mutable_header();
    request_.school_id = std::string(16, 's');
    request_.id_seed = "0123456789abcdef";
  }
  Context MakeContext() { return Context(request_, {.recorded_at = kNow, .seq = Seq{7}}); }

  static Aggregate EnrolmentOf(const std::string& name) {
    return {type::v1::AGGREGATE_KIND_ENROLMENT, name + "5830"};
  }
  // Enrols "ada00000" and the like; a name with an x is refused, one that is enrolled already too.
  Decision Enrol(const Context& context, const NameRows& rows, RowsAre rows_are) {
    return DecideRows(rows, context, state_, rows_are,
                      [&](const std::string& name, Refusals& refusals, EventList& events) {
                        refusals.If(name.find('x') != std::string::npos, Reason::FIELD_INVALID,
                                    name);
                        refusals.If(state_.Student(name) != nullptr, Reason::NOTHING_TO_CHANGE);
                        if (refusals) return;
                        event::v1::StudentEnrolled enrolled;
                        enrolled.mutable_programme()->set_code("5830");
                        events.Add(EnrolmentOf(name), enrolled, {.subject = name});
                      });
  }
  static command::v1::CommandResult ResultOf(const EventList& events) {
    command::v1::CommandResult result;
    EXPECT_TRUE(result.ParseFromString(events.Reply(/*dry_run=*/false)));
    return result;
  }
  static log::v1::Event EventAt(const EventList& events, size_t at) {
    log::v1::Event event;
    EXPECT_TRUE(event.ParseFromString(events.encoded().at(at)));
    return event;
  }

  std::shared_ptr<school::v1::SetPolicyRequest> message_ =
      std::make_shared<school::v1::SetPolicyRequest>();
  Request request_;
  DomainApplication application_;
  MemoryState rows_{application_};
  State state_{rows_, application_.events(), std::string(16, 's')};
};

TEST_F(DecisionTest, NewIdsDependOnSeedNameAndNumberOnly) {
  const Bytes id = MakeContext().NewId("sequence");
  EXPECT_EQ(id.size(), 8u);
  EXPECT_EQ(MakeContext().NewId("sequence"), id);
  EXPECT_NE(MakeContext().NewId("company"), id);
  EXPECT_NE(MakeContext().NewId("sequence", 1), id);
  request_.id_seed = "another seed....";
  EXPECT_NE(MakeContext().NewId("sequence"), id);
}

TEST_F(DecisionTest, VersionsCountOnWithinOneCommand) {
  const Context context = MakeContext();
  EventList events(context, state_);
  const Aggregate aggregate{type::v1::AGGREGATE_KIND_ENROLMENT, "ada000005830", 4};
  events.Add(aggregate, event::v1::StudentEnrolled());
  events.Add(EnrolmentOf("ben00000"), event::v1::StudentEnrolled());
  events.Add(aggregate, event::v1::StudentEnrolled());
  EXPECT_EQ(EventAt(events, 0).version(), 5u);
  EXPECT_EQ(EventAt(events, 1).version(), 1u);
  EXPECT_EQ(EventAt(events, 2).version(), 6u);
}

TEST_F(DecisionTest, ActsOfACompanyAreLeavesOfItsTrail) {
  request_.principal.role = type::v1::ROLE_WORKPLACE_TUTOR;
  request_.principal.person_id = "luc00000";
  const Context context = MakeContext();
  EventList events(context, state_);
  const Aggregate stay{type::v1::AGGREGATE_KIND_STAY, std::string(16, 'a')};
  events.Add(stay, event::v1::ActivityCompleted(), {.company_id = "garage00"});
  events.Add(stay, event::v1::ActivityCompleted(), {.company_id = "garage00"});
  events.Add(stay, event::v1::ActivityNotPerformed(),
             {.company_id = "garage00", .by_system = true});
  const log::v1::Event second = EventAt(events, 1);
  EXPECT_EQ(second.trail().key(), "garage00");
  EXPECT_EQ(second.trail().index(), 1u);
  EXPECT_EQ(second.trail().recorded_at(), kNow.count());
  EXPECT_EQ(second.actor().person(), "luc00000");
  EXPECT_FALSE(EventAt(events, 2).has_trail());
  EXPECT_EQ(EventAt(events, 2).actor().origin(), uint32_t{type::v1::ORIGIN_SYSTEM});
  // Whoever answers the command knows by it how many receipts go with it.
  EXPECT_EQ(ResultOf(events).trail_entries(), 2u);
  ASSERT_EQ(ResultOf(events).receipts_size(), 2);
  EXPECT_EQ(ResultOf(events).receipts(1).company_id(), "garage00");
  EXPECT_EQ(ResultOf(events).receipts(1).index(), 1u);
  command::v1::CommandResult dry;
  ASSERT_TRUE(dry.ParseFromString(events.Reply(true)));
  EXPECT_EQ(dry.trail_entries(), 0u);
  EXPECT_EQ(dry.receipts_size(), 0);
}

TEST_F(DecisionTest, WhatTheSchoolStatesByItselfIsNoLeaf) {
  request_.principal.role = type::v1::ROLE_TEACHER;
  const Context context = MakeContext();
  EventList events(context, state_);
  events.Add({type::v1::AGGREGATE_KIND_STAY, std::string(16, 'a')}, event::v1::ActivityCompleted(),
             {.company_id = "garage00"});
  EXPECT_FALSE(EventAt(events, 0).has_trail());
  EXPECT_FALSE(EventAt(events, 0).has_actor());
}

TEST_F(DecisionTest, WhatTheSchoolKeysInForACompanyIsALeaf) {
  request_.principal.role = type::v1::ROLE_TEACHER;
  message_->mutable_header()->mutable_on_behalf_of()->set_person_id("luc00000");
  const Context context = MakeContext();
  EventList events(context, state_);
  events.Add({type::v1::AGGREGATE_KIND_STAY, std::string(16, 'a')}, event::v1::ActivityCompleted(),
             {.company_id = "garage00"});
  EXPECT_TRUE(EventAt(events, 0).has_trail());
  EXPECT_EQ(EventAt(events, 0).actor().origin(), uint32_t{type::v1::ORIGIN_TRANSCRIBED});
}

TEST_F(DecisionTest, AcceptedRowsStandAndRefusedOnesComeBack) {
  const Context context = MakeContext();
  const Decision decision = Enrol(context, {{"ada00000", "xen00000"}}, RowsAre::kIndependent);
  ASSERT_TRUE(decision.has_value());
  EXPECT_EQ(decision->encoded().size(), 1u);
  const command::v1::CommandResult result = ResultOf(*decision);
  EXPECT_EQ(result.accepted_rows(), 1u);
  ASSERT_EQ(result.refused_rows_size(), 1);
  EXPECT_EQ(result.refused_rows(0).row(), 1u);
}

TEST_F(DecisionTest, ACommandWithoutAnAcceptedRowIsRefused) {
  const Context context = MakeContext();
  const Decision decision = Enrol(context, {{"xen00000", "xyl00000"}}, RowsAre::kIndependent);
  ASSERT_FALSE(decision.has_value());
  const std::vector<Violation> violations = decision.error().Sorted();
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].subjects,
            (std::vector<std::string>{"rows[0] xen00000", "rows[1] xyl00000"}));
}

TEST_F(DecisionTest, AllOrNothingIsNothingWhenOneRowIsRefused) {
  message_->mutable_header()->set_all_or_nothing(true);
  const Context context = MakeContext();
  EXPECT_FALSE(Enrol(context, {{"ada00000", "xen00000"}}, RowsAre::kIndependent).has_value());
  EXPECT_TRUE(Enrol(context, {{"ada00000", "ben00000"}}, RowsAre::kIndependent).has_value());
}

TEST_F(DecisionTest, RowsInTurnSeeWhatThoseBeforeThemLeft) {
  const Context context = MakeContext();
  const Decision in_turn = Enrol(context, {{"ada00000", "ada00000"}}, RowsAre::kInTurn);
  ASSERT_TRUE(in_turn.has_value());
  EXPECT_EQ(ResultOf(*in_turn).refused_rows_size(), 1);
  EXPECT_EQ(rows_.Dump().size(), 0u);  // the state below is as it was
}

TEST_F(DecisionTest, TheReplyOfAFullBulkCommandFits) {
  const Context context = MakeContext();
  NameRows rows{{"ada00000"}};
  for (int i = 0; i < 99; ++i) rows.names.push_back("x" + std::string(200, 'n'));
  const Decision decision = Enrol(context, rows, RowsAre::kIndependent);
  ASSERT_TRUE(decision.has_value());
  EXPECT_LE(decision->Reply(false).size(), limits::kReplyBytesMax);
  EXPECT_EQ(ResultOf(*decision).refused_rows_size(), 99);
}

TEST_F(DecisionTest, TheReplyFitsHoweverMuchThereIsToWarnOf) {
  const Context context = MakeContext();
  EventList events(context, state_);
  for (uint32_t i = 0; i < 5000; ++i) {
    events.Warn({.reason = Reason::FIELD_INVALID, .cause = "GAP_" + std::to_string(i)});
  }
  EXPECT_LE(events.Reply(false).size(), limits::kReplyBytesMax);
  EXPECT_GT(ResultOf(events).warnings_size(), 0);
}

}  // namespace
}  // namespace jalon::domain
