// The log's process killed at any moment: what it had shown as durable is there after a restart.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

#include "eventstore/log/rocks/child_testing.h"
#include "eventstore/log/rocks/folder.h"
#include "eventstore/log/rocks/numbered_testing.h"
#include "eventstore/log/rocks/temp_folder_testing.h"

namespace jalon::eventstore::testing {
namespace {

class KillTest : public ::testing::Test {
 protected:
  KillTest() {
    const Ending ending = RunInChild([this] {
      return RocksLog::Create(folder_, NumberedBirth()) ? std::string() : "cannot create";
    });
    EXPECT_EQ(ending.words, "");
  }
  // The log holds what was seen.
  void Check() {
    const Ending ending = RunInChild([this] { return OpenAndCheck(folder_, HeadsOf(*seen_)); });
    EXPECT_EQ(ending.words, "");
    EXPECT_EQ(ending.signal, 0);
  }
  // Until a child has appended so much, or says why not: a minute is more than it takes.
  void AwaitAppended(uint64_t count) const {
    for (int i = 0; i < 60'000 && seen_->appended < count; ++i) ::usleep(1000);
  }
  // OpenAndCheck has written one entry more to each partition.
  void CheckAndGoOn() {
    Check();
    for (auto& head : seen_->heads) ++head;
  }
  std::string Wal() const {
    std::string last;
    for (const auto& file : std::filesystem::directory_iterator(rocks::DatabasePath(folder_))) {
      const std::string path = file.path().string();
      if (path.ends_with(".log") && std::filesystem::file_size(path) > 0 && path > last)
        last = path;
    }
    return last;
  }

  const TempFolder temp_;
  const std::string folder_ = temp_ / "log";
  const Shared<Seen> seen_;
};

TEST_F(KillTest, KilledAtAnyMomentItLosesNothingThatWasSeen) {
  RocksLogOptions options;
  options.memtable_bytes = 256 * 1024;  // flushes all the time
  std::mt19937_64 random(11);
  uint64_t seen_before = 0;
  for (int round = 0; round < 12; ++round) {
    // Some die while they open, however long that takes; the others once they wrote so much.
    const bool opening = round % 3 == 0;
    const uint64_t until = seen_->appended + (opening ? 0 : 1 + random() % 1500);
    Child child([&] { return WriteOn(folder_, options, *seen_); });
    if (opening) ::usleep(static_cast<useconds_t>(random() % 100'000));
    AwaitAppended(until);
    const Ending ending = child.Kill();
    ASSERT_EQ(ending.words, "");
    ASSERT_EQ(ending.signal, SIGKILL);
  }
  for (const auto& head : seen_->heads) seen_before += head;
  EXPECT_GT(seen_before, 1000u);  // it was written to
  Check();
}

TEST_F(KillTest, KilledBetweenTheCommittersSteps) {
  for (const CommitPoint point : {CommitPoint::kTaken, CommitPoint::kSynced,
                                  CommitPoint::kWitnessed, CommitPoint::kPublished}) {
    for (const int at : {1, 2, 50}) {
      RocksLogOptions options;
      options.testing.at = [point, left = at](CommitPoint reached) mutable {
        if (reached == point && --left == 0) ::raise(SIGKILL);
      };
      const Ending ending = RunInChild([&] { return WriteOn(folder_, options, *seen_); });
      ASSERT_EQ(ending.words, "");
      ASSERT_EQ(ending.signal, SIGKILL);
    }
  }
  Check();
}

// A WAL that lost its end: the witness saw more.
TEST_F(KillTest, ACutWalIsRefused) {
  Child child([&] { return WriteOn(folder_, {}, *seen_); });
  while (seen_->heads[0] < 1000) ::usleep(1000);  // the last quarter is more than was in flight
  ASSERT_EQ(child.Kill().signal, SIGKILL);
  namespace fs = std::filesystem;
  const std::string wal = Wal();
  for (const uintmax_t keep : {fs::file_size(wal) * 3 / 4, fs::file_size(wal) / 2, uintmax_t{0}}) {
    const std::string copy = temp_ / ("cut" + std::to_string(keep));
    fs::copy(folder_, copy, fs::copy_options::recursive);
    fs::resize_file(rocks::DatabasePath(copy) + "/" + fs::path(wal).filename().string(), keep);
    const Ending ending = RunInChild([&] { return OpenAndCheck(copy, HeadsOf(*seen_)); });
    EXPECT_TRUE(ending.words.starts_with("refused: LOG_")) << ending.words;
  }
  CheckAndGoOn();
}

TEST_F(KillTest, AFailedWriteEndsTheProcess) {
  const Ending ending = RunInChild([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{300'000, 300'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return WriteOn(folder_, {}, *seen_);
  });
  EXPECT_EQ(ending.signal, SIGABRT) << ending.words;
  EXPECT_GT(seen_->appended, 500u);
  Check();
}

TEST_F(KillTest, OneProcessAtATime) {
  Child child([&] { return WriteOn(folder_, {}, *seen_); });
  while (seen_->heads[0] < 10) ::usleep(1000);
  const Ending second = RunInChild([&] { return OpenAndCheck(folder_, {}); });
  EXPECT_EQ(second.words, "refused: LOG_IN_USE");
  child.Kill();
  Check();
}

}  // namespace
}  // namespace jalon::eventstore::testing
