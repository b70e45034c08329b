// The laws that every store of views keeps.
#include "projections/engine/store.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "eventstore/base/archive.h"
#include "projections/engine/store_testing.h"

namespace jalon::projections {
namespace {

using Rows = std::map<std::string, std::string>;

class StoreTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  ViewStore& store() { return fixture_->store(); }
  void Put(const Rows& rows) {
    const auto batch = store().NewBatch();
    for (const auto& [key, value] : rows) batch->Put(key, value);
    ASSERT_TRUE(store().Write(*batch));
  }
  void IngestRows(const Rows& rows) {
    std::vector<std::unique_ptr<RunWriter>> runs;
    runs.push_back(Run(rows));
    ASSERT_TRUE(store().Ingest(std::move(runs)));
  }
  std::unique_ptr<RunWriter> Run(const Rows& rows) {
    auto run = store().NewRun();
    EXPECT_TRUE(run);
    for (const auto& [key, value] : rows) EXPECT_TRUE((*run)->Put(key, value));
    EXPECT_TRUE((*run)->Finish());
    return *std::move(run);
  }
  static Rows Scan(const StoreSnapshot& snapshot, std::string_view from = "",
                   std::string_view until = "") {
    Rows rows;
    EXPECT_TRUE(snapshot.Scan(from, until, [&](std::string_view key, std::string_view value) {
      return rows.emplace(key, value).second;
    }));
    return rows;
  }
  Rows All() { return Scan(*store().Snapshot()); }
  static std::string Key(Generation generation, std::string_view key) {
    return RowStoreKey(generation, key);
  }

