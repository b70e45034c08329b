// Every byte of every file of a small export is changed, one at a time: each change is caught, or
// is one of those listed here as without meaning.
#include <gtest/gtest.h>

#include "eventstore/trail/note.h"
#include "eventstore/trail/tile.h"
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
  PublishedIn root(folder, 13);
  const std::string note = root.NoteOf(13, {root.CosignatureOf(13, 1'767'225'600)});
  root.Prove(13, note);
  root.ProveSince(6, 13, note);
  Question question{.folder = folder};
  question.keys = {LogKey().verifier(), LogKey(kRootOrigin).verifier()};
  question.older = {{.file = "kept", .bytes = root.NoteOf(6), .entry = {}}};
  question.published = true;
  ASSERT_EQ(Verified(question).verdict, Verdict::kValid);
  size_t flipped = 0;
  size_t without_meaning = 0;
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    // The checkpoint in root.consistency is that of root.tlog-proof, byte for byte.
    const bool is_checkpoint =
        entry.path().filename() == "checkpoint" || entry.path().filename() == kRootProofFile;
    const std::string before = ReadAll(entry.path());
    const Unasked unasked = is_checkpoint ? WitnessLineOf(before) : Unasked{};
    for (size_t at = 0; at < before.size(); ++at) {
      std::string bytes = before;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));  // another bit in each
      WriteAll(entry.path(), bytes);
      const Report report = Verified(question);
      ++flipped;
      if (report.verdict != Verdict::kValid) continue;
      EXPECT_TRUE(at >= unasked.begin && at < unasked.end) << entry.path() << " byte " << at;
      ++without_meaning;
    }
    WriteAll(entry.path(), before);
  }
  ASSERT_EQ(Verified(question).verdict, Verdict::kValid);
  // The checkpoint, two bundles, two tiles of leaves, one above, two files about the root log.
  EXPECT_EQ(files, 8u);
  EXPECT_GT(flipped, 25'000u);
  EXPECT_GT(without_meaning, 0u);

  // With the witness's key asked for, nothing is without meaning.
  question.older.clear();  // or any change of the root log's checkpoint is seen
  question.policy =
      ParsePolicy("witness w " + FormatVerifierKey(WitnessKey().verifier()) + "\nquorum w\n")
          .value();
  for (const std::string file : {"checkpoint", kRootProofFile}) {
    // Either line is enough for the quorum: the other one goes.
    const std::string other = file == "checkpoint" ? kRootProofFile : "checkpoint";
    Tamper(folder / other,
           [](std::string& bytes) { bytes.erase(bytes.rfind("\u2014 witness.example")); });
    ASSERT_EQ(Verified(question).verdict, Verdict::kValid);
    const std::string before = ReadAll(folder / file);
    const Unasked asked = WitnessLineOf(before);
    for (size_t at = asked.begin; at < asked.end; ++at) {
      std::string bytes = before;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
      WriteAll(folder / file, bytes);
      EXPECT_NE(Verified(question).verdict, Verdict::kValid) << file << at;
    }
    WriteAll(folder / file, before);
    root.Prove(13, note);
  }
}

}  // namespace
}  // namespace jalon::trail
