// Every byte of every file of a small export is changed, one at a time: each change is caught, or
// is one of those listed here as without meaning.
#include <gtest/gtest.h>

#include "eventstore/trail/note.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

// Where the line of a key that nobody asked for stands in a checkpoint. What it says of itself has
// no meaning to a reader without that key; that it is well-formed has.
struct Unasked {
  size_t begin = 0;
  size_t end = 0;
};

Unasked WitnessLineOf(const std::string& checkpoint) {
  const size_t begin = checkpoint.find("witness.example");
  EXPECT_NE(begin, checkpoint.npos);
  return {begin, checkpoint.size() - 1};
}

std::vector<std::string> SmallEvents() {
  std::vector<std::string> entries;
  for (uint64_t i = 0; i < 257; ++i) entries.push_back(TrailEvent(i, 3));
  return entries;
}

TEST(FlipTest, EveryByteOfASmallExportCounts) {
  const TempFolder temp;
  const auto folder = Export(temp, SmallEvents());
  Tamper(folder / "checkpoint", [](std::string& bytes) {
    Note note = ParseNote(bytes).value();
    note.lines.push_back(Cosign(note.text, WitnessKey(), 1'767'225'600));
    bytes = FormatNote(note);
  });
  ASSERT_EQ(Verified(folder).verdict, Verdict::kValid);
  size_t flipped = 0;
  size_t without_meaning = 0;
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const bool is_checkpoint = entry.path().filename() == "checkpoint";
    const std::string before = ReadAll(entry.path());
    const Unasked unasked = is_checkpoint ? WitnessLineOf(before) : Unasked{};
    for (size_t at = 0; at < before.size(); ++at) {
      std::string bytes = before;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));  // another bit in each
      WriteAll(entry.path(), bytes);
      const Report report = Verified(folder);
      ++flipped;
      if (report.verdict != Verdict::kValid) continue;
      EXPECT_TRUE(at >= unasked.begin && at < unasked.end) << entry.path() << " byte " << at;
      ++without_meaning;
    }
    WriteAll(entry.path(), before);
  }
  ASSERT_EQ(Verified(folder).verdict, Verdict::kValid);
  EXPECT_EQ(files, 6u);  // checkpoint, two bundles, two tiles of leaves, one above
  EXPECT_GT(flipped, 25'000u);
  EXPECT_GT(without_meaning, 0u);

  // With the witness's key asked for, nothing is without meaning.
  Question question{.folder = folder};
  question.policy =
      ParsePolicy("witness w " + FormatVerifierKey(WitnessKey().verifier()) + "\nquorum w\n")
          .value();
  const std::string before = ReadAll(folder / "checkpoint");
  const Unasked asked = WitnessLineOf(before);
  for (size_t at = asked.begin; at < asked.end; ++at) {
    std::string bytes = before;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    WriteAll(folder / "checkpoint", bytes);
    EXPECT_NE(Verified(question).verdict, Verdict::kValid) << at;
  }
}

}  // namespace
}  // namespace jalon::trail
