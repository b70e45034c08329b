// Each end of the MANIFEST of a signer's memory: repaired, and all that was remembered is there; or
// refused, and nothing was changed.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/rocks/manifest_ends_testing.h"
#include "eventstore/signer/rocks/rocks_signer_memory.h"

namespace jalon::eventstore {
namespace {

using testing::EndsFound;
using testing::StoreFiles;
using trail::Checkpoint;

constexpr int kOrigins = 6;

class MemoryManifestTest : public ::testing::Test {
 protected:
  MemoryManifestTest() { Start(); }

  void Start() {
    memory_.reset();
    auto opened = MakeRocksSignerMemory(made_, disk_.env());
    ASSERT_TRUE(opened) << opened.error().message;
    memory_ = *std::move(opened);
  }
  static Checkpoint At(int origin, uint64_t size) {
    const std::string name = "a/b/" + std::to_string(origin);
    return {.origin = name, .size = size, .root = Sha256(name + std::to_string(size))};
  }
  // Some of them each time, so that what is remembered last is not all there is.
  void Remember(int times) {
    for (; times > 0; --times) {
      const int origin = static_cast<int>(signed_++) % kOrigins;
      last_[origin] = At(origin, signed_);
      ASSERT_TRUE(memory_->Remember(std::vector{last_[origin]}));
    }
  }
  std::string Lacks(RocksSignerMemory& memory) const {
    for (const Checkpoint& last : last_) {
      if (!last.origin.empty() && memory.Last(last.origin).value() != last) return last.origin;
    }
    return "";
  }
  StoreFiles Kept() const { return testing::ReadStore(made_); }
  StoreFiles Synced() const { return testing::Without(Kept(), disk_.removed()); }
  EndsFound Try(const StoreFiles& files, uint64_t bytes, uint64_t step) {
    const std::string folder = temp_ / "tried";
    const auto repair = [&](bool dry_run) { return RepairSignerMemory(folder, dry_run); };
    const auto open = [&]() -> std::string {
      const auto memory = OpenRocksSignerMemory(folder);
      return memory ? Lacks(**memory) : "refused";
    };
    return testing::TryEnds(files, bytes, step, {folder, repair, open});
  }
  bool IsCompacted() const {
    for (const auto& [name, bytes] : Kept()) {
      if (name.ends_with(".sst") && !Synced().contains(name)) return true;
    }
    return false;
  }

  const testing::TempFolder temp_{testing::TempFolder::kInMemory};
  const std::string made_ = temp_ / "made";
  const testing::KeepingDisk disk_;
  std::unique_ptr<RocksSignerMemory> memory_;
  uint64_t signed_ = 0;
  std::vector<Checkpoint> last_ = std::vector<Checkpoint>(kOrigins);
};

// What it begins with is synced before it counts, and the files before it are gone.
TEST_F(MemoryManifestTest, NoEndOfANewOneForgetsWhatWasSigned) {
  Remember(20);
  Start();
  StoreFiles synced = Synced();
  const uint64_t bytes = testing::ManifestOf(synced).size();
  EXPECT_GT(Try(synced, bytes, 5).refused, 50u);
  Remember(2);
  EXPECT_GT(Try(Synced(), bytes, 5).refused, 50u);
  EXPECT_GT(Try(Kept(), bytes, 5).repaired, 20u);
}

// Each start makes a table, and some of them make a compaction.
TEST_F(MemoryManifestTest, NoEndAfterACompactionForgetsWhatWasSigned) {
  for (int start = 0; start < 20 && !IsCompacted(); ++start) {
    Remember(3);
    Start();
    for (int i = 0; start >= 3 && i < 200 && !IsCompacted(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  ASSERT_TRUE(IsCompacted());
  Remember(2);
  StoreFiles kept = Kept();
  const uint64_t bytes = testing::LastRecordBytes(testing::ManifestOf(kept));
  ASSERT_GT(bytes, 40u);
  const EndsFound found = Try(kept, bytes, 3);
  EXPECT_GT(found.repaired, 40u);
  EXPECT_GT(found.opened, 20u);
  EXPECT_EQ(found.refused, 0u);
  EXPECT_GT(Try(Synced(), bytes, 3).refused, 40u);
}

}  // namespace
}  // namespace jalon::eventstore
