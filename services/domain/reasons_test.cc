#include "services/domain/reasons.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>

#include "services/domain/explain.h"
#include "services/domain/reason_words.h"
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

TEST(Reasons, HaveWordsInBothLanguages) {
  std::set<RefusalReason> seen;
  for (const auto family : AllReasonWords()) {
    for (const ReasonEntry& entry : family) {
      EXPECT_TRUE(seen.insert(entry.reason).second) << ReasonName(entry.reason);
    }
  }
  for (const RefusalReason reason : EveryReason()) {
    ASSERT_TRUE(seen.contains(reason)) << ReasonName(reason);
    const ReasonWords& words = WordsOf(reason);
    for (const std::string_view text :
         {words.french, words.french_remedy, words.english, words.english_remedy}) {
      EXPECT_TRUE(text.ends_with('.')) << ReasonName(reason) << ": " << text;
      EXPECT_LE(text.size(), 200u) << ReasonName(reason);
    }
  }
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

TEST(Reasons, AreExplainedInTheReadersLanguage) {
  refusal::v1::Refusal refusal = ToProto({.reason = Reason::NO_TARGET});
  Explain(Language::kFrench, &refusal);
  EXPECT_EQ(refusal.rule(), "R1");
  EXPECT_EQ(refusal.basis(), option::v1::BASIS_SOURCE);
  EXPECT_EQ(refusal.cleared_by(0), "DesignSequence");
  EXPECT_EQ(refusal.message(), WordsOf(Reason::NO_TARGET).french);
  Explain(Language::kEnglish, &refusal);
  EXPECT_EQ(refusal.remedy(), WordsOf(Reason::NO_TARGET).english_remedy);
}

TEST(Reasons, KeepTheRuleThatTheCommandStated) {
  refusal::v1::Refusal refusal = ToProto({.reason = Reason::REASON_REQUIRED, .rule = "R4"});
  Explain(Language::kEnglish, &refusal);
  EXPECT_EQ(refusal.rule(), "R4");
}

TEST(Rules, HaveTheirSentenceInBothLanguages) {
  for (int number = 1; number <= 23; ++number) {
    EXPECT_FALSE(TextOfRule(number).french.empty()) << number;
    EXPECT_FALSE(TextOfRule(number).english.empty()) << number;
  }
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
