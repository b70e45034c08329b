#include "eventstore/log/rocks/witness.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <iterator>

#include "eventstore/log/rocks/temp_folder_testing.h"

namespace jalon::eventstore::rocks {
namespace {

class WitnessTest : public ::testing::Test {
 protected:
  WitnessTest() { EXPECT_TRUE(Witness::Create(path_, Of(5))); }
  static Testimony Of(uint64_t commit) { return {commit, Sha256(std::to_string(commit))}; }
  void Damage(std::streamoff at) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.put('?');
  }
  Result<Testimony> Read() { return Witness::Read(path_); }

  testing::TempFolder folder_;
  const std::string path_ = folder_ / "witness";
};

TEST_F(WitnessTest, SaysTheLastThatWasWritten) {
  EXPECT_EQ(*Read(), Of(5));
  for (const uint64_t commit : {7, 8, 20}) {
    const auto witness = Witness::Open(path_).value();
    witness->Write(Of(commit));
    EXPECT_EQ(witness->Last(), Of(commit));
    EXPECT_EQ(*Read(), Of(commit));
  }
  const auto witness = Witness::Open(path_).value();
  for (uint64_t commit = 21; commit < 40; ++commit) witness->Write(Of(commit));
  EXPECT_EQ(*Read(), Of(39));
}

// Whatever the order of slots was before, the one that counts is never written over.
TEST_F(WitnessTest, ADamagedSlotLeavesTheOther) {
  for (const std::streamoff slot : {0, 512}) {
    {
      const auto witness = Witness::Open(path_).value();
      const uint64_t last = witness->Last().commit;
      for (uint64_t commit = last + 1; commit < last + 4; ++commit) witness->Write(Of(commit));
    }
    const uint64_t before = Read()->commit;
    Damage(slot + 20);
    EXPECT_GE(Read()->commit, before - 1);
    const auto witness = Witness::Open(path_).value();
    witness->Write(Of(before + 10));
    EXPECT_EQ(*Read(), Of(before + 10));
  }
}

TEST_F(WitnessTest, DamagedOrMissingItIsRefused) {
  Damage(3);
  EXPECT_TRUE(Read());
  Damage(512 + 50);
  EXPECT_EQ(Read().error().reason, "LOG_CORRUPT");
  EXPECT_EQ(Witness::Open(path_).error().reason, "LOG_CORRUPT");
  std::ofstream(path_, std::ios::trunc) << "short";
  EXPECT_EQ(Read().error().reason, "LOG_CORRUPT");
  EXPECT_EQ(Witness::Open(path_).error().reason, "LOG_CORRUPT");
  std::filesystem::remove(path_);
  EXPECT_EQ(Read().error().reason, "LOG_CORRUPT");
  EXPECT_EQ(Witness::Open(path_).error().reason, "LOG_CORRUPT");
}

// No backup is to be restored because memory is short.
TEST_F(WitnessTest, OneThatCannotBeMappedIsNotCalledDamaged) {
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  const rlimit no_memory{.rlim_cur = 0, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_AS, &no_memory);
  const auto opened = Witness::Open(path_);
  setrlimit(RLIMIT_AS, &before);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "LOG_UNREADABLE");
  EXPECT_TRUE(Witness::Open(path_));
}

TEST_F(WitnessTest, IsLocked) {
  const auto witness = Witness::Open(path_).value();
  EXPECT_EQ(Witness::Open(path_).error().reason, "LOG_IN_USE");
  EXPECT_TRUE(Read());
}

// The bytes of witness.h's table.
TEST_F(WitnessTest, GoldenBytesHoldForEver) {
  std::ifstream file(path_, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  ASSERT_EQ(bytes.size(), 1024u);
  EXPECT_EQ(ToHex(bytes.substr(0, 64)), ToHex(bytes.substr(512, 64)));
  EXPECT_EQ(ToHex(bytes.substr(0, 64)),
            "6a616c6f6e776974"  // "jalonwit"
            "0000000000000005"
            "ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d"
            "cfbd779e365f00715d688e21d2115e25");
}

}  // namespace
}  // namespace jalon::eventstore::rocks
