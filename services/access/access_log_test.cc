// What the access log takes, keeps and drops.
#include <fcntl.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "services/access/access_testing.h"
#include "services/access/verify.h"

namespace jalon::access {
namespace {

class AccessLogTest : public AccessTest {};

TEST_F(AccessLogTest, KeepsWhatItIsToldInOrder) {
  ASSERT_EQ(Open(), "");
  log_->Note(Refused('a'));
  EXPECT_EQ(Record(Opened('b', 'x')), "");
  v1::AccessEntry credential;
  credential.set_kind(v1::ACCESS_KIND_CREDENTIAL);
  log_->Note(credential);
  EXPECT_EQ(Record(Opened('b', 'y')), "");
  EXPECT_EQ(Kinds(), "6 1 3 2 3");
  const auto entries = Entries();
  for (size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].seq(), i + 1);
    EXPECT_EQ(entries[i].at(), clock_.Wall().count());
  }
  EXPECT_EQ(entries[1].action(), "stay.end");
  EXPECT_EQ(entries[2].subject_ids(0), std::string(8, 'x'));
}

TEST_F(AccessLogTest, GoesOnAfterAStart) {
  ASSERT_EQ(Open(), "");
  EXPECT_EQ(Record(Opened('b', 'x')), "");
  ASSERT_EQ(Open(), "");
  EXPECT_EQ(Record(Opened('b', 'y')), "");
  EXPECT_EQ(Kinds(), "6 3 6 3");
  Close();
  const auto verified = Verify(folder_);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->finding, Finding::kIntact);
  EXPECT_EQ(verified->entries, 4u);
}

TEST_F(AccessLogTest, WhatIsAnsweredStandsInTheFileThoughNothingWasSynced) {
  ASSERT_EQ(Open(), "");
  ASSERT_EQ(Record(Opened('b', 'x')), "");
  const std::string copy = folder_ + ".killed";  // as a server that is killed leaves it
  std::filesystem::remove_all(copy);
  std::filesystem::copy(folder_, copy);
  Close();
  std::filesystem::remove_all(folder_);
  folder_ = copy;
  ASSERT_EQ(Open(), "");
  log_->Stop();
  EXPECT_EQ(Kinds(), "6 3 6");
}

TEST_F(AccessLogTest, WhoIsNobodyIsOnlyCounted) {
  ASSERT_EQ(Open(), "");
  v1::AccessEntry nobody = Refused('a');
  nobody.clear_person_id();
  for (int i = 0; i < 5; ++i) log_->Note(nobody);
  Close();
  ASSERT_EQ(Open(), "");
  uint64_t counted = 0;
  for (const auto& entry : Entries()) {
    EXPECT_NE(entry.kind(), v1::ACCESS_KIND_REFUSAL);
    counted += entry.count();
  }
  EXPECT_EQ(counted, 5u);
}

TEST_F(AccessLogTest, AFloodOfRefusalsIsCountedAndReadsGoOn) {
  ASSERT_EQ(Open(), "");
  for (uint32_t i = 0; i < kNotedPerPersonADayMax + 50; ++i) log_->Note(Refused('a'));
  EXPECT_EQ(Record(Opened('b', 'x')), "");
  log_->Note(Refused('c'));  // who has a day of their own
  ASSERT_EQ(Open(), "");
  log_->Note(Refused('a'));  // a start does not begin it anew
  clock_.Advance(std::chrono::days(1));
  log_->Note(Refused('a'));  // the day is over
  ASSERT_EQ(Open(), "");
  uint64_t refusals = 0;
  uint64_t counted = 0;
  for (const auto& entry : Entries()) {
    refusals += entry.kind() == v1::ACCESS_KIND_REFUSAL ? 1 : 0;
    counted += entry.count();
  }
  EXPECT_EQ(refusals, kNotedPerPersonADayMax + 2);
  EXPECT_EQ(counted, 51u);
}

// Whoever wants the record of a reading gone is refused as often as can be, with helpers and over
// years: it stays for as long as it is kept.
TEST_F(AccessLogTest, NoRefusalsPushOutAReading) {
  bounds_ = {.bytes_max = 80'000,
             .age_max = std::chrono::days(100),
             .segment_bytes_max = 2'000,
             .segment_age_max = std::chrono::days(10),
             .noted_bytes_a_day_max = 300};
  ASSERT_EQ(Open(), "");
  ASSERT_EQ(Record(Opened('i', 'x')), "");
  for (int day = 0; day < 100; ++day) {
    for (int i = 0; i < 300; ++i) log_->Note(Refused(static_cast<char>('a' + i % 10)));
    v1::AccessEntry feed = Refused('i');
    feed.set_kind(v1::ACCESS_KIND_EXPORT);
    for (int i = 0; i < 300; ++i) log_->Note(feed);
    ASSERT_EQ(Record(Opened('b', 'x')), "");
    clock_.Advance(std::chrono::days(1));
  }
  EXPECT_EQ(log_->OldestAfterDrops(), 0u);
  const auto entries = Entries();
  EXPECT_EQ(entries[1].kind(), v1::ACCESS_KIND_PERSONAL_READ);
  EXPECT_EQ(entries[1].person_id(), std::string(8, 'i'));
  uint64_t told = 0;
  for (const auto& entry : entries) {
    told += entry.kind() == v1::ACCESS_KIND_REFUSAL || entry.kind() == v1::ACCESS_KIND_EXPORT;
    told += entry.count();
  }
  EXPECT_GE(told, 99u * 600) << "what has no entry is counted";
}

