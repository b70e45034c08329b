#include "eventstore/log/rocks/ring.h"

#include <gtest/gtest.h>

#include "eventstore/log/log_testing.h"

namespace jalon::eventstore::rocks {
namespace {

// A ring behind a log of 10 entries, 6 of them in partition 0.
class RingTest : public ::testing::Test {
 protected:
  void Publish(uint32_t partition, const std::string& text) {
    std::vector<StoredEntry> group = {
        {Partition{partition}, Offset{ring_.Head(Partition{partition})}, testing::MakeBlob(text)}};
    ring_.Publish(group);
  }
  // What a read gives; "older" if it must go to the disk.
  std::string Read(uint32_t partition, uint64_t first, ReadLimit limit = {}) {
    ReadBudget budget(limit);
    std::vector<StoredEntry> entries;
    if (!ring_.Read(Partition{partition}, first, budget, &entries)) return "older";
    return Joined(entries);
  }
  std::string Read(Cursor& cursor, ReadLimit limit = {}) {
    ReadBudget budget(limit);
    std::vector<StoredEntry> entries;
    if (!ring_.Read(cursor, budget, &entries)) return "older";
    return Joined(entries);
  }
  static std::string Joined(const std::vector<StoredEntry>& entries) {
    std::string text;
    for (const StoredEntry& entry : entries) text += *entry.bytes + " ";
    return text;
  }

  Ring ring_{{.entries_max = 4, .bytes_max = 100}, 10, {6, 4}};
};

TEST_F(RingTest, HoldsTheLastEntries) {
  EXPECT_EQ(Read(0, 6), "");
  EXPECT_EQ(Read(0, 5), "older");
  Publish(0, "a");
  Publish(1, "b");
  Publish(0, "c");
  EXPECT_EQ(ring_.NextCommit(), 13u);
  EXPECT_EQ(ring_.Head(Partition{0}), 8u);
  EXPECT_EQ(Read(0, 6), "a c ");
  EXPECT_EQ(Read(0, 7), "c ");
  EXPECT_EQ(Read(1, 4), "b ");
  EXPECT_EQ(Read(0, 6, {.entries = 1}), "a ");
}

TEST_F(RingTest, DropsTheOldestByCountAndByBytes) {
  for (const char* text : {"a", "b", "c", "d", "e"}) Publish(0, text);
  EXPECT_EQ(Read(0, 6), "older");
  EXPECT_EQ(Read(0, 7), "b c d e ");
  Publish(1, std::string(99, 'x'));
  EXPECT_EQ(Read(0, 9), "older");
  EXPECT_EQ(Read(0, 10), "e ");
}

TEST_F(RingTest, ACursorReadsItsPartitionsInCommitOrder) {
  Cursor cursor{{6, 4}, 10};
  Publish(1, "a");
  Publish(0, "b");
  Publish(1, "c");
  EXPECT_EQ(Read(cursor, {.entries = 2}), "a b ");
  EXPECT_EQ(Read(cursor), "c ");
  EXPECT_EQ(Read(cursor), "");
}

TEST_F(RingTest, ACursorThatWantsNothingOlderJumps) {
  Cursor only_second{{Cursor::kNotFollowed, 4}, 10};
  Cursor both{{6, 4}, 10};
  for (const char* text : {"a", "b", "c", "d", "e"}) Publish(0, text);
  Publish(1, "f");
  EXPECT_EQ(Read(only_second), "f ");
  EXPECT_EQ(Read(both), "older");
}

TEST_F(RingTest, ACursorSkipsWhatItsStartIsBehind) {
  Cursor cursor{{8, 4}, 10};
  for (const char* text : {"a", "b", "c"}) Publish(0, text);
  EXPECT_EQ(Read(cursor), "c ");
}

}  // namespace
}  // namespace jalon::eventstore::rocks
