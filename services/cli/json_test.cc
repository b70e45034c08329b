#include "services/cli/json.h"

#include <gtest/gtest.h>

#include "eventstore/base/hash.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"
#include "jalon/type/v1/position.pb.h"

namespace jalon::cli {
namespace {

TEST(Json, IdsAreHexadecimalBothWays) {
  roster::v1::EnrolStudents command;
  ASSERT_TRUE(FromJson(R"({"rows": [{"studentId": "00ff00ff00ff00ff", "in_alternance": true},
                                    {"student_id": "AP8A/wD/AP8="}], "enrolledOn": "2026-09-01"})",
                       Language::kEnglish, &command));
  ASSERT_EQ(command.rows_size(), 2);
  EXPECT_EQ(ToHex(command.rows(0).student_id()), "00ff00ff00ff00ff");
  EXPECT_EQ(command.rows(1).student_id(), command.rows(0).student_id());
  EXPECT_TRUE(command.rows(0).in_alternance());
  EXPECT_EQ(command.enrolled_on(), 20260901U);
  roster::v1::EnrolStudents again;
  ASSERT_TRUE(FromJson(ToJson(command, true), Language::kEnglish, &again));
  EXPECT_EQ(again.SerializeAsString(), command.SerializeAsString());
}

TEST(Json, EnumsNeedNoPrefix) {
  stay::v1::EndStay command;
  ASSERT_TRUE(FromJson(R"({"kind": "early", "cause": "STAY_END_CAUSE_SAFETY"})", Language::kEnglish,
                       &command));
  EXPECT_EQ(command.kind(), type::v1::STAY_END_KIND_EARLY);
  EXPECT_EQ(command.cause(), type::v1::STAY_END_CAUSE_SAFETY);
  EXPECT_FALSE(FromJson(R"({"kind": "sideways"})", Language::kEnglish, &command));
}

TEST(Json, AFieldThatIsNoneNeverVanishes) {
  feedback::v1::ReportFormativeEstimate command;
  const auto read = FromJson(R"({"stayId": "00", "mark": 82})", Language::kEnglish, &command);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "UNKNOWN_FIELD");
  EXPECT_NE(read.error().message.find("mark"), std::string::npos);
}

TEST(Json, WhatIsNoObjectIsRefused) {
  stay::v1::EndStay command;
  for (const char* wrong : {"", "{", "[]", "1", "{\"stayId\": 5}", "{'a': 1}"}) {
    const auto read = FromJson(wrong, Language::kEnglish, &command);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().reason, "MALFORMED") << wrong;
  }
}

TEST(Json, WritesEveryFieldButAbsentMessages) {
  type::v1::AsOf as_of;
  as_of.set_recorded_at(9'007'199'254'740'993);
  EXPECT_EQ(ToJson(as_of, false), R"({"recordedAt":"9007199254740993"})");
  as_of.mutable_position()->set_log_incarnation("\x01\x02");
  EXPECT_EQ(ToJson(as_of, false),
            R"({"position":{"logIncarnation":"0102","partition":0,"seq":"0"},)"
            R"("recordedAt":"9007199254740993"})");
}

TEST(Json, ObjectsQuoteTheirText) {
  EXPECT_EQ(JsonObject({{"a", JsonText("x\"\n")}, {"b", "1"}}), R"({"a":"x\"\n","b":1})");
}

}  // namespace
}  // namespace jalon::cli
