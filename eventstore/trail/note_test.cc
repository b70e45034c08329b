#include "eventstore/trail/note.h"

#include <gtest/gtest.h>

#include "eventstore/trail/base64.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/trail_testing.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kExampleKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kExampleNote =
    "This is an example message.\n\n\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";

constexpr std::string_view kCheckpointText =
    "audit.example/cfp-nord/trail/1\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";
constexpr std::string_view kLogLine =
    "\u2014 audit.example/cfp-nord/trail/1 "
    "FdBfiggQrxLZ4WMhU/wlUEnbba+cRwik/ZAisFA79bNtwUmvvlIx8+NZK60yTbcauovK9gk9HHXYW9Me7/"
    "5Cc7XxsQM=\n";
constexpr std::string_view kWitnessLine =
    "\u2014 witness.example/w1 "
    "IDJKvgAAAABpVbkAtBl0i2W8oojN73FFU2KNUn1y1jap64dYVNmttA8S98NUH3fF7Cihv9oNX3RAtkXJjg+"
    "NiiSz1TAwQJXrzJqfDQ==\n";
constexpr std::string_view kLogKeyText =
    "audit.example/cfp-nord/trail/1+15d05f8a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
constexpr std::string_view kWitnessKeyText =
    "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";

// The example of C2SP tlog-checkpoint, and with the witness's line of tlog-cosignature. The keys
// are not published, and the log's line is of a key of another name.
constexpr std::string_view kSofaText =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
constexpr std::string_view kSofaLogLine =
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
    "\n";
constexpr std::string_view kSofaWitnessLine =
    "\u2014 witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/"
    "zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBI"
    "fZ+qnA==\n";
constexpr uint64_t kSofaTime = 1679315147;
// What tlog-cosignature says that the witness signs.
constexpr std::string_view kSofaSigned =
    "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

std::string Together(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

const std::string kCheckpoint = Together({kCheckpointText, "\n", kLogLine, kWitnessLine});

Flaw FlawOf(std::string_view bytes) {
  const auto note = ParseNote(bytes);
  EXPECT_FALSE(note) << bytes;
  return note ? Flaw::kStale : note.error();
}

VerifierKey Key(std::string_view text) {
  auto key = ParseVerifierKey(text);
  EXPECT_TRUE(key) << text;
  return key.value_or(VerifierKey{});
}

std::vector<size_t> SignersOf(std::string_view bytes, const std::vector<VerifierKey>& keys) {
  std::vector<size_t> signers;
  const auto signed_by = OpenNote(ParseNote(bytes).value(), keys);
  if (!signed_by) return signers;
  for (const SignedBy& by : *signed_by) signers.push_back(by.key);
  return signers;
}

TEST(PublishedExampleTest, ACheckpointIsReadAndWrittenByteForByte) {
  for (const std::string& bytes : {Together({kSofaText, "\n", kSofaLogLine}),
                                   Together({kSofaText, "\n", kSofaLogLine, kSofaWitnessLine})}) {
    const auto note = ParseNote(bytes);
    ASSERT_TRUE(note);
    EXPECT_EQ(FormatNote(*note), bytes);
    const auto checkpoint = ParseCheckpoint(note->text);
    ASSERT_TRUE(checkpoint);
    EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
    EXPECT_EQ(checkpoint->size, 20852163U);
    EXPECT_EQ(FormatCheckpoint(*checkpoint), kSofaText);
  }
}

TEST(PublishedExampleTest, AWitnessSignsItAsPublished) {
  const auto note = ParseNote(Together({kSofaText, "\n", kSofaLogLine, kSofaWitnessLine}));
  ASSERT_TRUE(note);
  const SignatureLine& published = note->lines[1];
  EXPECT_EQ(published.name, "witness.example.com/w1");
  EXPECT_EQ(published.key_id, 0x8d66cf3fU);
  ASSERT_EQ(published.signature.size(), 72U);
  const std::string time = published.signature.substr(0, 8);
  EXPECT_EQ(time, Unhex("00000000641850cb"));
  // By a key of ours, since theirs is not published: all but the signature itself is equal, and
  // that is the key's of the published message.
  const SignatureLine ours = Cosign(kSofaText, WitnessKey(), kSofaTime);
  EXPECT_EQ(ours.signature, time + WitnessKey().Sign(kSofaSigned));
  const Note cosigned{.text = std::string(kSofaText), .lines = {note->lines[0], published, ours}};
  const auto by = OpenNote(cosigned, std::vector{WitnessKey().verifier()});
  ASSERT_TRUE(by);
  ASSERT_EQ(by->size(), 1U);
  EXPECT_EQ(by->front().time, kSofaTime);
}

TEST(KeyTest, ReadsAndWritesThePublishedKeys) {
  for (const std::string_view text : {kExampleKey, kLogKeyText, kWitnessKeyText}) {
    EXPECT_EQ(FormatVerifierKey(Key(text)), text);
  }
  EXPECT_EQ(FormatVerifierKey(LogKey().verifier()), kLogKeyText);
  EXPECT_EQ(FormatVerifierKey(WitnessKey().verifier()), kWitnessKeyText);
}

TEST(KeyTest, ASignerKeyIsReadBack) {
  const std::string text = LogKey().Format();
  EXPECT_TRUE(text.starts_with("PRIVATE+KEY+audit.example/cfp-nord/trail/1+15d05f8a+AQABAg"));
  const auto key = SignerKey::Parse(text);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->verifier(), LogKey().verifier());
  EXPECT_EQ(key->Sign("x"), LogKey().Sign("x"));
  EXPECT_EQ(SignerKey::Parse(kLogKeyText).error(), Flaw::kVerifierKey);
  EXPECT_EQ(ParseVerifierKey(text).error(), Flaw::kVerifierKey);
}

