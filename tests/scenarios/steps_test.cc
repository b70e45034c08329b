#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/scenarios/runner/runner.h"
#include "tests/scenarios/runner/script.h"

namespace jalon::scenarios {
namespace {

Words Split(std::string_view line) {
  Sentence sentence;
  EXPECT_TRUE(SplitSentence(line, &sentence));
  return sentence.words;
}

TEST(Sentence, IsWordsQuotesAndClauses) {
  Sentence sentence;
  ASSERT_TRUE(SplitSentence(R"(jean says "two, words" here, request r1,dry run)", &sentence));
  EXPECT_EQ(sentence.words, (Words{"jean", "says", "two, words", "here"}));
  EXPECT_EQ(sentence.clauses, (std::vector<Words>{{"request", "r1"}, {"dry", "run"}}));
  EXPECT_FALSE(SplitSentence(R"(a quote "that does not end)", &sentence));
}

TEST(Pattern, BindsWordsAndLists) {
  const auto match = MatchPattern("<who> sets <key> to <values...> [from <date>]",
                                  Split("jean sets scale to low high from 2026-09-01"));
  ASSERT_TRUE(match.has_value());
  EXPECT_EQ((*match)["who"], "jean");
  EXPECT_EQ(match->List("values"), (Words{"low", "high"}));
  EXPECT_EQ((*match)["date"], "2026-09-01");
  EXPECT_FALSE(MatchPattern("<who> sets <key>", Split("jean sets")).has_value());
}

TEST(Pattern, TakesAlternativesAndLeavesOutOptions) {
  EXPECT_TRUE(MatchPattern("<count> row|rows accepted", Split("1 row accepted")).has_value());
  EXPECT_FALSE(MatchPattern("<count> row|rows accepted", Split("1 line accepted")).has_value());
  const auto match = MatchPattern("refused <reason> [<rule>] [for <subjects...>]",
                                  Split("refused NO_TARGET for a b"));
  ASSERT_TRUE(match.has_value());
  EXPECT_FALSE(match->Has("rule"));
  EXPECT_EQ(match->List("subjects"), (Words{"a", "b"}));
}

TEST(Script, IsScenariosWithSteps) {
  const auto script =
      ParseScript("f.scn",
                  "uses school\n\n# R1: title\ngiven a thing\nand another\n"
                  "  more of it, a clause\n# a remark\nwhen it happens\n\n# second\n"
                  "then nothing\n");
  ASSERT_TRUE(script.has_value());
  EXPECT_EQ(script->uses, std::vector<std::string>{"school"});
  ASSERT_EQ(script->scenarios.size(), 2u);
  const Scenario& first = script->scenarios[0];
  EXPECT_EQ(first.title, "R1: title");
  EXPECT_EQ(first.line, 3);
  ASSERT_EQ(first.steps.size(), 3u);
  EXPECT_EQ(first.steps[1].keyword, Keyword::kGiven);
  ASSERT_EQ(first.steps[1].details.size(), 1u);
  EXPECT_EQ(first.steps[1].details[0].Text(), "more of it, a clause");
  EXPECT_EQ(first.steps[2].keyword, Keyword::kWhen);
}

TEST(Script, NamesThePlaceOfAMistake) {
  const auto script = ParseScript("f.scn", "# title\nperhaps a thing\n");
  ASSERT_FALSE(script.has_value());
  EXPECT_TRUE(script.error().message.starts_with("f.scn:2:"));
  EXPECT_FALSE(ParseScript("f.scn", "given a thing\n").has_value());
  EXPECT_FALSE(ParseScript("f.scn", "# title\nand a thing\n").has_value());
}

// The README's tables list every sentence, as its pattern.
TEST(Readme, ListsEverySentence) {
  std::stringstream text;
  text << std::ifstream("tests/scenarios/README.md").rdbuf();
  std::string readme = text.str();
  std::erase(readme, '\\');  // a table's cell escapes its bars
  for (const std::string& pattern : AllSteps().Patterns()) {
    const std::string sentence = pattern.substr(7);
    EXPECT_NE(readme.find("`" + sentence + "`"), std::string::npos) << sentence;
  }
}

}  // namespace
}  // namespace jalon::scenarios
