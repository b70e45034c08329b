// What a witness is sent: one spelling.
#include "eventstore/trail/tlog_witness.h"

#include <gtest/gtest.h>

#include "eventstore/trail/trail_testing.h"

namespace jalon::trail {
namespace {

const AddCheckpoint kRequest = {.old_size = 3,
                                .hashes = NaiveTree(LeavesOf(ReferenceEntries())).Consistency(3, 8),
                                .checkpoint = SignedCheckpoint(ReferenceEntries(), LogKey())};

TEST(TlogWitnessTest, IsReadAsItIsWritten) {
  const std::string bytes = FormatAddCheckpoint(kRequest);
  EXPECT_TRUE(bytes.starts_with("old 3\n"));
  EXPECT_NE(bytes.find("\n\naudit.example/cfp-nord/trail/1\n8\n"), bytes.npos);
  EXPECT_EQ(ParseAddCheckpoint(bytes), kRequest);
  const AddCheckpoint unknown{.old_size = 0, .hashes = {}, .checkpoint = kRequest.checkpoint};
  EXPECT_EQ(ParseAddCheckpoint(FormatAddCheckpoint(unknown)), unknown);
}

TEST(TlogWitnessTest, AnotherSpellingIsNone) {
  const std::string bytes = FormatAddCheckpoint(kRequest);
  const std::string hashes = bytes.substr(6, bytes.find("\n\n") - 5);
  const auto refused = [](const std::string& other) {
    const auto parsed = ParseAddCheckpoint(other);
    return !parsed && parsed.error() == Flaw::kConsistencyLines;
  };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("old 3"));
  EXPECT_TRUE(refused("old 3\n" + hashes));
  EXPECT_TRUE(refused("old 3\n" + hashes + "\n"));  // and no checkpoint
  for (const std::string first :
       {"old 03\n", "old -1\n", "old\n", "old 3 \n", "older 3\n", "old 3\r\n", "Old 3\n"}) {
    EXPECT_TRUE(refused(first + bytes.substr(6))) << first;
  }
  std::string spare = bytes;  // 32 bytes leave two spare bits before the '='
  ++spare[spare.find("=\n") - 1];
  EXPECT_TRUE(refused(spare));
  std::string many = "old 3\n";
  for (size_t i = 0; i < kConsistencyHashesMax; ++i) many += hashes.substr(0, 45);
  EXPECT_FALSE(refused(many + "\nx\n"));
  EXPECT_TRUE(refused(many + hashes.substr(0, 45) + "\nx\n"));
}

}  // namespace
}  // namespace jalon::trail