TEST_F(AccessLogTest, WhenTooMuchWaitsReadsAreRefused) {
  // Not started: nothing is taken from the queue.
  auto opened = AccessLog::Open({.folder = folder_, .clock = clock_});
  ASSERT_TRUE(opened);
  AccessLog& log = **opened;
  size_t taken = 0;
  std::string reason;
  for (size_t i = 0; i <= kQueuedMax; ++i) {
    log.Record(Opened('b', 'x'), [&](const Result<void>& done) {
      if (done) ++taken;
      if (!done) reason = done.error().reason;
    });
  }
  EXPECT_EQ(reason, "ACCESS_LOG_UNAVAILABLE");
  EXPECT_EQ(taken, 0u);
  log.Start();
  log.Stop();
  EXPECT_EQ(taken, kQueuedMax);
}

TEST_F(AccessLogTest, AfterTheEndNothingIsTaken) {
  ASSERT_EQ(Open(), "");
  log_->Stop();
  EXPECT_EQ(Record(Opened('b', 'x')), "ACCESS_LOG_UNAVAILABLE");
}

TEST_F(AccessLogTest, WhatCannotBeWrittenIsNotAnswered) {
  bounds_.segment_bytes_max = 1;  // each batch begins a file
  ASSERT_EQ(Open(), "");
  ASSERT_EQ(Record(Opened('b', 'x')), "");
  // A folder stands where the next file would.
  const uint64_t next = Entries().back().seq() + 1;
  std::filesystem::create_directory(Segment(next));
  EXPECT_EQ(Record(Opened('b', 'y')), "ACCESS_LOG_UNAVAILABLE");
  EXPECT_EQ(Record(Opened('b', 'z')), "ACCESS_LOG_UNAVAILABLE");
  EXPECT_EQ(faults_, 1) << "told once";
  std::filesystem::remove(Segment(next));
  EXPECT_EQ(Record(Opened('b', 'z')), "");
  EXPECT_EQ(Entries().back().seq(), next) << "what failed left no gap";
}

TEST_F(AccessLogTest, TheOldestFilesGoBeyondTheBounds) {
  bounds_.segment_bytes_max = 500;
  bounds_.bytes_max = 3000;
  ASSERT_EQ(Open(), "");
  for (int i = 0; i < 100; ++i) ASSERT_EQ(Record(Opened('b', 'x')), "");
  const auto entries = Entries();
  EXPECT_GT(entries.front().seq(), 50u);
  EXPECT_EQ(entries.back().seq(), 101u);
  EXPECT_EQ(log_->OldestAfterDrops(), entries.front().seq());
  size_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder_)) bytes += file.file_size();
  EXPECT_LT(bytes, bounds_.bytes_max + 2 * bounds_.segment_bytes_max);
  Close();
  const auto verified = Verify(folder_);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->finding, Finding::kIntact) << "the chain says where it begins";
  EXPECT_EQ(verified->first.seq, entries.front().seq());
  ASSERT_EQ(Open(), "");
}

TEST_F(AccessLogTest, WhatIsTooOldGoes) {
  bounds_.age_max = std::chrono::days(10);
  bounds_.segment_age_max = std::chrono::days(1);
  ASSERT_EQ(Open(), "");
  for (int day = 0; day < 30; ++day) {
    ASSERT_EQ(Record(Opened('b', 'x')), "");
    clock_.Advance(std::chrono::days(1));
  }
  const auto oldest = Micros(Entries().front().at());
  EXPECT_GE(oldest + std::chrono::days(13), clock_.Wall());
  EXPECT_LE(oldest + std::chrono::days(10), clock_.Wall());
}

// A clock that is once ten years ahead costs one file, not all.
TEST_F(AccessLogTest, AClockThatJumpsDropsOneFileAtMost) {
  bounds_.age_max = std::chrono::days(10);
  bounds_.segment_age_max = std::chrono::days(1);
  ASSERT_EQ(Open(), "");
  for (int day = 0; day < 6; ++day) {
    ASSERT_EQ(Record(Opened('b', 'x')), "");
    clock_.Advance(std::chrono::days(1));
  }
  clock_.Jump(std::chrono::days(3650));
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Record(Opened('b', 'y')), "");
  clock_.Jump(std::chrono::days(-3650));
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Record(Opened('b', 'z')), "");
  const auto entries = Entries();
  EXPECT_LE(entries.front().seq(), 3u);
  EXPECT_EQ(entries.back().seq(), 13u);
  // What was written while it was ahead goes with the rest.
  for (int day = 0; day < 30; ++day) {
    ASSERT_EQ(Record(Opened('b', 'x')), "");
    clock_.Advance(std::chrono::days(1));
  }
  EXPECT_GE(Micros(Entries().front().at()) + std::chrono::days(14), clock_.Wall());
  EXPECT_LE(Micros(Entries().front().at()), clock_.Wall());
}

