#include "services/cli/answer.h"

#include <gtest/gtest.h>

#include <sstream>

#include "services/cli/student_answers.h"
#include "services/domain/explain.h"

namespace jalon::cli {
namespace {

using domain::Reason;

class Answer : public testing::Test {
 protected:
  client::Reply Refused() const {
    domain::Refusals refusals;
    refusals.Add(Reason::STAY_NOT_ENDED, "00112233445566778899aabbccddeeff");
    refusals.Add(Reason::MAKEUP_NOT_COMPLETED, "a3");
    client::Reply reply;
    reply.error = {Code::kFailedPrecondition, "STAY_NOT_ENDED", "STAY_NOT_ENDED (R18)", {}};
    for (const domain::Violation& violation : refusals.Sorted()) {
      *reply.refusals.add_refusals() = domain::Explained(violation, output_.language);
    }
    auto* event = reply.refusals.mutable_refusals(0)->add_events();
    event->set_seq(45);
    event->set_type("StayStarted");
    event->set_occurred_on(20260901);
    return reply;
  }

  type::v1::CommandHeader Header() const {
    type::v1::CommandHeader header;
    header.set_request_id(std::string(16, '\x11'));
    return header;
  }

  bool OutHas(const char* text) const { return out_.str().find(text) != std::string::npos; }
  bool ErrHas(const char* text) const { return err_.str().find(text) != std::string::npos; }

