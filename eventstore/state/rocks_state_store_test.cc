#include "eventstore/state/rocks_state_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "eventstore/state/state_contract.h"

namespace jalon::eventstore::testing {
namespace {

// A folder that goes when the test ends.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "jalon-state-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::unique_ptr<RocksStateStore> MustOpen(const RocksStateOptions& options) {
  auto store = RocksStateStore::Open(options);
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

class RocksFixture final : public StateFixture {
 public:
  StateStore& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    store_ = MustOpen({.folder = folder_.path()});
  }

 private:
  Folder folder_;
  std::unique_ptr<RocksStateStore> store_ = MustOpen({.folder = folder_.path()});
};

INSTANTIATE_TEST_SUITE_P(Rocks, StateContract, ::testing::Values([] {
                           return std::unique_ptr<StateFixture>(new RocksFixture);
                         }));

constexpr char kWriteForEver[] = "--write-for-ever";

// Writes until it is killed: each Write sets 20 rows to its number. A small buffer, so that flushes
// are under way all the time. Says through `started` when it has filled that a few times.
[[noreturn]] void WriteForEver(const std::string& folder, uint64_t from, int started) {
  const auto store = MustOpen({.folder = folder, .write_buffer_bytes = 64 * 1024});
  for (uint64_t number = from;; ++number) {
    std::vector<RowChange> changes;
    for (int row = 0; row < 20; ++row) {
      changes.emplace_back("row-" + std::to_string(row), std::to_string(number));
    }
    if (!store->Write(Partition{1}, changes, CheckpointAt(number))) ::_exit(1);
    if (number == from + 500 && ::write(started, "x", 1) != 1) ::_exit(1);
  }
}

// A process of its own from the start: a forked one would lack RocksDB's threads.
[[noreturn]] void ExecWriter(const std::string& folder, uint64_t from, int started) {
  ::execl("/proc/self/exe", "state_rocks_test", kWriteForEver, folder.c_str(),
          std::to_string(from).c_str(), std::to_string(started).c_str(), nullptr);
  ::_exit(1);
}

TEST(RocksStateStore, AfterAKillRowsAndCheckpointAreOfOneWrite) {
  const Folder folder;
  std::mt19937 random(1);
  uint64_t last = 0;
  int advanced = 0;
  for (int kill = 0; kill < 12; ++kill) {
    int started[2];
    ASSERT_EQ(::pipe(started), 0);
    const pid_t child = ::fork();
    if (child == 0) ExecWriter(folder.path(), last + 1, started[1]);
    ::close(started[1]);
    char byte = 0;
    ASSERT_EQ(::read(started[0], &byte, 1), 1) << "the writer ended by itself";
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ::close(started[0]);
    const auto store = MustOpen({.folder = folder.path()});
    const auto checkpoint = store->Checkpoint(Partition{1}).value();
    const uint64_t number = checkpoint ? checkpoint->head.seq.value : 0;
    ASSERT_GE(number, last);
    advanced += number > last;
    last = number;
    if (number == 0) continue;
    for (int row = 0; row < 20; ++row) {
      ASSERT_EQ(store->Get(Partition{1}, "row-" + std::to_string(row)).value(),
                std::to_string(number));
    }
  }
  EXPECT_GT(advanced, 6) << "the kills came before anything was flushed";
}

TEST(RocksStateStore, AnUnusableFolderIsAnError) {
  const auto store = RocksStateStore::Open({.folder = "/proc/no-such-place/state"});
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("state"), std::string::npos);
}

}  // namespace
}  // namespace jalon::eventstore::testing

int main(int argc, char** argv) {
  using namespace jalon::eventstore::
      testing;  // NOLINT(google-build-using-namespace): main has none
  if (argc == 5 && std::string_view(argv[1]) == kWriteForEver) {
    WriteForEver(argv[2], std::stoull(argv[3]), std::stoi(argv[4]));
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
