// The table of tamperings, row by row, each with its verdict.
#include <gtest/gtest.h>

#include <algorithm>

#include "eventstore/trail/base64.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

constexpr uint64_t kSize = 700;  // two full bundles and a partial one, one partial tile above

class TamperTest : public testing::Test {
 protected:
  // Is so, of this export, with this verdict and first flaw.
  void Expect(const Question& question, Verdict verdict, Flaw flaw) {
    const Report report = Verified(question);
    EXPECT_EQ(report.verdict, verdict) << Describe(report);
    EXPECT_EQ(FirstFlaw(report), flaw) << Describe(report);
  }
  void Expect(const std::filesystem::path& folder, Verdict verdict, Flaw flaw) {
    Expect(About(folder), verdict, flaw);
  }
  void ExpectEntry(const std::filesystem::path& folder, Flaw flaw, uint64_t index) {
    const Report report = Verified(folder);
    EXPECT_EQ(report.verdict, VerdictOf(flaw)) << Describe(report);
    ASSERT_FALSE(report.findings.empty());
    EXPECT_EQ(report.findings[0].flaw, flaw) << Describe(report);
    EXPECT_EQ(report.findings[0].entry, index) << Describe(report);
  }
  static Question About(const std::filesystem::path& folder) {
    Question question;
    question.folder = folder;
    return question;
  }
  // Where an entry's bytes begin in its bundle of a trail of kSize entries.
  size_t PlaceOfEntry(uint64_t index) const {
    size_t place = 2;
    for (uint64_t i = index / 256 * 256; i < index; ++i) place += 2 + entries_[i].size();
    return place;
  }
  void TamperCheckpoint(const std::filesystem::path& folder,
                        const std::function<void(Note&)>& change) {
    Tamper(folder / "checkpoint", [&](std::string& bytes) {
      Note note = ParseNote(bytes).value();
      change(note);
      bytes = FormatNote(note);
    });
  }
  void ReplaceIn(const std::filesystem::path& file, std::string_view what,
                 std::string_view instead) {
    Tamper(file,
           [&](std::string& bytes) { bytes.replace(bytes.find(what), what.size(), instead); });
  }

  TempFolder temp_;
  std::vector<std::string> entries_ = TrailEvents(kSize);
  std::filesystem::path folder_ = Export(temp_, entries_);
};

TEST_F(TamperTest, NothingIsWrongBefore) {
  const Report report = Verified(folder_);
  EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
  EXPECT_EQ(report.entries, kSize);
  EXPECT_EQ(report.trail, "garage00");
  EXPECT_EQ(report.last_recorded_at - report.first_recorded_at, static_cast<int64_t>(kSize) - 1);
}

// Row: a bit flipped in an entry, a bundle, a tile, a root, a signature.
TEST_F(TamperTest, ABitOfAnEntryNamesTheEntry) {
  for (const uint64_t index : {0, 255, 256, 400, 512, 699}) {
    const auto folder = Export(temp_, entries_);
    const std::string file = BundlePath(index / 256, index < 512 ? 256 : kSize - 512);
    Tamper(folder / file, [&](std::string& bytes) {
      bytes[PlaceOfEntry(index) + entries_[index].size() - 1] ^= 1;
    });
    ExpectEntry(folder, Flaw::kEntryChanged, index);
    EXPECT_EQ(Verified(folder).findings[0].file, file);
    EXPECT_EQ(Verified(folder).findings_total, 1u);
  }
}

TEST_F(TamperTest, ABitOfALengthNamesTheEntry) {
  for (const int byte : {-2, -1}) {
    const auto folder = Export(temp_, entries_);
    Tamper(folder / BundlePath(1, 256),
           [&](std::string& bytes) { bytes[PlaceOfEntry(300) + byte] ^= 1; });
    const Report report = Verified(folder);
    EXPECT_EQ(report.verdict, Verdict::kAltered);
    EXPECT_EQ(report.findings[0].entry, 300u) << Describe(report);
  }
}

TEST_F(TamperTest, ABitOfATileNamesTheTile) {
  for (const std::string file :
       {"tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"}) {
    const auto folder = Export(temp_, entries_);
    Tamper(folder / file, [](std::string& bytes) { bytes[bytes.size() - 1] ^= 0x10; });
    const Report report = Verified(folder);
    EXPECT_EQ(report.verdict, Verdict::kAltered);
    ASSERT_EQ(report.findings_total, 1u) << Describe(report);
    EXPECT_EQ(report.findings[0].flaw, Flaw::kTileChanged);
    EXPECT_EQ(report.findings[0].file, file);
    EXPECT_EQ(report.findings[0].number, ReadAll(folder / file).size() / 32 - 1);
  }
}

