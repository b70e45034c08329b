#include "services/node/log_restore.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "eventstore/log/rocks/child_testing.h"
#include "eventstore/log/rocks/temp_folder_testing.h"
#include "services/node/data_folder.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;
using eventstore::testing::Ending;
using eventstore::testing::RunInChild;

bool GoOn(uint64_t, uint64_t) { return true; }

// Every use of a log is a child's: see child_testing.h.
class LogRestoreTest : public testing::Test {
 protected:
  LogRestoreTest() {
    const std::string made = RunInChild([&]() -> std::string {
                               const std::string log = folder_ / "log";
                               const eventstore::Birth birth{.cluster_id = Bytes(16, 'c'),
                                                             .log_incarnation = Bytes(16, '1'),
                                                             .partition_count = 2,
                                                             .virtual_clock = false};
                               if (!eventstore::RocksLog::Create(log, birth))
                                 return "cannot create";
                               const auto opened = eventstore::RocksLog::Open(log);
                               if (!opened) return opened.error().message;
                               const auto copied = (*opened)->Backup(backup_);
                               return copied ? "" : copied.error().message;
                             }).words;
    EXPECT_EQ(made, "");
  }

  // Restores; the process ends as soon as a file of its grows beyond that.
  Ending Restore(rlim_t file_bytes_max = RLIM_INFINITY) const {
    return RunInChild([&]() -> std::string {
      std::signal(SIGXFSZ, SIG_DFL);
      rlimit limit{};
      getrlimit(RLIMIT_FSIZE, &limit);
      limit.rlim_cur = std::min(limit.rlim_cur, file_bytes_max);
      setrlimit(RLIMIT_FSIZE, &limit);
      const auto restored = RestoreLog(backup_, data_, GoOn);
      return restored ? "" : restored.error().reason;
    });
  }
  // What a start says to the folder; empty: it begins.
  std::string Start() const { return Start(data_); }
  std::string Start(const std::string& data) const {
    return RunInChild([&]() -> std::string {
             Config config;
             config.data = data;
             const SystemClock clock;
             const auto opened = DataFolder::Open(config, clock);
             return opened ? "" : opened.error().reason;
           })
        .words;
  }

  const eventstore::testing::TempFolder folder_;
  const std::string backup_ = folder_ / "backup";
  const std::string data_ = folder_ / "data";
};

TEST_F(LogRestoreTest, ARestoreThatIsKilledIsNotTakenForANewFolder) {
  EXPECT_EQ(Restore(/*file_bytes_max=*/512).signal, SIGXFSZ);  // a witness alone is larger
  ASSERT_TRUE(fs::exists(LogIn(data_) + ".unborn"));
  ASSERT_FALSE(fs::exists(LogIn(data_)));
  EXPECT_EQ(Start(), "RESTORE_UNFINISHED");

  EXPECT_EQ(Restore().words, "");
  EXPECT_FALSE(fs::exists(RestoringIn(data_)));
  EXPECT_EQ(Start(), "");
}

// A start in the backup itself would begin an empty log inside it.
TEST_F(LogRestoreTest, ABackupIsNoDataFolder) {
  const auto files = [this] {
    return std::ranges::distance(fs::recursive_directory_iterator(backup_),
                                 fs::recursive_directory_iterator());
  };
  const auto before = files();
  EXPECT_EQ(Start(backup_), "LOG_IS_BACKUP");
  EXPECT_EQ(files(), before);
  EXPECT_EQ(Start(""), "CONFIG_INVALID");
}

// What is refused before anything was changed leaves no mark.
TEST_F(LogRestoreTest, ABackupThatIsNoneChangesNothing) {
  fs::remove_all(backup_);
  EXPECT_EQ(Restore().words, "LOG_NOT_BORN");
  EXPECT_EQ(Start(), "");
}

}  // namespace
}  // namespace jalon::node
