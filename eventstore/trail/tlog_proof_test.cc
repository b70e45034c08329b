#include "eventstore/trail/tlog_proof.h"

#include <gtest/gtest.h>

#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/trail_testing.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kEvidence =
    "c2sp.org/tlog-proof@v1\n"
    "index 5\n"
    "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=\n"
    "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=\n"
    "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=\n"
    "\n"
    "audit.example/cfp-nord/trail/1\n"
    "8\n"
    "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    "\n"
    "\u2014 audit.example/cfp-nord/trail/1 "
    "FdBfiggQrxLZ4WMhU/wlUEnbba+cRwik/ZAisFA79bNtwUmvvlIx8+NZK60yTbcauovK9gk9HHXYW9Me7/"
    "5Cc7XxsQM=\n";

Flaw FlawOf(std::string bytes) {
  const auto proof = ParseTlogProof(bytes);
  EXPECT_FALSE(proof) << bytes;
  return proof ? Flaw::kStale : proof.error();
}

std::string With(std::string_view what, std::string_view instead) {
  std::string bytes(kEvidence);
  const size_t at = bytes.find(what);
  EXPECT_NE(at, bytes.npos);
  return bytes.replace(at, what.size(), instead);
}

TEST(TlogProofTest, ThePublishedEvidenceProvesItsEntry) {
  const auto proof = ParseTlogProof(kEvidence);
  ASSERT_TRUE(proof);
  EXPECT_EQ(FormatTlogProof(*proof), kEvidence);
  EXPECT_EQ(proof->extra, std::nullopt);
  const auto note = ParseNote(proof->checkpoint);
  ASSERT_TRUE(note);
  EXPECT_TRUE(OpenNote(*note, std::vector{LogKey().verifier()}));
  const auto checkpoint = ParseCheckpoint(note->text);
  ASSERT_TRUE(checkpoint);
  const Hash leaf = LeafHash(Unhex("40414243"));
  EXPECT_TRUE(VerifyInclusion(5, checkpoint->size, leaf, proof->hashes, checkpoint->root));
  EXPECT_FALSE(VerifyInclusion(4, checkpoint->size, leaf, proof->hashes, checkpoint->root));
}

// The example of C2SP tlog-proof, which leaves out most of its signatures: it is a form, and proves
// nothing.
TEST(TlogProofTest, ThePublishedFormIsReadAndWrittenByteForByte) {
  constexpr std::string_view kForm =
      "c2sp.org/tlog-proof@v1\n"
      "extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ\n"
      "index 73894\n"
      "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
      "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
      "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\n"
      "RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n"
      "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n"
      "\n"
      "example.com/fancylog\n"
      "109482\n"
      "sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n"
      "\n"
      "\u2014 example.com/fancylog hI2DJw[...]1roloI=\n"
      "\u2014 witness1.example mJirIklj[...]qY9v2B/5bg==\n"
      "\u2014 witness2.example TnKKVHLX[...]xwYwrSjgow==\n"
      "\u2014 witness3.example S4X82uH5[...]3oEcROGLFQ==\n";
  const auto proof = ParseTlogProof(kForm);
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->index, 73894U);
  EXPECT_EQ(proof->hashes.size(), 5U);
  EXPECT_TRUE(proof->extra->starts_with("age-v1.2.1-darwin-arm64.tar.gz"));
  EXPECT_EQ(FormatTlogProof(*proof), kForm);
  const std::string text = proof->checkpoint.substr(0, proof->checkpoint.find("\n\n") + 1);
  const auto checkpoint = ParseCheckpoint(text);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->size, 109482U);
  EXPECT_EQ(FormatCheckpoint(*checkpoint), text);
  EXPECT_EQ(ParseNote(proof->checkpoint).error(), Flaw::kSignatureBase64);
}

TEST(TlogProofTest, ExtraIsKept) {
  const TlogProof proof{.extra = std::string("\x00\xff", 2),
                        .index = 0,
                        .hashes = {},
                        .checkpoint = "o\n1\nr\n\nsignatures\n"};
  EXPECT_EQ(ParseTlogProof(FormatTlogProof(proof)), proof);
  const TlogProof empty{.extra = "", .index = 7, .hashes = {Hash{}}, .checkpoint = "o\n"};
  EXPECT_EQ(ParseTlogProof(FormatTlogProof(empty)), empty);
}

TEST(TlogProofTest, AnotherFormIsMalformed) {
  EXPECT_EQ(FlawOf(""), Flaw::kProofLines);
  EXPECT_EQ(FlawOf(With("@v1", "@v2")), Flaw::kProofLines);
  EXPECT_EQ(FlawOf(With("@v1\n", "@v1\r\n")), Flaw::kProofLines);
  EXPECT_EQ(FlawOf(With("index 5", "index 05")), Flaw::kProofIndex);
  EXPECT_EQ(FlawOf(With("index 5", "Index 5")), Flaw::kProofIndex);
  EXPECT_EQ(FlawOf(With("index 5\n", "")), Flaw::kProofIndex);
  EXPECT_EQ(FlawOf(With("index 5", "extra AR==\nindex 5")), Flaw::kProofExtra);
  EXPECT_EQ(FlawOf(With("index 5", "index 5\nextra AQ==")), Flaw::kProofHash);
  EXPECT_EQ(FlawOf(With("Znms=", "Znmt=")), Flaw::kProofHash);
  EXPECT_EQ(FlawOf(std::string(kEvidence.substr(0, 100))), Flaw::kProofLines);
  EXPECT_EQ(FlawOf(std::string(kEvidence.substr(0, kEvidence.find("\n\n") + 2))),
            Flaw::kProofLines);
  std::string hashes;
  for (int i = 0; i < 61; ++i) hashes += "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=\n";
  EXPECT_EQ(FlawOf(With("index 5\n", "index 5\n" + hashes)), Flaw::kProofHash);
}

TEST(ReceiptLineTest, HasOneSpelling) {
  const ReceiptLine line{.trail = std::string(kOrigin), .index = 12, .leaf = LeafHash("x")};
  const std::string text = FormatReceiptLine(line);
  EXPECT_EQ(ParseReceiptLine(text), line);
  for (std::string other : {text + '\n', text.substr(0, text.size() - 1), ' ' + text,
                            std::string("a 1\n"), std::string("a 01 b\n")}) {
    EXPECT_EQ(ParseReceiptLine(other), std::unexpected(Flaw::kReceiptLine)) << other;
  }
}

}  // namespace
}  // namespace jalon::trail