TEST_F(TamperTest, ABitOfTheRootOrTheSignatureIsAltered) {
  TamperCheckpoint(folder_, [](Note& note) {
    Checkpoint checkpoint = ParseCheckpoint(note.text).value();
    checkpoint.root[7] ^= 0x20;
    note.text = FormatCheckpoint(checkpoint);
  });
  Expect(folder_, Verdict::kAltered, Flaw::kCheckpointChanged);
  for (const size_t byte : {0, 31, 32, 63}) {
    const auto folder = Export(temp_, entries_);
    TamperCheckpoint(folder, [&](Note& note) { note.lines[0].signature[byte] ^= 0x04; });
    Expect(folder, Verdict::kAltered, Flaw::kCheckpointChanged);
  }
}

TEST_F(TamperTest, ABitOfTheKeysNameOrIdIsUnsigned) {
  TamperCheckpoint(folder_, [](Note& note) { note.lines[0].name[0] ^= 1; });
  Expect(folder_, Verdict::kUnsigned, Flaw::kNoKnownSignature);
  const auto folder = Export(temp_, entries_);
  TamperCheckpoint(folder, [](Note& note) { note.lines[0].key_id ^= 1; });
  Expect(folder, Verdict::kUnsigned, Flaw::kNoKnownSignature);
}