TEST(KeyTest, AnotherFormIsNoKey) {
  for (const std::string_view text :
       {"", "a", "a+b", "a+00000000+", "a b+00000000+AQ==",
        // another ID, a shorter one, one byte too few, a type that is not known, no name
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d90+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"}) {
    EXPECT_FALSE(ParseVerifierKey(text)) << text;
  }
}

TEST(NoteTest, OpensThePublishedExample) {
  const auto note = ParseNote(kExampleNote);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, "This is an example message.\n");
  EXPECT_EQ(FormatNote(*note), kExampleNote);
  EXPECT_EQ(SignersOf(kExampleNote, {Key(kExampleKey)}), std::vector<size_t>{0});
}

TEST(NoteTest, MakesThePublishedCheckpoint) {
  const std::string text(kCheckpointText);
  const Note note{.text = text,
                  .lines = {SignText(text, LogKey()), Cosign(text, WitnessKey(), 1767225600)}};
  EXPECT_EQ(FormatNote(note), kCheckpoint);
  const std::vector<VerifierKey> keys = {Key(kWitnessKeyText), Key(kLogKeyText)};
  const auto signed_by = OpenNote(note, keys);
  ASSERT_TRUE(signed_by);
  ASSERT_EQ(signed_by->size(), 2u);
  EXPECT_EQ(signed_by->at(0).key, 1u);
  EXPECT_EQ(signed_by->at(1).key, 0u);
  EXPECT_EQ(signed_by->at(1).time, 1767225600u);
}

TEST(NoteTest, ATextMayHoldEmptyLines) {
  const std::string text = "one\n\n\n\u2014 not a signature\n\ntwo\n";
  const std::string bytes = FormatNote({.text = text, .lines = {SignText(text, LogKey())}});
  EXPECT_EQ(ParseNote(bytes)->text, text);
  EXPECT_EQ(SignersOf(bytes, {LogKey().verifier()}), std::vector<size_t>{0});
}

TEST(NoteTest, LinesOfUnknownKeysAreIgnored) {
  const VerifierKey log = Key(kLogKeyText);
  VerifierKey same_name = LogKey("other.example").verifier();
  same_name.name = log.name;  // another ID
  VerifierKey same_id = log;
  same_id.name = "other.example";
  EXPECT_EQ(SignersOf(kCheckpoint, {same_name, same_id, log}), std::vector<size_t>{2});
  const Note note = ParseNote(kCheckpoint).value();
  EXPECT_EQ(OpenNote(note, std::vector{same_name, same_id}).error(), Flaw::kNoKnownSignature);
  EXPECT_EQ(OpenNote(note, {}).error(), Flaw::kNoKnownSignature);
}

TEST(NoteTest, AKnownKeyThatFailsVoidsAllOfIt) {
  Note note = ParseNote(kCheckpoint).value();
  const std::vector<VerifierKey> keys = {Key(kLogKeyText), Key(kWitnessKeyText)};
  for (size_t line = 0; line < note.lines.size(); ++line) {
    for (char& byte : note.lines[line].signature) {
      byte ^= 1;
      EXPECT_EQ(OpenNote(note, keys).error(), Flaw::kSignatureFails);
      byte ^= 1;
    }
  }
  note.text.replace(note.text.find("8"), 1, "7");
  EXPECT_EQ(OpenNote(note, keys).error(), Flaw::kSignatureFails);
}

TEST(NoteTest, ASignatureOfAnotherLengthFails) {
  Note note = ParseNote(kCheckpoint).value();
  const std::vector<VerifierKey> keys = {Key(kLogKeyText), Key(kWitnessKeyText)};
  for (SignatureLine& line : note.lines) {
    const std::string before = line.signature;
    for (const std::string& other : {before + '\0', before.substr(1), std::string("x")}) {
      line.signature = other;
      EXPECT_EQ(OpenNote(note, keys).error(), Flaw::kSignatureFails);
    }
    line.signature = before;
  }
}

