#include "eventstore/trail/policy.h"

#include <gtest/gtest.h>

#include "eventstore/base/hash.h"
#include "eventstore/trail/base64.h"
#include "eventstore/trail/trail_testing.h"

namespace jalon::trail {
namespace {

std::string Witness(uint8_t number, KeyType type = KeyType::kWitness) {
  return FormatVerifierKey(
      SignerKey("w" + std::to_string(number) + ".example", type, SeedFrom(number)).verifier());
}

std::string SixWitnesses() {
  std::string text = "# who must have seen it\n\n log\t" + FormatVerifierKey(LogKey().verifier()) +
                     "  https://audit.example/ \n";
  for (uint8_t i = 1; i <= 6; ++i) {
    text += "witness W" + std::to_string(i) + ' ' + Witness(i) + '\n';
  }
  return text + "group X 2 W1 W2 W3\ngroup Y any W4 W5 W6\ngroup both all X Y\n";
}

bool IsMet(const std::string& quorum, const std::vector<bool>& witnessed) {
  const auto policy = ParsePolicy(SixWitnesses() + "quorum " + quorum + '\n');
  EXPECT_TRUE(policy);
  return policy->IsMetBy(witnessed);
}

size_t BadLine(const std::string& text, Flaw flaw = Flaw::kPolicyLine) {
  const auto policy = ParsePolicy(text);
  EXPECT_FALSE(policy) << text;
  EXPECT_EQ(policy.error().flaw, flaw) << text;
  return policy.error().line;
}

TEST(PolicyTest, AQuorumIsCountedThroughItsGroups) {
  EXPECT_TRUE(IsMet("both", {true, true, false, false, false, true}));
  EXPECT_TRUE(IsMet("both", {true, true, true, true, true, true}));
  EXPECT_FALSE(IsMet("both", {true, false, false, true, true, true}));
  EXPECT_FALSE(IsMet("both", {true, true, true, false, false, false}));
  EXPECT_TRUE(IsMet("W4", {false, false, false, true, false, false}));
  EXPECT_FALSE(IsMet("W4", {true, true, true, false, true, true}));
  EXPECT_TRUE(IsMet("none", std::vector<bool>(6)));
}

TEST(PolicyTest, KnowsItsLogs) {
  const auto policy = ParsePolicy(SixWitnesses() + "quorum none\n");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->logs, std::vector{LogKey().verifier()});
  EXPECT_EQ(policy->witnesses.size(), 6u);
  EXPECT_FALSE(policy->NeedsWitnesses());
}

TEST(PolicyTest, ThereIsOneQuorum) {
  EXPECT_EQ(ParsePolicy("").error().flaw, Flaw::kPolicyQuorum);
  EXPECT_EQ(ParsePolicy(SixWitnesses()).error().flaw, Flaw::kPolicyQuorum);
  EXPECT_EQ(BadLine("quorum none\nquorum none\n"), 2u);
}

TEST(PolicyTest, APublicKeyStandsInItOnce) {
  const std::string one = "witness a " + Witness(1) + '\n';
  EXPECT_EQ(BadLine(one + "witness b " + Witness(1) + "\nquorum a\n", Flaw::kPolicyKeyTwice), 2u);
  const std::string log = "log " + FormatVerifierKey(LogKey().verifier()) + '\n';
  const std::string other = "log " + FormatVerifierKey(LogKey("audit.example/2").verifier()) + '\n';
  EXPECT_EQ(BadLine(log + other + "quorum none\n", Flaw::kPolicyKeyTwice), 2u);
  EXPECT_EQ(BadLine(log + "log nothing\nquorum none\n"), 2u);
}

// Such as of a post-quantum witness, in a policy that other tools read: its word would never count.
TEST(PolicyTest, AKeyOfAnotherTypeIsToldApartFromNoKey) {
  const std::string typed = "\x06" + std::string(1312, 'k');
  const Hash hash = Sha256({"pq.example\n", typed});
  const std::string id = ToHex(View(hash).substr(0, 4));
  const std::string key = "pq.example+" + id + "+" + ToBase64(typed);
  const std::string one = "witness a " + Witness(1) + '\n';
  EXPECT_EQ(BadLine(one + "witness b " + key + "\nquorum a\n", Flaw::kPolicyKeyType), 2u);
  EXPECT_EQ(BadLine(one + "log " + key + "\nquorum a\n", Flaw::kPolicyKeyType), 2u);
  // Another ID than the key's: no key.
  const std::string other = "pq.example+00000000+" + ToBase64(typed);
  EXPECT_EQ(BadLine(one + "witness b " + other + "\nquorum a\n"), 2u);
}

TEST(PolicyTest, AnotherFormIsMalformed) {
  const std::string one = "witness a " + Witness(1) + '\n';
  for (const std::string& line : {std::string("quorum b"),
                                  std::string("quorum"),
                                  std::string("quorum a a"),
                                  std::string("Quorum a"),
                                  "log " + Witness(1),
                                  "witness b " + Witness(2, KeyType::kLog),
                                  "witness a " + Witness(2),
                                  "witness none " + Witness(2),
                                  "witness b " + Witness(2) + " u v",
                                  std::string("witness b"),
                                  std::string("group g any"),
                                  std::string("group g 0 a"),
                                  std::string("group g 2 a"),
                                  std::string("group g 01 a"),
                                  std::string("group g some a"),
                                  std::string("group g any b"),
                                  std::string("group g any none"),
                                  std::string("group g 2 a a"),
                                  std::string("group a any a"),
                                  std::string("group g any g")}) {
    EXPECT_EQ(BadLine(one + line + "\nquorum none\n"), 2u) << line;
  }
  EXPECT_EQ(BadLine(one + "quorum a", Flaw::kNoLastNewline), 2u);
  for (const std::string line : {"quorum a\r", "# \x01", "# \x7f"}) {
    EXPECT_EQ(BadLine(one + line + "\n", Flaw::kPolicyControlCharacter), 2u) << line;
  }
  // Each name is a member once, so that a witness counts in one way.
  EXPECT_EQ(BadLine(one + "group g any a\ngroup h any a\nquorum g\n"), 3u);
}

}  // namespace
}  // namespace jalon::trail
