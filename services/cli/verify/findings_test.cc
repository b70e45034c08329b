#include "services/cli/verify/findings.h"

#include <gtest/gtest.h>

#include <set>

#include "eventstore/trail/tile.h"

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

std::string Sentence(const Finding& finding) {
  return std::string(SentenceOf(finding).In(Language::kEnglish));
}

// Whoever holds the key is accused of what the key did, and of nothing else.
TEST(FindingsTest, TheSentenceSaysWhoDidWhat) {
  for (const Flaw flaw : {Flaw::kEntryIndex, Flaw::kEntryTrail, Flaw::kEntryEnvelope,
                          Flaw::kEntryTooLong, Flaw::kOriginOfOtherEntries}) {
    const std::string said = Sentence({.flaw = flaw});
    EXPECT_TRUE(said.starts_with("the key signed")) << said;
    EXPECT_EQ(said.find("ask for"), said.npos) << said;
  }
  EXPECT_TRUE(Sentence({.flaw = Flaw::kQuorumNotMet}).starts_with("the key signed it, but"));
  EXPECT_TRUE(Sentence({.flaw = Flaw::kNoKnownSignature}).starts_with("whoever holds the key"));
  EXPECT_TRUE(Sentence({.flaw = Flaw::kEntryChanged}).starts_with("this is not what was signed"));
  EXPECT_EQ(SentenceOf(Finding{.flaw = Flaw::kEntryChanged}).In(Language::kFrench),
            "ce n'est pas ce qui a été signé; gardez cette exportation, et demandez-en une "
            "nouvelle");
  EXPECT_TRUE(SentenceOf(std::nullopt).In(Language::kEnglish).starts_with("the entries are those"));
}

// A holder's bad file says nothing against the export, unless it shows what was signed.
TEST(FindingsTest, TheSentenceOfAHoldersOwnFileIsNotAboutTheExport) {
  for (const Flaw flaw : {Flaw::kProofFails, Flaw::kCheckpointChanged, Flaw::kSignatureFails,
                          Flaw::kNotUtf8, Flaw::kOtherOrigin}) {
    const std::string said = Sentence({.flaw = flaw, .is_held = true});
    EXPECT_TRUE(said.starts_with("the entries are those that the key signed, but a file that you"))
        << said;
  }
  EXPECT_TRUE(Sentence({.flaw = Flaw::kForked, .is_held = true}).starts_with("two histories"));
  EXPECT_TRUE(Sentence({.flaw = Flaw::kTruncated, .is_held = true}).starts_with("the trail was"));
  for (const Flaw flaw : {Flaw::kProofFails, Flaw::kFileMissing}) {
    const std::string said = Sentence({.flaw = flaw, .file = trail::kRootProofFile});
    EXPECT_TRUE(said.starts_with("the entries are those that the key signed, but not")) << said;
  }
  const std::string said = Sentence({.flaw = Flaw::kOriginOfNoKey, .file = trail::kRootProofFile});
  EXPECT_NE(said.find("root log's key"), said.npos) << said;
}

}  // namespace
}  // namespace jalon::cli
