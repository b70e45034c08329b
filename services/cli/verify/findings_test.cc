#include "services/cli/verify/findings.h"

#include <gtest/gtest.h>

#include <set>

namespace jalon::cli {
namespace {

using trail::Finding;
using trail::Flaw;
using trail::Verdict;

TEST(FindingsTest, EveryFlawHasItsOwnNameAndWordsInBothLanguages) {
  std::set<std::string> seen;
  for (int i = 0; i <= static_cast<int>(Flaw::kStale); ++i) {
    const Finding finding{.flaw = static_cast<Flaw>(i), .file = "f", .entry = 7, .number = 9};
    EXPECT_TRUE(seen.insert(std::string(FlawName(finding.flaw))).second) << i;
    EXPECT_TRUE(seen.insert(FindingText(finding, Language::kEnglish)).second) << i;
    EXPECT_TRUE(seen.insert(FindingText(finding, Language::kFrench)).second) << i;
  }
  // The table is in the order of the enum.
  EXPECT_EQ(FlawName(Flaw::kNotUtf8), "NOT_UTF8");
  EXPECT_EQ(FlawName(Flaw::kEntryEnvelope), "ENTRY_ENVELOPE");
  EXPECT_EQ(FlawName(Flaw::kQuorumNotMet), "QUORUM_NOT_MET");
  EXPECT_EQ(FlawName(Flaw::kEntryChanged), "ENTRY_CHANGED");
  EXPECT_EQ(FlawName(Flaw::kRootDiffers), "ROOT_DIFFERS");
  EXPECT_EQ(FlawName(Flaw::kStale), "STALE");
}

TEST(FindingsTest, EveryVerdictHasItsOwnExitCode) {
  std::set<int> codes;
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(Verdict::kValid); ++i) {
    const auto verdict = static_cast<Verdict>(i);
    EXPECT_TRUE(codes.insert(static_cast<int>(ExitCodeOf(verdict))).second) << i;
    EXPECT_TRUE(words.insert(VerdictWord(verdict).In(Language::kEnglish)).second) << i;
    EXPECT_TRUE(words.insert(VerdictSentence(verdict).In(Language::kFrench)).second) << i;
  }
  EXPECT_TRUE(codes.contains(0));
}

TEST(FindingsTest, NamesTheEntryAndTheFile) {
  EXPECT_EQ(FindingText({.flaw = Flaw::kEntryChanged, .file = "tile/entries/001", .entry = 300},
                        Language::kEnglish),
            "tile/entries/001: entry 300 is not the one that was signed");
  EXPECT_EQ(FindingText({.flaw = Flaw::kEntryIndex, .file = "f", .entry = 3, .number = 4},
                        Language::kFrench),
            "f : l'entrée 3 dit d'elle-même qu'elle est l'entrée 4");
}

}  // namespace
}  // namespace jalon::cli