TEST(NoteTest, AnotherFormIsMalformed) {
  const std::string text(kCheckpointText);
  EXPECT_EQ(FlawOf(""), Flaw::kNoLastNewline);
  EXPECT_EQ(FlawOf(kCheckpoint.substr(0, kCheckpoint.size() - 1)), Flaw::kNoLastNewline);
  EXPECT_EQ(FlawOf(text), Flaw::kNoSignatureBlock);
  EXPECT_EQ(FlawOf(text + "\n"), Flaw::kNoSignatureBlock);
  EXPECT_EQ(FlawOf(kCheckpoint + "\n"), Flaw::kNoSignatureBlock);
  EXPECT_EQ(FlawOf(Together({text, "\r\n", kLogLine})), Flaw::kControlCharacter);
  EXPECT_EQ(FlawOf(Together({"a\tb\n\n", kLogLine})), Flaw::kControlCharacter);
  EXPECT_EQ(FlawOf(Together({"\xff\n\n", kLogLine})), Flaw::kNotUtf8);
  EXPECT_EQ(FlawOf(Together({"\xc0\x80\n\n", kLogLine})), Flaw::kNotUtf8);      // overlong
  EXPECT_EQ(FlawOf(Together({"\xed\xa0\x80\n\n", kLogLine})), Flaw::kNotUtf8);  // a surrogate
  EXPECT_EQ(FlawOf(Together({"\xf4\x90\x80\x80\n\n", kLogLine})), Flaw::kNotUtf8);
  EXPECT_EQ(FlawOf(Together({"a\xe2\x80\n\n", kLogLine})), Flaw::kNotUtf8);
  EXPECT_EQ(FlawOf("a\n\n- a AAAAAAA=\n"), Flaw::kSignatureLine);  // another dash
  EXPECT_EQ(FlawOf("a\n\n\u2014a AAAAAAA=\n"), Flaw::kSignatureLine);
  EXPECT_EQ(FlawOf("a\n\n\u2014  AAAAAAA=\n"), Flaw::kSignatureLine);
  EXPECT_EQ(FlawOf("a\n\n\u2014 a+b AAAAAAA=\n"), Flaw::kSignatureLine);
  EXPECT_EQ(FlawOf("a\n\n\u2014 a\u00a0b AAAAAAA=\n"), Flaw::kSignatureLine);
  EXPECT_EQ(FlawOf("a\n\n\u2014 a AAAAAAA= \n"), Flaw::kSignatureBase64);
  EXPECT_EQ(FlawOf("a\n\n\u2014 a AAAAAA==\n"), Flaw::kSignatureBase64);  // an ID and no more
  EXPECT_EQ(FlawOf("a\n\n\u2014 a AAAAAAB=\n"), Flaw::kSignatureBase64);  // spare bits
  EXPECT_EQ(FlawOf(kCheckpoint + std::string(kLogLine)), Flaw::kSignatureRepeated);
}

TEST(NoteTest, SeventeenLinesAreFineAndSixtyFiveAreTooMany) {
  std::string bytes = Together({kCheckpointText, "\n", kLogLine});
  for (size_t lines = 2; lines <= kSignaturesMax + 1; ++lines) {
    bytes += "\u2014 w" + std::to_string(lines) + ".example AAAAAAA=\n";
    if (lines <= kSignaturesMax) {
      EXPECT_EQ(SignersOf(bytes, {Key(kLogKeyText)}), std::vector<size_t>{0}) << lines;
    } else {
      EXPECT_EQ(FlawOf(bytes), Flaw::kTooManySignatures);
    }
  }
}

// Whatever one bit of a note is turned, it is refused: no bit is without meaning but those of the
// name, ID and signature of a key that is not asked for.
TEST(NoteTest, EveryBitCounts) {
  const std::vector<VerifierKey> keys = {Key(kLogKeyText), Key(kWitnessKeyText)};
  for (size_t bit = 0; bit < kCheckpoint.size() * 8; ++bit) {
    std::string bytes = kCheckpoint;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const auto note = ParseNote(bytes);
    if (!note) continue;
    const auto signed_by = OpenNote(*note, keys);
    EXPECT_TRUE(!signed_by || signed_by->size() < 2) << bit << '\n' << bytes;
  }
}

TEST(CosignatureTest, ATimeBeyondTheRangeFails) {
  Note note = ParseNote(kCheckpoint).value();
  note.lines.erase(note.lines.begin());
  note.lines[0].signature[0] = '\x80';
  EXPECT_EQ(OpenNote(note, std::vector{Key(kWitnessKeyText)}).error(), Flaw::kSignatureFails);
}

}  // namespace
}  // namespace jalon::trail