  std::unique_ptr<testing::StoreFixture> fixture_ = GetParam().make();
};

TEST_P(StoreTest, ABatchIsOrderedAndTheLastWriteOfAKeyCounts) {
  const auto batch = store().NewBatch();
  batch->Put("a", "1");
  batch->Put("b", "1");
  batch->Delete("a");
  batch->Put("b", "2");
  ASSERT_TRUE(store().Write(*batch));
  EXPECT_EQ(All(), (Rows{{"b", "2"}}));
  EXPECT_EQ(*store().Get("b"), "2");
  EXPECT_EQ(*store().Get("a"), std::nullopt);
}

TEST_P(StoreTest, ASnapshotStaysAsItWas) {
  const Generation generation = store().NewGeneration();
  Put({{"a", "1"}, {"b", "1"}});
  const auto snapshot = store().Snapshot();
  Put({{"a", "2"}, {"c", "2"}});
  const auto batch = store().NewBatch();
  batch->Delete("b");
  ASSERT_TRUE(store().Write(*batch));
  IngestRows({{Key(generation, "r"), "ingested"}});
  ASSERT_TRUE(store().Flush(true));
  EXPECT_EQ(Scan(*snapshot), (Rows{{"a", "1"}, {"b", "1"}}));
  EXPECT_EQ(*snapshot->Get("a"), "1");
  EXPECT_EQ(*snapshot->Get("c"), std::nullopt);
  EXPECT_EQ(All(), (Rows{{"a", "2"}, {"c", "2"}, {Key(generation, "r"), "ingested"}}));
}

TEST_P(StoreTest, ScansRangesInsidePrefixesAndAcross) {
  const Generation generation = store().NewGeneration();
  Rows rows;
  for (int student = 0; student < 50; ++student) {
    for (int row = 0; row < 3; ++row) {
      const std::string id = std::to_string(100 + student);
      rows[Key(generation,
               "school-of-16-byt"
               "stud-" +
                   id + "/" + std::to_string(row))] = id;
    }
  }
  Put(rows);
  ASSERT_TRUE(store().Flush(true));
  Put(rows);
  const auto snapshot = store().Snapshot();
  const std::string school = Key(generation, "school-of-16-byt");
  EXPECT_EQ(Scan(*snapshot, school, EndOfPrefix(school)), rows);
  const std::string student = school + "stud-110";
  EXPECT_EQ(Scan(*snapshot, student, EndOfPrefix(student)).size(), 3u);
  EXPECT_EQ(Scan(*snapshot, student + "/1", EndOfPrefix(student)).size(), 2u);
  EXPECT_EQ(Scan(*snapshot, student, EndOfPrefix(school + "stud-112")).size(), 9u);
  EXPECT_EQ(Scan(*snapshot, student + "/1").size(), 3u * 40 - 1);
  const std::string none = school + "stud-999";
  EXPECT_TRUE(Scan(*snapshot, none, EndOfPrefix(none)).empty());
}

TEST_P(StoreTest, RunsAreTakenInTogetherAndCoverWhatWasThere) {
  const Generation first = store().NewGeneration();
  const Generation second = store().NewGeneration();
  EXPECT_LT(first, second);
  IngestRows({{Key(first, "a"), "1"}, {Key(first, "b"), "1"}});
  auto run = store().NewRun();
  ASSERT_TRUE(run);
  ASSERT_TRUE((*run)->Put(Key(first, "a"), "2"));
  ASSERT_TRUE((*run)->Delete(Key(first, "b")));
  ASSERT_TRUE((*run)->Finish());
  std::vector<std::unique_ptr<RunWriter>> runs;
  runs.push_back(*std::move(run));
  runs.push_back(Run({{Key(second, "c"), "2"}}));
  ASSERT_TRUE(store().Ingest(std::move(runs)));
  EXPECT_EQ(All(), (Rows{{Key(first, "a"), "2"}, {Key(second, "c"), "2"}}));
}

TEST_P(StoreTest, ARunThatIsNotTakenInLeavesNothing) {
  const Generation generation = store().NewGeneration();
  Run({{Key(generation, "a"), "1"}});
  EXPECT_TRUE(All().empty());
  fixture_->Reopen();
  EXPECT_TRUE(All().empty());
}

TEST_P(StoreTest, WhatIsRetiredGoesAtTheNextCollect) {
  const Generation dead = store().NewGeneration();
  const Generation living = store().NewGeneration();
  IngestRows({{Key(dead, "a"), "1"}, {Key(living, "a"), "1"}});
  Put({{Key(dead, "b"), "1"}, {Key(living, "b"), "1"}});
  store().Retire(dead);
  ASSERT_TRUE(store().Collect());
  EXPECT_EQ(All(), (Rows{{Key(living, "a"), "1"}, {Key(living, "b"), "1"}}));
  EXPECT_EQ(store().SizeOf(dead).rows, 0u);
}

TEST_P(StoreTest, AtTheStartWhatNoDirectoryNamesIsDeadAndNumbersGoOn) {
  const Generation serving = store().NewGeneration();
  const Generation half = store().NewGeneration();
  Directory directory;
  directory.views.push_back({"view", 1, serving});
  std::string bytes;
  Encode(directory, &bytes);
  Put({{DirectoryKey(Partition{3}), bytes}, {Key(serving, "a"), "1"}});
  IngestRows({{Key(half, "a"), "1"}});
  fixture_->Reopen();
  EXPECT_GT(store().NewGeneration(), half);
  ASSERT_TRUE(store().Collect());
  EXPECT_EQ(All(), (Rows{{DirectoryKey(Partition{3}), bytes}, {Key(serving, "a"), "1"}}));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, ::testing::ValuesIn(testing::Stores()),
                         testing::StoreName);

TEST(Layout, KeysAreInTheOrderOfGenerationsWithDirectoriesFirst) {
  EXPECT_LT(DirectoryKey(Partition{1}), DirectoryKey(Partition{256}));
  EXPECT_LT(DirectoryKey(Partition{UINT32_MAX}), GenerationKey(Generation{1}));
  EXPECT_LT(GenerationKey(Generation{7}), RowStoreKey(Generation{7}, "a"));
  EXPECT_LT(RowStoreKey(Generation{7}, "\xff\xff"), GenerationKey(Generation{8}));
  EXPECT_EQ(GenerationOf(RowStoreKey(Generation{0x01020304}, "x")), Generation{0x01020304});
  EXPECT_EQ(GenerationOf("abc"), std::nullopt);
  EXPECT_EQ(RowStoreKey(Generation{7}, "x"), std::string("\0\0\0\7x", 5));
}

TEST(Layout, EndOfPrefixIsTheFirstKeyBeyond) {
  EXPECT_EQ(EndOfPrefix("ab"), "ac");
  EXPECT_EQ(EndOfPrefix("a\xff"), "b");
  EXPECT_EQ(EndOfPrefix("\xff\xff"), "");
}

}  // namespace
}  // namespace jalon::projections
