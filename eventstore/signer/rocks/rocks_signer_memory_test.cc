#include "eventstore/signer/rocks/rocks_signer_memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/trail/trail_testing.h"
#include "tests/faults/faulty_disk.h"

namespace jalon::eventstore {
namespace {

using trail::Checkpoint;

class RocksSignerMemoryTest : public testing::Test {
 protected:
  void Open() {
    memory_.reset();
    auto opened = MakeRocksSignerMemory((under_.path() / "memory").string());
    ASSERT_TRUE(opened) << opened.error().message;
    memory_ = std::move(*opened);
  }
  static Checkpoint At(const std::string& origin, uint64_t size) {
    return {.origin = origin, .size = size, .root = Sha256(origin + std::to_string(size))};
  }

  trail::TempFolder under_;
  std::unique_ptr<SignerMemory> memory_;
};

TEST_F(RocksSignerMemoryTest, KeepsTheLastOfEachOriginAcrossRestarts) {
  Open();
  EXPECT_EQ(memory_->Last("a/b/c/1").value(), std::nullopt);
  ASSERT_TRUE(memory_->Remember(std::vector{At("a/b/c/1", 1), At("a/b/c/2", 1)}));
  ASSERT_TRUE(memory_->Remember(std::vector{At("a/b/c/1", (uint64_t{1} << 62) + 3)}));
  Open();
  EXPECT_EQ(memory_->Last("a/b/c/1").value(), At("a/b/c/1", (uint64_t{1} << 62) + 3));
  EXPECT_EQ(memory_->Last("a/b/c/2").value(), At("a/b/c/2", 1));
  EXPECT_EQ(memory_->Last("a/b/c").value(), std::nullopt);
}

TEST_F(RocksSignerMemoryTest, ATornEndIsCutAndWhatLiesBeforeIsKept) {
  Open();
  ASSERT_TRUE(memory_->Remember(std::vector{At("a/b/c/1", 1)}));
  ASSERT_TRUE(memory_->Remember(std::vector{At("a/b/c/1", 2)}));
  memory_.reset();
  const std::string folder = (under_.path() / "memory").string();
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".log" || file.file_size() == 0) continue;
    std::fstream wal(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    wal.seekp(-5, std::ios::end) << std::string(5, '\0');
  }
  const auto refused = OpenRocksSignerMemory(folder);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("jalon signer repair"), std::string::npos);
  ASSERT_TRUE(RepairSignerMemory(folder, true));
  EXPECT_FALSE(OpenRocksSignerMemory(folder));
  const auto cut = RepairSignerMemory(folder, false);
  ASSERT_TRUE(cut) << cut.error().message;
  ASSERT_NO_FATAL_FAILURE(Open());
  EXPECT_EQ(memory_->Last("a/b/c/1").value(), At("a/b/c/1", 1));
  memory_.reset();
  EXPECT_EQ(RepairSignerMemory(folder, false).error().reason, "STORE_SOUND");
}

// RocksDB takes them for the end, and would go back to the first in silence.
TEST_F(RocksSignerMemoryTest, ZerosBeforeWhatWasRememberedAreRefused) {
  const auto remember = [&](uint64_t size) {
    ASSERT_TRUE(memory_->Remember(std::vector{At("a/b/c/1", size)}));
  };
  const std::string folder = (under_.path() / "memory").string();
  const auto wal = [&] {
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      if (file.path().extension() == ".log" && file.file_size() > 0) return file.path();
    }
    return std::filesystem::path();
  };
  Open();
  remember(1);
  const auto first = static_cast<std::streamoff>(std::filesystem::file_size(wal()));
  remember(2);
  remember(3);
  memory_.reset();
  std::fstream(wal(), std::ios::in | std::ios::out | std::ios::binary).seekp(first)
      << std::string(7, '\0');
  const auto opened = OpenRocksSignerMemory(folder);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "SIGNER_UNAVAILABLE");
  EXPECT_EQ(RepairSignerMemory(folder, false).error().reason, "STORE_CORRUPT");
}

TEST_F(RocksSignerMemoryTest, ManyOriginsGoInOneSync) {
  Open();
  std::vector<Checkpoint> pass;
  pass.reserve(100'000);
  for (int i = 0; i < 100'000; ++i) pass.push_back(At("deployment/" + std::to_string(i), 21));
  ASSERT_TRUE(memory_->Remember(pass));
  Open();
  for (int i = 0; i < 100'000; i += 997) {
    const std::string origin = "deployment/" + std::to_string(i);
    EXPECT_EQ(memory_->Last(origin).value(), At(origin, 21));
  }
}

// The power goes while the memory is open: what was remembered is there, whatever was not synced.
TEST_F(RocksSignerMemoryTest, APowerCutTakesNothingThatWasRemembered) {
  for (const faults::Loss loss : {faults::Loss::kAll, faults::Loss::kTorn, faults::Loss::kHoles}) {
    const std::string folder = (under_.path() / std::to_string(static_cast<int>(loss))).string();
    faults::FaultCounts counts;
    faults::FaultyDisk disk({.loss = loss}, &counts);
    auto before = MakeRocksSignerMemory(folder, disk.env());
    ASSERT_TRUE(before) << before.error().message;
    for (uint64_t size = 1; size <= 20; ++size) {
      ASSERT_TRUE((*before)->Remember(std::vector{At("a", size), At("b", size)}));
    }
    disk.Cut();
    const std::string left = folder + ".left";  // the process that is no more writes elsewhere
    std::filesystem::copy(folder, left, std::filesystem::copy_options::recursive);
    before->reset();
    auto after = OpenRocksSignerMemory(left);
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ((*after)->Last("a").value(), At("a", 20));
    EXPECT_EQ((*after)->Last("b").value(), At("b", 20));
  }
}

// What a failed sync left is not known: nothing is remembered, so nothing signed, until a restart.
TEST_F(RocksSignerMemoryTest, AfterAFailedSyncEveryWriteFails) {
  faults::FaultCounts counts;
  faults::FaultyDisk disk({.fail_sync_at = 2}, &counts);
  auto memory = MakeRocksSignerMemory((under_.path() / "failing").string(), disk.env());
  ASSERT_TRUE(memory) << memory.error().message;
  uint64_t size = 1;
  while (size < 10 && (*memory)->Remember(std::vector{At("a", size)})) ++size;
  EXPECT_LT(size, 10u);
  const auto again = (*memory)->Remember(std::vector{At("a", size)});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "SIGNER_UNAVAILABLE");
}

TEST_F(RocksSignerMemoryTest, AFolderThatIsNoneIsRefused) {
  trail::WriteAll(under_.path() / "memory", "a file");
  for (const auto& open : {OpenRocksSignerMemory, MakeRocksSignerMemory}) {
    const auto opened = open((under_.path() / "memory").string(), nullptr);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason, "SIGNER_UNAVAILABLE");
  }
}

TEST_F(RocksSignerMemoryTest, OneThatIsLostIsNotBegunAnew) {
  const std::string folder = (under_.path() / "memory").string();
  const auto opened = OpenRocksSignerMemory(folder);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "SIGNER_UNAVAILABLE");
  auto made = MakeRocksSignerMemory(folder);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE((*made)->IsEmpty().value());
  ASSERT_TRUE((*made)->Remember(std::vector{At("a", 1)}));
  EXPECT_FALSE((*made)->IsEmpty().value());
}

}  // namespace
}  // namespace jalon::eventstore
