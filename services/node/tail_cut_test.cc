#include "services/node/tail_cut.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "eventstore/base/archive.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/rocks/child_testing.h"
#include "eventstore/log/rocks/folder.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/state/rocks_state_store.h"
#include "projections/engine/layout.h"
#include "projections/engine/rocks_store.h"
#include "services/node/data_folder.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;
using eventstore::testing::RunInChild;

constexpr Partition kDamaged{0};
constexpr Partition kSound{1};
constexpr Offset kBorn{0};      // of the only entry that a partition has
constexpr Offset kGone{1'000};  // of one that would lie behind the damage

// A log of births with a torn tail. Every use of a log is a child's: see child_testing.h.
class TailCutTest : public testing::Test {
 protected:
  TailCutTest() {
    fs::create_directories(data_);
    const std::string log = LogIn(data_);
    const std::string made = RunInChild([&]() -> std::string {
                               const auto birth = eventstore::testing::TestBirthWithSystem(2);
                               if (!eventstore::RocksLog::Create(log, birth))
                                 return "cannot create";
                               const auto opened = eventstore::RocksLog::Open(log);
                               if (!opened) return opened.error().message;
                               const auto born = (*opened)->ReadFrom(kSound, kBorn, {});
                               if (!born || born->size() != 1) return "it is not born";
                               eventstore::testing::Feed(head_, (*born)[0].bytes, 0);
                               return std::string(head_.hash.begin(), head_.hash.end());
                             }).words;
    EXPECT_EQ(made.size(), head_.hash.size()) << made;
    std::copy_n(made.begin(), std::min(made.size(), head_.hash.size()), head_.hash.begin());
    std::string wal;
    for (const auto& file : fs::directory_iterator(eventstore::rocks::DatabasePath(log))) {
      if (file.path().extension() == ".log") wal = std::max(wal, file.path().string());
    }
    EXPECT_NE(wal, "");
    std::ofstream(wal, std::ios::binary | std::ios::app)
        << std::string("\x01\x02\x03\x04\x64\x00\x01", 7) << std::string(100, '\0');
  }

  eventstore::ChainHead HeadAt(Offset offset) const {
    eventstore::ChainHead head = head_;
    head.offset = offset;
    return head;
  }
  // Of the first partition nothing can be read; the second one has seen that.
  std::string MakeState(Offset seen) const {
    const auto store = eventstore::RocksStateStore::Open({.folder = StateIn(data_)});
    if (!store) return store.error().message;
    eventstore::StateCheckpoint checkpoint;
    checkpoint.head = HeadAt(seen);
    checkpoint.log_incarnation = Bytes(16, 'l');
    const bool wrote = (*store)->Write(kDamaged, {{.key = "", .value = "nothing"}}, {}) &&
                       (*store)->Write(kSound, {}, checkpoint);
    return wrote ? "" : "the state cannot be written";
  }
  std::string MakeViews(Offset seen) const {
    const auto store = projections::RocksViewStore::Open({.path = ViewsIn(data_)});
    if (!store) return store.error().message;
    projections::Directory directory;
    directory.cursor.head = HeadAt(seen);
    std::string bytes;
    Encode(directory, &bytes);
    const auto batch = (*store)->NewBatch();
    batch->Put(projections::DirectoryKey(kSound), bytes);
    return (*store)->Write(*batch) ? "" : "the views cannot be written";
  }
  // Of an error the reason; else what each damaged fold has seen.
  std::string Cut() const {
    return RunInChild([&]() -> std::string {
             const auto cut = CutTail(data_, true, SystemClock());
             if (!cut) return cut.error().reason;
             std::string told;
             for (const cli::TailWitness& witness : cut->witnesses) {
               if (witness.damage.empty()) continue;
               told += witness.name + " " + std::to_string(witness.entries) + " ";
             }
             return told;
           })
        .words;
  }

  const eventstore::testing::TempFolder temp_;
  const std::string data_ = temp_ / "data";
  eventstore::ChainHead head_;
};

TEST_F(TailCutTest, BehindADamagedPartitionTheOthersAreCounted) {
  ASSERT_EQ(RunInChild([&] { return MakeState(kBorn) + MakeViews(kBorn); }).words, "");
  EXPECT_EQ(Cut(), "state 1 ");
}

TEST_F(TailCutTest, WhatStateSawBehindADamagedPartitionIsNotCut) {
  ASSERT_EQ(RunInChild([&] { return MakeState(kGone); }).words, "");
  EXPECT_EQ(Cut(), "LOG_BEHIND_WITNESS");
}

TEST_F(TailCutTest, WhatViewsSawIsNotCutAlthoughStateIsDamaged) {
  ASSERT_EQ(RunInChild([&] { return MakeState(kBorn) + MakeViews(kGone); }).words, "");
  EXPECT_EQ(Cut(), "LOG_BEHIND_WITNESS");
}

}  // namespace
}  // namespace jalon::node
