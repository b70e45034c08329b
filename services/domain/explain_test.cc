#include "services/domain/explain.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "services/domain/reasons.h"

namespace jalon::domain {
namespace {

std::set<RefusalReason> AllReasons() {
  std::set<RefusalReason> reasons;
  const auto* type = refusal::v1::RefusalReason_descriptor();
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() != 0) {
      reasons.insert(static_cast<RefusalReason>(type->value(i)->number()));
    }
  }
  return reasons;
}

bool IsSentence(std::string_view words) {
  return words.size() > 5 && words.ends_with('.') && words.find("  ") == words.npos;
}

TEST(Explain, EveryReasonHasWordsOfItsOwnInBothLanguages) {
  std::set<RefusalReason> worded;
  for (const auto group : {RequestWords(), CatalogueWords(), PlacementWords(), EvaluationWords()}) {
    for (const ReasonWords& words : group) {
      EXPECT_TRUE(worded.insert(words.reason).second) << ReasonName(words.reason) << " twice";
      for (const auto sentence :
           {words.message_en, words.message_fr, words.remedy_en, words.remedy_fr}) {
        EXPECT_TRUE(IsSentence(sentence)) << sentence;
        EXPECT_EQ(sentence.find('\''), sentence.npos) << "the apostrophe is ’: " << sentence;
      }
      EXPECT_NE(words.message_en, words.message_fr);
    }
  }
  EXPECT_EQ(worded, AllReasons());
}

TEST(Explain, EveryRuleHasItsSentence) {
  for (int number = 1; number <= 23; ++number) {
    const SourceSentence* sentence = SourceOf("R" + std::to_string(number));
    ASSERT_NE(sentence, nullptr) << number;
    EXPECT_TRUE(IsSentence(sentence->fr));
    EXPECT_TRUE(IsSentence(sentence->en));
  }
  EXPECT_EQ(SourceSentences().size(), 23u);
  EXPECT_EQ(SourceOf("R24"), nullptr);
  EXPECT_EQ(SourceOf(""), nullptr);
}

TEST(Explain, ARefusalIsToldWhole) {
  const refusal::v1::Refusal told =
      Explained({.reason = Reason::STAY_NOT_ENDED, .subjects = {"0a"}, .cause = "NOT_STARTED"},
                Language::kFrench);
  EXPECT_EQ(told.rule(), "R18");
  EXPECT_EQ(told.basis(), option::v1::BASIS_SOURCE);
  EXPECT_EQ(told.subjects(0), "0a");
  EXPECT_EQ(told.message(),
            "Un séjour qui vise le module n’est pas terminé le jour de l’épreuve. "
            "Il n’est pas commencé.");
  EXPECT_EQ(told.remedy(), "Évaluez après le séjour, ou terminez-le ou annulez-le.");
  EXPECT_EQ(told.who_size(), 2);
  EXPECT_EQ(told.cleared_by(1), "EndStay");
}

TEST(Explain, ARuleThatDependsOnTheCommandStays) {
  const Violation violation{.reason = Reason::REASON_REQUIRED, .rule = "R4"};
  EXPECT_EQ(Explained(violation, Language::kEnglish).rule(), "R4");
}

TEST(Explain, AnUnknownReasonIsAFaultOfTheServer) {
  EXPECT_EQ(&WordsOf(static_cast<RefusalReason>(9999)), &WordsOf(Reason::INTERNAL));
}

}  // namespace
}  // namespace jalon::domain
