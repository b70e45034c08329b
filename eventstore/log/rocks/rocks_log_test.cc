#include "eventstore/log/rocks/rocks_log.h"

#include <gtest/gtest.h>

#include "eventstore/log/log_contract.h"
#include "eventstore/log/rocks/temp_folder_testing.h"

namespace jalon::eventstore::testing {
namespace {

class RocksFixture final : public Fixture {
 public:
  RocksFixture(const Birth& birth, const RocksLogOptions& options) : options_(options) {
    EXPECT_TRUE(RocksLog::Create(path_, birth));
    Reopen();
  }
  Log& log() override { return *log_; }
  bool Reopen() override {
    log_.reset();
    auto opened = RocksLog::Open(path_, options_);
    EXPECT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
    return true;
  }

 private:
  TempFolder folder_;
  const std::string path_ = folder_ / "log";
  const RocksLogOptions options_;
  std::unique_ptr<RocksLog> log_;
};

MakeFixture With(const RocksLogOptions& options) {
  return [options](const Birth& birth) { return std::make_unique<RocksFixture>(birth, options); };
}

// Followers always find what they want in the ring; never; and now and then.
INSTANTIATE_TEST_SUITE_P(Ring, LogContract, ::testing::Values(With({})));
INSTANTIATE_TEST_SUITE_P(Disk, LogContract,
                         ::testing::Values(With({.ring_entries_max = 1, .ring_bytes_max = 0})));
INSTANTIATE_TEST_SUITE_P(Both, LogContract,
                         ::testing::Values(With({.ring_entries_max = 50, .ring_bytes_max = 2000})));
// The memtables are flushed all the time, so files come and move.
INSTANTIATE_TEST_SUITE_P(Flushes, LogContract,
                         ::testing::Values(With({.ring_entries_max = 10,
                                                 .memtable_bytes = 64 * 1024})));

}  // namespace
}  // namespace jalon::eventstore::testing
