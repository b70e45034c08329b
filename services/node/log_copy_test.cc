// From folder to folder; to Kafka and back is tests/cli/copy_test.py.
#include "services/node/log_copy.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "eventstore/log/log_testing.h"
#include "eventstore/log/record.h"
#include "eventstore/log/rocks/child_testing.h"
#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/log/verify.h"
#include "services/node/data_folder.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;
using eventstore::EncodeClaim;
using eventstore::EncodeRecord;
using eventstore::testing::Ending;
using eventstore::testing::RunInChild;

constexpr Partition kFilled{1};
constexpr uint64_t kRecords = 3000;

bool GoOn(uint64_t, uint64_t) { return true; }

Result<void> Fill(const std::string& log) {
  JALON_RETURN_IF_ERROR(
      eventstore::RocksLog::Create(log, eventstore::testing::TestBirthWithSystem(2)));
  JALON_ASSIGN_OR_RETURN(const auto opened, eventstore::RocksLog::Open(log));
  eventstore::ChainHead head;
  JALON_ASSIGN_OR_RETURN(const auto born, opened->ReadFrom(kFilled, Offset{0}, {}));
  eventstore::testing::Feed(head, born[0].bytes, 0);
  std::vector<eventstore::Blob> entries = {EncodeClaim(eventstore::testing::NextClaim(head))};
  eventstore::testing::Feed(head, entries[0], 1);
  for (uint64_t i = 0; i < kRecords; ++i) {
    entries.push_back(EncodeRecord(eventstore::testing::NextRecord(head)));
    eventstore::testing::Feed(head, entries.back(), i + 2);
  }
  JALON_RETURN_IF_ERROR(opened->Append(kFilled, entries));
  eventstore::testing::AwaitHead(*opened, kFilled.value, kRecords + 2);
  return {};
}

// Every use of a log is a child's: see child_testing.h.
class LogCopyTest : public testing::Test {
 protected:
  LogCopyTest() {
    fs::create_directories(from_);
    const std::string made = RunInChild([&]() -> std::string {
                               const auto filled = Fill(LogIn(from_));
                               return filled ? "" : filled.error().message;
                             }).words;
    EXPECT_EQ(made, "");
  }

  // The process ends as soon as a file of its grows beyond that.
  Ending Copy(rlim_t file_bytes_max = RLIM_INFINITY) const {
    return RunInChild([&]() -> std::string {
      std::signal(SIGXFSZ, SIG_DFL);
      rlimit limit{};
      getrlimit(RLIMIT_FSIZE, &limit);
      limit.rlim_cur = std::min(limit.rlim_cur, file_bytes_max);
      setrlimit(RLIMIT_FSIZE, &limit);
      const auto copied = CopyLog({.from = from_, .to = to_}, GoOn);
      return copied ? "" : copied.error().reason;
    });
  }
  // What a start says to the target; empty: it begins.
  std::string Start() const {
    return RunInChild([&]() -> std::string {
             Config config;
             config.data = to_;
             const SystemClock clock;
             const auto opened = DataFolder::Open(config, clock);
             return opened ? "" : opened.error().reason;
           })
        .words;
  }

  const eventstore::testing::TempFolder folder_;
  const std::string from_ = folder_ / "from";
  const std::string to_ = folder_ / "to";
};

TEST_F(LogCopyTest, WhatCountsIsThereAndPositionsAreTaken) {
  EXPECT_EQ(Copy().words, "");
  EXPECT_EQ(Start(), "");
  const std::string wrong = RunInChild([&]() -> std::string {
                              Config config;
                              config.data = to_;
                              const SystemClock clock;
                              auto opened = DataFolder::Open(config, clock);
                              if (!opened) return opened.error().message;
                              const auto report = eventstore::VerifyLog(opened->log());
                              if (!report || !report->Sound()) return "it is not sound";
                              if (report->partitions[1].records != kRecords) return "records";
                              const Bytes life = eventstore::testing::TestBirth().log_incarnation;
                              if (opened->birth().log_incarnation == life) return "its life";
                              const auto& ancestry = opened->ancestry();
                              if (!ancestry.Holds(life, kFilled, Seq{kRecords})) return "holds";
                              if (ancestry.Holds(life, kFilled, Seq{kRecords + 1})) return "more";
                              return "";
                            }).words;
  EXPECT_EQ(wrong, "");
}

TEST_F(LogCopyTest, OneThatIsKilledIsNotTakenForANewFolder) {
  constexpr rlim_t kEnoughToBegin = 64 * 1024;  // the log's own first file grows beyond
  EXPECT_EQ(Copy(kEnoughToBegin).signal, SIGXFSZ);
  ASSERT_TRUE(fs::exists(LogIn(to_) + ".unborn"));
  ASSERT_FALSE(fs::exists(LogIn(to_)));
  EXPECT_EQ(Start(), "RESTORE_UNFINISHED");
  EXPECT_EQ(Copy().words, "");
  EXPECT_FALSE(fs::exists(RestoringIn(to_)));
  EXPECT_EQ(Start(), "");
}

TEST_F(LogCopyTest, AFolderThatHasALogIsLeftAlone) {
  EXPECT_EQ(Start(), "");
  EXPECT_EQ(Copy().words, "LOG_EXISTS");
}

TEST_F(LogCopyTest, WhatCannotBeCopiedChangesNothing) {
  fs::remove_all(from_);
  EXPECT_EQ(Copy().words, "LOG_NOT_BORN");
  EXPECT_FALSE(fs::exists(to_));
}

}  // namespace
}  // namespace jalon::node