// What a sync that failed left on the disk nobody can tell, whatever the next one says.
TEST_F(AccessLogTest, ASyncThatFailsStopsTheLogUntilAStart) {
  ASSERT_EQ(Open(), "");
  ASSERT_EQ(Record(Opened('b', 'x')), "");
  const int file = FileOf(Segment());
  ASSERT_GE(file, 0);
  const int kept = ::dup(file);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);  // which takes all and syncs nothing
  ASSERT_GE(::dup2(null, file), 0);
  ASSERT_EQ(Record(Opened('b', 'y')), "");
  clock_.Advance(kSyncEvery);
  for (int i = 0; i < 500 && faults_ == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(faults_, 1);
  ASSERT_GE(::dup2(kept, file), 0);  // the disk is well again
  clock_.Advance(kSyncEvery);
  EXPECT_EQ(Record(Opened('b', 'z')), "ACCESS_LOG_UNAVAILABLE");
  Close();
  ::close(kept);
  ::close(null);
  ASSERT_EQ(Open(), "") << "it does not say that what was lost is there";
  EXPECT_EQ(Record(Opened('b', 'z')), "");
  EXPECT_EQ(Kinds(), "6 3 6 3");
}

TEST_F(AccessLogTest, ManyAtOnceHaveOneEntryEach) {
  ASSERT_EQ(Open(), "");
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (char person = 'a'; person < 'e'; ++person) {
    threads.emplace_back([&, person] {
      for (int i = 0; i < 200; ++i) failed += Record(Opened(person, 'x')).empty() ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(Entries().size(), 801u);
  Close();
  EXPECT_EQ(Verify(folder_)->finding, Finding::kIntact);
}

// What a power cut leaves: an end that was not synced, whole, half there or zeros.
TEST_F(AccessLogTest, AnEndThatIsHalfWrittenIsCut) {
  ASSERT_EQ(Open(), "");
  ASSERT_EQ(Record(Opened('b', 'x')), "");
  Close();
  const std::string whole = Read(Segment());
  for (const std::string& end :
       {std::string("\x20"), std::string(4096, '\0'), std::string("\x08\0\0\0\x08\x63", 6)}) {
    Write(Segment(), whole + end);
    EXPECT_GT(Verify(folder_)->half_written, 0u);
    ASSERT_EQ(Open(), "");
    log_->Stop();
    EXPECT_EQ(Kinds(), "6 3 6");
    Close();
    EXPECT_EQ(Verify(folder_)->finding, Finding::kIntact);
    EXPECT_EQ(Verify(folder_)->half_written, 0u);
    Write(Segment(), whole);
    Write(ChainPath(folder_),
          ChainText({.first = {.seq = 1, .hash = {}},
                     .head = {2, ReadEntry(whole, ReadEntry(whole, 0)->end)->hash}}));
  }
}

TEST_F(AccessLogTest, AStartRefusesWhatIsNotWhatWasSynced) {
  ASSERT_EQ(Open(), "");
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Record(Opened('b', 'x')), "");
  Close();
  const std::string whole = Read(Segment());
  const std::string chain = Read(ChainPath(folder_));
  std::string flipped = whole;
  flipped[ReadEntry(whole, 0)->end + 6] ^= 1;
  Write(Segment(), flipped);
  EXPECT_EQ(Open(), "ACCESS_LOG_BROKEN");
  Write(Segment(), whole.substr(0, whole.size() - 1));
  EXPECT_EQ(Open(), "ACCESS_LOG_BROKEN");
  std::filesystem::remove(Segment());
  EXPECT_EQ(Open(), "ACCESS_LOG_BROKEN");
  Write(Segment(), whole);
  Write(ChainPath(folder_), "jalon access chain 1\n");
  EXPECT_EQ(Open(), "ACCESS_LOG_BROKEN");
  std::filesystem::remove(ChainPath(folder_));
  EXPECT_EQ(Open(), "ACCESS_LOG_BROKEN");
  Write(ChainPath(folder_), chain);
  EXPECT_EQ(Open(), "");
}

TEST_F(AccessLogTest, TheFolderIsForItsOwnerOnly) {
  ASSERT_EQ(Open(), "");
  ASSERT_EQ(Record(Opened('b', 'x')), "");
  using std::filesystem::perms;
  const perms others = perms::group_all | perms::others_all;
  EXPECT_EQ(std::filesystem::status(folder_).permissions() & others, perms::none);
  for (const auto& file : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(file.status().permissions() & others, perms::none) << file.path();
  }
}

}  // namespace
}  // namespace jalon::access