// Row: two entries swapped; one duplicated; ciphertext moved between records. In a rewritten export
// under the old checkpoint, and in one that was signed so.
TEST_F(TamperTest, SwappedAndDuplicatedEntriesAreAltered) {
  const std::string checkpoint = ReadAll(folder_ / "checkpoint");
  auto swapped = entries_;
  std::swap(swapped[300], swapped[301]);
  auto duplicated = entries_;
  duplicated[300] = duplicated[301];
  auto moved = entries_;  // the payload of one event in another one's envelope
  const size_t payload = moved[300].find("300");
  ASSERT_NE(payload, std::string::npos);
  moved[300].replace(payload, 3, "250");
  for (const auto& entries : {swapped, duplicated, moved}) {
    const auto folder = Export(temp_, entries);
    WriteAll(folder / "checkpoint", checkpoint);
    Expect(folder, Verdict::kAltered, Flaw::kRootDiffers);  // the tiles were rewritten too
    std::filesystem::copy(folder_ / "tile/0", folder / "tile/0",
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy(folder_ / "tile/1", folder / "tile/1",
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    ExpectEntry(folder, Flaw::kEntryChanged, 300);
  }
  ExpectEntry(Export(temp_, swapped), Flaw::kEntryIndex, 300);
  ExpectEntry(Export(temp_, duplicated), Flaw::kEntryIndex, 300);
}

TEST_F(TamperTest, AnEntryOfAnotherTrailIsAltered) {
  for (const uint64_t index : {256, 300, 699}) {
    auto entries = entries_;
    entries[index] = TrailEvent(index, 40, "bakery00");
    const Report report = Verified(Export(temp_, entries));
    EXPECT_EQ(report.verdict, Verdict::kAltered);
    EXPECT_EQ(FirstFlaw(report), Flaw::kEntryTrail);
  }
}

// Row: the last k entries dropped, the same checkpoint.
TEST_F(TamperTest, EntriesMissingUnderTheSameCheckpointAreAltered) {
  const std::string checkpoint = ReadAll(folder_ / "checkpoint");
  for (const size_t dropped : {1, 3, 188, 189, 700}) {
    auto entries = entries_;
    entries.resize(kSize - dropped);
    const auto folder = Export(temp_, entries);
    WriteAll(folder / "checkpoint", checkpoint);
    Expect(folder, Verdict::kAltered, Flaw::kFileMissing);
  }
  // Also where the last bundle keeps its name.
  Tamper(folder_ / BundlePath(2, 188),
         [&](std::string& bytes) { bytes.resize(PlaceOfEntry(697) - 2); });
  ExpectEntry(folder_, Flaw::kBundleFraming, 697);
}

// Row: the last k dropped, and a smaller tree signed.
TEST_F(TamperTest, AShorterTreeIsExposedByWhatIsHeldOutside) {
  auto entries = entries_;
  entries.resize(kSize - 3);
  const auto folder = Export(temp_, entries);
  EXPECT_EQ(Verified(folder).verdict, Verdict::kValid);  // alone, it shows nothing

  Question question = About(folder);
  question.older = {OlderOf(entries_, 500), OlderOf(entries_, kSize)};
  Expect(question, Verdict::kTruncated, Flaw::kTruncated);
  question.older = {OlderOf(entries_, 500), OlderOf(entries_, kSize - 3)};
  EXPECT_EQ(Verified(question).verdict, Verdict::kValid);

  question.older.clear();
  question.receipts = {ReceiptByLine(entries_[698], 698)};
  Expect(question, Verdict::kReceiptMissing, Flaw::kReceiptMissing);
  question.receipts = {ReceiptOf(entries_, 698, kSize)};
  Expect(question, Verdict::kReceiptMissing, Flaw::kReceiptMissing);
  question.receipts = {ReceiptOf(entries_, 5, kSize)};  // there, but its tree was longer
  Expect(question, Verdict::kTruncated, Flaw::kTruncated);
  question.receipts = {ReceiptByLine(entries_[5], 5), ReceiptOf(entries_, 5, 600)};
  EXPECT_EQ(Verified(question).verdict, Verdict::kValid);
}

TEST_F(TamperTest, AnOldCheckpointIsStaleByPolicy) {
  const std::string vkey = FormatVerifierKey(WitnessKey().verifier());
  Question question = About(folder_);
  question.policy = ParsePolicy("witness w1 " + vkey + "\nquorum w1\n").value();
  Expect(question, Verdict::kUnsigned, Flaw::kQuorumNotMet);
  TamperCheckpoint(folder_, [](Note& note) {
    note.lines.push_back(Cosign(note.text, WitnessKey(), 1'767'225'600));
  });
  question.since_s = 1'767'225'600;
  const Report report = Verified(question);
  EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
  ASSERT_EQ(report.cosigned.size(), 1u);
  EXPECT_EQ(report.cosigned[0].witness, "witness.example/w1");
  question.since_s = 1'767'225'601;
  Expect(question, Verdict::kStale, Flaw::kStale);
  question.since_s.reset();
  TamperCheckpoint(folder_, [](Note& note) { note.lines[1].signature[20] ^= 1; });
  Expect(question, Verdict::kUnsigned, Flaw::kSignatureFails);  // a known key: all of it is void
}

// Row: a rewritten tree, signed with the true key.
TEST_F(TamperTest, ARewrittenTreeIsForked) {
  auto entries = entries_;
  entries[400] = TrailEvent(400, 33);
  const auto folder = Export(temp_, entries);
  EXPECT_EQ(Verified(folder).verdict, Verdict::kValid);  // alone, it shows nothing
  for (const size_t size : {401, 500, 699, 700}) {
    Question question = About(folder);
    question.older = {OlderOf(entries_, size)};
    Expect(question, Verdict::kForked, Flaw::kForked);
    question.older.clear();
    question.receipts = {ReceiptOf(entries_, 7, size)};
    Expect(question, Verdict::kForked, Flaw::kForked);
  }
  Question question = About(folder);
  question.older = {OlderOf(entries_, 400)};  // before it was rewritten
  EXPECT_EQ(Verified(question).verdict, Verdict::kValid);
  question.older.clear();
  question.receipts = {ReceiptByLine(entries_[400], 400)};
  Expect(question, Verdict::kForked, Flaw::kReceiptOtherEntry);
}

// Row: a fork at each size n.
TEST_F(TamperTest, AForkAtAnySizeIsForked) {
  const auto events = TrailEvents(40);
  for (size_t forked_at = 0; forked_at < 40; ++forked_at) {
    auto entries = events;
    entries[forked_at] = TrailEvent(forked_at, 90);
    Question question = About(Export(temp_, entries));
    for (size_t size = 0; size <= 40; ++size) {
      question.older = {OlderOf(events, size)};
      const Verdict expected = size <= forked_at ? Verdict::kValid : Verdict::kForked;
      EXPECT_EQ(Verified(question).verdict, expected) << forked_at << ' ' << size;
    }
  }
}

// Row: another trail's checkpoint or key.
TEST_F(TamperTest, AnotherTrailsCheckpointOrKeyIsOfTheWrongOrigin) {
  Question question = About(folder_);
  question.keys = {LogKey("audit.example/cfp-nord/trail/2").verifier()};
  Expect(question, Verdict::kWrongOrigin, Flaw::kOriginOfNoKey);
  question.keys = {WitnessKey().verifier()};
  Expect(question, Verdict::kWrongOrigin, Flaw::kOriginOfNoKey);

  question.keys.clear();
  question.older = {OlderOf(entries_, 10, LogKey("audit.example/cfp-nord/trail/2"))};
  Expect(question, Verdict::kWrongOrigin, Flaw::kOriginOfNoKey);
  question.older = {OlderOf(entries_, 10, LogKey(kReceiptsOrigin))};
  Expect(question, Verdict::kWrongOrigin, Flaw::kOtherOrigin);
  question.older.clear();
  question.receipts = {ReceiptByLine(entries_[5], 5, "audit.example/cfp-nord/trail/2")};
  Expect(question, Verdict::kWrongOrigin, Flaw::kOtherOrigin);

  WriteAll(
      folder_ / "checkpoint",
      ReadAll(Export(temp_, entries_, LogKey("audit.example/cfp-nord/trail/2")) / "checkpoint"));
  Expect(folder_, Verdict::kWrongOrigin, Flaw::kOriginOfNoKey);
}

// Row: a wrong key; a known key whose signature fails.
TEST_F(TamperTest, AWrongKeyIsUnsigned) {
  Question question = About(folder_);
  question.keys = {SignerKey(std::string(kOrigin), KeyType::kLog, SeedFrom(9)).verifier()};
  Expect(question, Verdict::kUnsigned, Flaw::kNoKnownSignature);

  // Another key's signature under the true one's name and ID.
  const SignerKey forger(std::string(kOrigin), KeyType::kLog, SeedFrom(9));
  TamperCheckpoint(folder_, [&](Note& note) {
    note.lines[0].signature = SignText(note.text, forger).signature;
  });
  Expect(folder_, Verdict::kUnsigned, Flaw::kSignatureFails);
  TamperCheckpoint(folder_, [&](Note& note) {  // beside the true one, too
    note.lines.insert(note.lines.begin(), SignText(note.text, LogKey()));
  });
  Expect(folder_, Verdict::kUnsigned, Flaw::kSignatureFails);
}

// Row: CRLF; trailing space; missing last newline; leading zero in the size; a fourth line.
TEST_F(TamperTest, AnotherSpellingIsMalformed) {
  const auto file = folder_ / "checkpoint";
  const std::string before = ReadAll(file);
  const auto expect = [&](std::string_view what, std::string_view instead, Flaw flaw) {
    ReplaceIn(file, what, instead);
    Expect(folder_, Verdict::kMalformed, flaw);
    WriteAll(file, before);
  };
  expect("trail/1\n", "trail/1\r\n", Flaw::kControlCharacter);
  expect("trail/1\n", "trail/1 \n", Flaw::kCheckpointOrigin);
  expect("\n700\n", "\n700 \n", Flaw::kCheckpointSize);
  expect("=\n\n", "= \n\n", Flaw::kCheckpointRoot);
  expect("\n700\n", "\n0700\n", Flaw::kCheckpointSize);
  expect("=\n\n", "=\na fourth line\n\n", Flaw::kCheckpointLines);
  Tamper(file, [](std::string& bytes) { bytes.pop_back(); });
  Expect(folder_, Verdict::kMalformed, Flaw::kNoLastNewline);
  WriteAll(file, before + " \n");
  Expect(folder_, Verdict::kMalformed, Flaw::kSignatureLine);
}

// Row: non-canonical base64; duplicated signature line.
TEST_F(TamperTest, ASecondSpellingIsMalformed) {
  const auto file = folder_ / "checkpoint";
  const std::string before = ReadAll(file);
  Tamper(file, [](std::string& bytes) {  // 32 bytes leave two spare bits before the '='
    char& last = bytes[bytes.find("=\n\n") - 1];
    ++last;
  });
  Expect(folder_, Verdict::kMalformed, Flaw::kCheckpointRoot);
  WriteAll(file, before);
  Tamper(file, [](std::string& bytes) { ++bytes[bytes.size() - 3]; });
  Expect(folder_, Verdict::kMalformed, Flaw::kSignatureBase64);
  WriteAll(file, before + before.substr(before.find("\n\n") + 2));
  Expect(folder_, Verdict::kMalformed, Flaw::kSignatureRepeated);
}

// Row: 17 signature lines; over the maximum.
TEST_F(TamperTest, SeventeenSignaturesAreFine) {
  TamperCheckpoint(folder_, [](Note& note) {
    for (uint32_t i = 1; i < 17; ++i) note.lines.push_back({"w.example", i, "signature"});
  });
  EXPECT_EQ(Verified(folder_).verdict, Verdict::kValid);
  TamperCheckpoint(folder_, [](Note& note) {
    for (uint32_t i = 17; i < 65; ++i) note.lines.push_back({"w.example", i, "signature"});
  });
  Expect(folder_, Verdict::kMalformed, Flaw::kTooManySignatures);
}

// Row: an entry of 65,536 bytes.
TEST_F(TamperTest, AnEntryThatTheFormatCannotHoldIsMalformed) {
  auto entries = TrailEvents(3);
  const auto folder = Export(temp_, entries);
  entries[1] = TrailEvent(1, 65'536 - (TrailEvent(1, 65'000).size() - 65'000));
  ASSERT_EQ(entries[1].size(), 65'536u);
  std::string bundle;
  std::string tile;
  for (const std::string& entry : entries) {
    bundle += static_cast<char>(entry.size() >> 8 & 0xff);
    bundle += static_cast<char>(entry.size() & 0xff);
    bundle += entry;
    tile += View(LeafHash(entry));
  }
  WriteAll(folder / BundlePath(0, 3), bundle);
  WriteAll(folder / TilePath({0, 0, 3}), tile);
  WriteAll(folder / "checkpoint", SignedCheckpoint(entries, LogKey()));
  ExpectEntry(folder, Flaw::kEntryTooLong, 1);
  EXPECT_EQ(Verified(folder).verdict, Verdict::kMalformed);
}

TEST_F(TamperTest, AnEntryThatIsNoEventIsMalformed) {
  auto entries = entries_;
  entries[511] = "no event";
  ExpectEntry(Export(temp_, entries), Flaw::kEntryEnvelope, 511);
}

// Row: an empty tree.
TEST_F(TamperTest, AnEmptyTrailIsValid) {
  const auto folder = Export(temp_, {});
  const Report report = Verified(folder);
  EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
  EXPECT_EQ(report.checkpoint->size, 0u);
  Question question = About(folder);
  question.older = {OlderOf({}, 0)};
  EXPECT_EQ(Verified(question).verdict, Verdict::kValid);
  question.folder = folder_;
  EXPECT_EQ(Verified(question).verdict, Verdict::kValid);
}

TEST_F(TamperTest, AFileThatIsNotThereIsNamed) {
  for (const std::string file :
       {"tile/0/001", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/188"}) {
    const auto folder = Export(temp_, entries_);
    std::filesystem::remove(folder / file);
    const Report report = Verified(folder);
    EXPECT_EQ(report.verdict, Verdict::kAltered) << file;
    EXPECT_EQ(FirstFlaw(report), Flaw::kFileMissing) << file;
    EXPECT_EQ(report.findings[0].file, file);
  }
  std::filesystem::remove_all(folder_ / "tile/0");
  std::filesystem::remove_all(folder_ / "tile/entries");
  Expect(folder_, Verdict::kAltered, Flaw::kFileMissing);
}

TEST_F(TamperTest, AFolderWithoutACheckpointClaimsNothing) {
  std::filesystem::remove(folder_ / "checkpoint");
  const auto verified = VerifyExport({.folder = folder_, .keys = {LogKey().verifier()}});
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().reason, "NOT_READ");
}

TEST_F(TamperTest, AReceiptThatProvesNothingIsRefused) {
  Question question = About(folder_);
  Evidence receipt = ReceiptByLine(entries_[5], 5);
  const std::string bytes = receipt.bytes;
  receipt.entry = entries_[5];
  question.receipts = {receipt};
  EXPECT_EQ(Verified(question).verdict, Verdict::kValid);
  receipt.entry = entries_[6];  // another entry lies beside it
  question.receipts = {receipt};
  Expect(question, Verdict::kAltered, Flaw::kProofFails);
  receipt.entry.reset();
  receipt.bytes.replace(bytes.find("index 1"), 7, "index 2");
  question.receipts = {receipt};
  Expect(question, Verdict::kAltered, Flaw::kProofFails);
  receipt.bytes = bytes + "x\n";
  question.receipts = {receipt};
  Expect(question, Verdict::kMalformed, Flaw::kSignatureLine);
  receipt = ReceiptOf(entries_, 5, 600);
  receipt.entry = entries_[6];
  question.receipts = {receipt};
  Expect(question, Verdict::kAltered, Flaw::kProofFails);
}

}  // namespace
}  // namespace jalon::trail
