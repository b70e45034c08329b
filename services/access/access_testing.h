// An access log in a folder of its own, with a clock that stands.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/access/access_log.h"

namespace jalon::access {

inline const std::string kTestSchool(16, 'S');

inline v1::AccessEntry Refused(char person, const std::string& action = "stay.end") {
  v1::AccessEntry entry;
  entry.set_kind(v1::ACCESS_KIND_REFUSAL);
  entry.set_person_id(std::string(8, person));
  entry.set_school_id(kTestSchool);
  entry.set_action(action);
  entry.set_reason(refusal::v1::REFUSAL_REASON_NOT_FOUND);
  return entry;
}

inline v1::AccessEntry Opened(char person, char subject) {
  v1::AccessEntry entry;
  entry.set_kind(v1::ACCESS_KIND_PERSONAL_READ);
  entry.set_person_id(std::string(8, person));
  entry.set_school_id(kTestSchool);
  entry.set_action("progress.read");
  entry.add_subject_ids(std::string(8, subject));
  return entry;
}

// Stands until it is moved, and jumps where it is told to.
class JumpingClock final : public Clock {
 public:
  Micros Wall() const override {
    return std::chrono::days(20'000) + passed_.load() + ahead_.load();
  }
  Micros Monotonic() const override { return passed_; }
  void Advance(Micros by) { passed_ = passed_.load() + by; }
  void Jump(Micros by) { ahead_ = ahead_.load() + by; }

 private:
  std::atomic<Micros> passed_{Micros()};
  std::atomic<Micros> ahead_{Micros()};
};

class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/access_" + info->test_suite_name() + "_" + info->name();
    std::filesystem::remove_all(folder_);
  }
  ~AccessTest() override {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }

  // What a start says: "" or the reason.
  std::string Open() {
    log_.reset();
    auto opened = AccessLog::Open(
        {.folder = folder_, .clock = clock_, .bounds = bounds_, .on_fault = [this](const Error&) {
           ++faults_;
         }});
    if (!opened) return opened.error().reason;
    log_ = std::move(*opened);
    log_->Start();
    return "";
  }
  void Close() { log_.reset(); }

  // Appends it; the reason of the error.
  std::string Record(v1::AccessEntry entry) {
    std::promise<Result<void>> promise;
    log_->Record(std::move(entry), [&](Result<void> done) { promise.set_value(std::move(done)); });
    const Result<void> done = promise.get_future().get();
    return done ? "" : done.error().reason;
  }

  // All that is kept, the oldest first.
  std::vector<v1::AccessEntry> Entries() {
    std::vector<v1::AccessEntry> entries;
    const auto read = log_->EachBefore(UINT64_MAX, [&](const v1::AccessEntry& entry) {
      entries.insert(entries.begin(), entry);
      return true;
    });
    EXPECT_TRUE(read) << read.error().message;
    return entries;
  }
  // "6 1 3": their kinds.
  std::string Kinds() {
    std::string kinds;
    for (const auto& entry : Entries()) {
      kinds += (kinds.empty() ? "" : " ") + std::to_string(entry.kind());
    }
    return kinds;
  }

  static std::string Read(const std::string& path) {
    return ReadWhole(path).value_or(std::nullopt).value_or("");
  }
  static void Write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string Segment(uint64_t first = 1) const { return SegmentPath(folder_, first); }

  // The descriptor that this process has of the file; -1: none.
  static int FileOf(const std::string& path) {
    const std::filesystem::path whole = std::filesystem::canonical(path);
    for (const auto& open : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code failed;
      if (std::filesystem::read_symlink(open.path(), failed) == whole) {
        return std::stoi(open.path().filename());
      }
    }
    return -1;
  }

  JumpingClock clock_;
  LogBounds bounds_;
  std::string folder_;
  std::atomic<int> faults_ = 0;
  std::unique_ptr<AccessLog> log_;
};

}  // namespace jalon::access
