#include "services/api/status.h"

#include <fmt/format.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include "jalon/refusal/v1/refusal.pb.h"
#include "services/domain/reasons.h"

namespace jalon::api {
namespace {

using domain::Reason;
using domain::Refusals;
using domain::Violation;

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), static_cast<int>(status.error_code()));
  return details;
}

// The detail of that type; each type is there at most once.
template <typename T>
T Detail(const grpc::Status& status) {
  T found;
  int count = 0;
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& any : details.details()) {
    if (any.Is<T>() && any.UnpackTo(&found)) ++count;
  }
  EXPECT_EQ(count, 1) << T::descriptor()->full_name();
  return found;
}

TEST(StatusTest, ARefusalSaysEverythingInTheOrderOfTheRules) {
  Refusals refusals;
  refusals.Add(Reason::STAY_NOT_ENDED, "s2");
  refusals.Add(Reason::MAKEUP_NOT_PLANNED, "a2");
  refusals.Add(Reason::MAKEUP_NOT_PLANNED, "a3");
  const grpc::Status status = ToStatus(refusals, Language::kEnglish);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  const auto info = Detail<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), "MAKEUP_NOT_PLANNED");
  EXPECT_EQ(info.domain(), "jalon.ca");
  EXPECT_EQ(info.metadata().at("rule"), "R14");
  const auto failure = Detail<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 2);
  EXPECT_EQ(failure.violations(0).type(), "MAKEUP_NOT_PLANNED");
  EXPECT_EQ(failure.violations(0).subject(), "a2, a3");
  const auto detail = Detail<refusal::v1::RefusalDetail>(status);
  ASSERT_EQ(detail.refusals_size(), 2);
  EXPECT_EQ(detail.refusals(1).rule(), "R18");
  EXPECT_FALSE(detail.refusals(1).who().empty());
  EXPECT_EQ(detail.more(), 0U);
}

TEST(StatusTest, TheLanguageIsTheCallers) {
  const Refusals refusals = Refusals().Add(Reason::NO_TARGET);
  EXPECT_EQ(Detail<google::rpc::LocalizedMessage>(ToStatus(refusals, Language::kFrench)).locale(),
            "fr-CA");
  EXPECT_EQ(Detail<google::rpc::LocalizedMessage>(ToStatus(refusals, Language::kEnglish)).locale(),
            "en-CA");
  EXPECT_NE(
      Detail<google::rpc::LocalizedMessage>(ToStatus(refusals, Language::kFrench)).message(),
      Detail<google::rpc::LocalizedMessage>(ToStatus(refusals, Language::kEnglish)).message());
}

TEST(StatusTest, WhateverFailsFitsIntoTrailers) {
  for (int reasons : {1, 5, 40}) {
    for (int subjects : {1, 40, 2000}) {
      Refusals refusals;
      for (int r = 0; r < reasons; ++r) {
        Violation violation;
        violation.reason = static_cast<domain::RefusalReason>(Reason::STAY_NOT_PLANNED + r % 15);
        violation.cause = fmt::format("CAUSE_{}", r);
        for (int s = 0; s < subjects; ++s) {
          violation.subjects.push_back(fmt::format("activity-{}", s));
          violation.facts.push_back(
              {.seq = 1'000'000ULL + s, .recorded_at = 1'780'000'000'000'000});
        }
        refusals.Add(std::move(violation));
      }
      const grpc::Status status = ToStatus(refusals, Language::kFrench);
      EXPECT_LE(status.error_details().size(), kDetailsBytesMax);
      EXPECT_LE(status.error_message().size(), 512U);
      const auto detail = Detail<refusal::v1::RefusalDetail>(status);
      uint32_t told = 0;
      for (const auto& refusal : detail.refusals()) {
        told += static_cast<uint32_t>(refusal.subjects_size());
        EXPECT_GT(refusal.subjects_size(), 0);
      }
      if (detail.refusals_size() == reasons) {
        EXPECT_EQ(told + detail.more(), static_cast<uint32_t>(reasons * subjects));
      }
    }
  }
}

TEST(StatusTest, FortySubjectsOfOneReasonAreAllTold) {
  Refusals refusals;
  for (int i = 0; i < 40; ++i) {
    refusals.Add(Reason::ACTIVITY_UNACCOUNTED, fmt::format("activity-number-{}", i));
  }
  const auto detail = Detail<refusal::v1::RefusalDetail>(ToStatus(refusals, Language::kEnglish));
  EXPECT_EQ(detail.refusals(0).subjects_size(), 40);
  EXPECT_EQ(detail.more(), 0U);
}

TEST(StatusTest, EveryReasonHasAStatusOfItsOwn) {
  const auto* reasons = refusal::v1::RefusalReason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<domain::RefusalReason>(reasons->value(i)->number());
    const grpc::Status status = ToStatus(Refusals().Add(reason), Language::kEnglish);
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(Detail<google::rpc::ErrorInfo>(status).reason(), domain::ReasonName(reason));
  }
}

TEST(StatusTest, WhatWentWrongInsideStaysInside) {
  const grpc::Status status =
      ToStatus(Error{Code::kDataLoss, "NO_SUCH_REASON", "row 17 of Ada", {}}, Language::kEnglish);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(status.error_message().find("Ada"), std::string::npos);
  EXPECT_EQ(status.error_details().find("Ada"), std::string::npos);
}

TEST(StatusTest, WhatMayBeTriedAgainSaysSo) {
  Detail<google::rpc::RetryInfo>(
      ToStatus(Error{Code::kUnavailable, "VIEW_BEHIND", "", {{"lag", "3"}}}, Language::kEnglish));
}

}  // namespace
}  // namespace jalon::api
