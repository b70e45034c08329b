#include "services/domain/reasons.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "services/domain/refusals.h"

namespace jalon::domain {
namespace {

std::vector<RefusalReason> EveryReason() {
  std::vector<RefusalReason> reasons;
  const auto* type = refusal::v1::RefusalReason_descriptor();
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() == 0) continue;
    reasons.push_back(static_cast<RefusalReason>(type->value(i)->number()));
  }
  return reasons;
}

TEST(Reasons, AreAllNamedInTheHeader) {
  std::vector<RefusalReason> named;
#define JALON_REASON_VALUE(NAME) named.push_back(Reason::NAME);
  JALON_REASONS(JALON_REASON_VALUE)
#undef JALON_REASON_VALUE
  EXPECT_EQ(named, EveryReason());
}

TEST(Reasons, HaveTheOptionOfTheContract) {
  for (const RefusalReason reason : EveryReason()) {
    const option::v1::ReasonOption& option = OptionOf(reason);
    EXPECT_NE(option.basis(), option::v1::BASIS_UNSPECIFIED) << ReasonName(reason);
    EXPECT_TRUE(option.rule().empty() || RuleNumber(option.rule()) > 0) << ReasonName(reason);
    EXPECT_EQ(ReasonNamed(ReasonName(reason)), reason);
  }
  EXPECT_EQ(ReasonNamed("NO_SUCH_REASON"), 0);
}

TEST(Reasons, ReadTheNumberOfARule) {
  EXPECT_EQ(RuleNumber("R18"), 18);
  EXPECT_EQ(RuleNumber("R24"), 0);
  EXPECT_EQ(RuleNumber("R1x"), 0);
  EXPECT_EQ(RuleNumber(""), 0);
}

TEST(Refusals, CollectEachReasonOnceAndTheRulesFirst) {
  Refusals refusals;
  refusals.Add(Reason::VERSION_CONFLICT);
  refusals.Add(Reason::ACTIVITY_UNDERSPECIFIED, "a2");
  refusals.If(true, Reason::NO_TARGET);
  refusals.Unless(true, Reason::NOT_FOUND);
  refusals.Add(Reason::ACTIVITY_UNDERSPECIFIED, "a1", {{.seq = 4}});
  refusals.Add(Reason::ACTIVITY_UNDERSPECIFIED, "a2");
  const std::vector<Violation> sorted = refusals.Sorted();
  ASSERT_EQ(sorted.size(), 3u);
  EXPECT_EQ(sorted[0].reason, Reason::NO_TARGET);
  EXPECT_EQ(sorted[1].subjects, (std::vector<std::string>{"a2", "a1"}));
  EXPECT_EQ(sorted[1].facts.size(), 1u);
  EXPECT_EQ(sorted[2].reason, Reason::VERSION_CONFLICT);
}

}  // namespace
}  // namespace jalon::domain