  std::ostringstream out_;
  std::ostringstream err_;
  Output output_{.out = out_, .err = err_};
};

TEST_F(Answer, ARefusalNamesRuleWordsSubjectsRemedyWhoAndEvents) {
  const type::v1::CommandHeader header = Header();
  EXPECT_EQ(ShowFailure(Refused(), &header, output_), ExitCode::kRefused);
  EXPECT_TRUE(out_.str().empty());
  for (const char* part :
       {"Refused, for 2 reasons:", "STAY_NOT_ENDED (R18)",
        "MAKEUP_NOT_COMPLETED (R14, the school's policy)", "00112233445566778899aabbccddeeff",
        "remedy", "teacher", "EndStay", "#45.0 StayStarted 2026-09-01"}) {
    EXPECT_TRUE(ErrHas(part)) << part << "\n" << err_.str();
  }
  EXPECT_FALSE(ErrHas("--request-id")) << "a refusal is an outcome";
}

TEST_F(Answer, WhereAnOptionIsTheRemedyItIsNamed) {
  domain::Refusals refusals;
  refusals.Add(Reason::FIELD_REQUIRED, "header.school_id");
  client::Reply reply;
  reply.error = {Code::kInvalidArgument, "FIELD_REQUIRED", "FIELD_REQUIRED", {}};
  *reply.refusals.add_refusals() = domain::Explained(refusals.Sorted()[0], output_.language);
  const type::v1::CommandHeader header = Header();
  ShowFailure(reply, &header, output_);
  EXPECT_TRUE(ErrHas("--school CODE")) << err_.str();
  EXPECT_FALSE(ErrHas("--token"));

  reply = {};
  reply.error = {Code::kUnauthenticated, "UNAUTHENTICATED", "UNAUTHENTICATED", {}};
  ShowFailure(reply, &header, output_);
  EXPECT_TRUE(ErrHas("jalon token issue")) << err_.str();
}

// What is noted holds nobody back, and is not to be read among the reasons.
TEST_F(Answer, AnEligibilityTellsItsReasonsFromItsNotes) {
  progress::v1::GetSummativeEligibilityResponse response;
  progress::v1::ModuleEligibility& module = *response.add_modules();
  module.set_module("850-568");
  module.set_verdict(progress::v1::VERDICT_NOT_ELIGIBLE);
  module.add_reasons()->set_reason(Reason::STAY_NOT_ENDED);
  module.add_notes()->set_reason(Reason::REPORT_OUTSTANDING);
  ShowEligibility(response, false, output_);
  const size_t heading = out_.str().find("To be noted, and no obstacle:");
  EXPECT_LT(out_.str().find("STAY_NOT_ENDED"), heading) << out_.str();
  EXPECT_LT(heading, out_.str().find("REPORT_OUTSTANDING")) << out_.str();

  out_.str("");
  module.clear_notes();
  ShowEligibility(response, false, output_);
  EXPECT_FALSE(OutHas("To be noted")) << out_.str();
}

TEST_F(Answer, ARefusalIsFrenchInFrench) {
  output_.language = Language::kFrench;
  const type::v1::CommandHeader header = Header();
  ShowFailure(Refused(), &header, output_);
  for (const char* part : {"Refusé", "remède", "enseignant", "la politique de l'école"}) {
    EXPECT_TRUE(ErrHas(part)) << part << "\n" << err_.str();
  }
}

TEST_F(Answer, ARefusalIsOneObjectForPrograms) {
  output_.form = Form::kJson;
  const type::v1::CommandHeader header = Header();
  EXPECT_EQ(ShowFailure(Refused(), &header, output_), ExitCode::kRefused);
  EXPECT_TRUE(err_.str().empty());
  for (const char* part :
       {R"("accepted":false)", R"("requestId":"11111111111111111111111111111111")",
        R"("code":"CODE_FAILED_PRECONDITION")", R"("reason":"REFUSAL_REASON_STAY_NOT_ENDED")",
        R"("rule":"R18")"}) {
    EXPECT_TRUE(OutHas(part)) << part << "\n" << out_.str();
  }
}

TEST_F(Answer, ALostAnswerSaysHowToMakeSure) {
  const type::v1::CommandHeader header = Header();
  client::Reply reply;
  reply.error.code = Code::kDeadlineExceeded;
  EXPECT_EQ(ShowFailure(reply, &header, output_), ExitCode::kOutcomeUnknown);
  EXPECT_TRUE(ErrHas("--request-id 11111111111111111111111111111111")) << err_.str();
  EXPECT_EQ(ShowFailure(reply, nullptr, output_), ExitCode::kUnavailable) << "a query";
}

TEST_F(Answer, ACommandThatNobodyGotIsNotLost) {
  const type::v1::CommandHeader header = Header();
  client::Reply reply;
  reply.error.code = Code::kUnavailable;
  for (const char* words : {"failed to connect to all addresses; last error: refused",
                            "connections to all backends failing; last error: refused"}) {
    reply.error.message = words;
    EXPECT_EQ(ShowFailure(reply, &header, output_), ExitCode::kUnavailable);
  }
  EXPECT_TRUE(ErrHas("Is the server running")) << err_.str();
  EXPECT_FALSE(ErrHas("--request-id")) << "nothing was sent";
}

TEST_F(Answer, WhoMaySendWhichCommandIsSaidOfEach) {
  const type::v1::CommandHeader header = Header();
  ShowFailure(Refused(), &header, output_);
  EXPECT_TRUE(
      ErrHas("teacher, work-study coordinator: CompleteMakeUp; work-study coordinator: "
             "SetPolicy"))
      << err_.str();
}

TEST_F(Answer, RowsThatAreRefusedExitOneThoughOthersAreAccepted) {
  client::Reply reply;
  reply.ok = true;
  reply.result.set_accepted_rows(18);
  reply.result.mutable_position()->set_log_incarnation(std::string(16, '\x22'));
  reply.result.mutable_position()->set_seq(7);
  auto* created = reply.result.add_created();
  created->set_kind(type::v1::AGGREGATE_KIND_ENROLMENT);
  created->set_id(std::string(8, '\x33') + "5830");
  auto* row = reply.result.add_refused_rows();
  row->set_row(4);
  *row->add_refusals() =
      domain::Explained({.reason = Reason::HOSTING_CAPACITY_EXCEEDED}, Language::kEnglish);
  EXPECT_EQ(ShowCommand(reply, Header(), "", output_), ExitCode::kRefused);
  EXPECT_TRUE(OutHas("Accepted: 18 row(s); refused: 1")) << out_.str();
  EXPECT_TRUE(OutHas("3333333333333333 5830")) << out_.str();
  EXPECT_TRUE(OutHas("22222222222222222222222222222222:0:7")) << out_.str();
  EXPECT_TRUE(ErrHas("row 4, refused:\n  HOSTING_CAPACITY_EXCEEDED (R10)")) << err_.str();
}

TEST_F(Answer, PositionsReadBack) {
  const auto position = ParsePosition("22222222222222222222222222222222:12:45");
  ASSERT_TRUE(position);
  EXPECT_EQ(position->partition(), 12U);
  EXPECT_EQ(position->seq(), 45U);
  EXPECT_EQ(PositionText(*position), "22222222222222222222222222222222:12:45");
  for (const char* wrong : {"", "22:1:2", "22222222222222222222222222222222:1", "x:1:2",
                            "22222222222222222222222222222222:-1:2"}) {
    EXPECT_FALSE(ParsePosition(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace jalon::cli
