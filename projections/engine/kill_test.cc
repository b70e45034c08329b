// Views at rest under SIGKILL: a child process folds, flushes, rebuilds and swaps without end; it
// is killed at random instants and at named points, and whatever it left must open and come to the
// rows that a fold of the whole log gives. Also the proof that the rig would notice: a store that
// keeps its checkpoints apart from its rows is caught.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/check.h"
#include "eventstore/log/log_testing.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/memory_store.h"
#include "projections/engine/mutants_testing.h"
#include "projections/engine/rocks_store.h"
#include "projections/engine/store_testing.h"

namespace jalon::projections {
namespace {

constexpr uint32_t kPartitions = 3;
constexpr size_t kRecordsPerRound = 20;
constexpr size_t kRoundsMax = 600;
constexpr size_t kRoundsPerRebuild = 12;
constexpr size_t kRoundsPerFlush = 16;
constexpr uint64_t kSeed = 42;
// What the child's `check` found.
constexpr int kEqual = 0;
constexpr int kDifferent = 3;
constexpr int kRefused = 4;

// The log is made anew in each process, equal bytes each time, and grows by rounds; how many rounds
// there are stands in a file, which a SIGKILL does not touch.
class GrowingLog {
 public:
  explicit GrowingLog(const std::string& folder)
      : rounds_file_(open((folder + "/rounds").c_str(), O_RDWR | O_CREAT, 0600)) {
    JALON_CHECK(rounds_file_ >= 0);
    const uint64_t rounds = std::max<uint64_t>(1, RoundsIn(rounds_file_));
    while (rounds_ < rounds) Append();
  }
  ~GrowingLog() { close(rounds_file_); }
  GrowingLog(const GrowingLog&) = delete;
  GrowingLog& operator=(const GrowingLog&) = delete;

  void Grow() {
    const uint64_t rounds = rounds_ + 1;  // known before any entry of it is
    JALON_CHECK(pwrite(rounds_file_, &rounds, sizeof rounds, 0) == sizeof rounds);
    Append();
  }
  uint64_t rounds() const { return rounds_; }
  // How many there are by now, whoever makes them.
  static uint64_t RoundsIn(int rounds_file) {
    uint64_t rounds = 0;
    return pread(rounds_file, &rounds, sizeof rounds, 0) == sizeof rounds ? rounds : 0;
  }
  static uint64_t RoundsIn(const std::string& folder) {
    const int file = open((folder + "/rounds").c_str(), O_RDONLY);
    if (file < 0) return 0;
    const uint64_t rounds = RoundsIn(file);
    close(file);
    return rounds;
  }
  eventstore::Log& log() { return log_; }

 private:
  void Append() {
    ++rounds_;
    testing::AppendRandom(writer_, random_, kPartitions, kRecordsPerRound);
  }

  const int rounds_file_;
  uint64_t rounds_ = 0;
  std::mt19937_64 random_{kSeed};
  eventstore::MemoryLog log_{eventstore::testing::TestBirth(kPartitions)};
  testing::LogWriter writer_{log_};
};

// The store, or the mutant that keeps checkpoints apart.
class Stores {
 public:
  Stores(const std::string& folder, bool apart) : rows_(Open(folder + "/views")) {
    if (!apart) return;
    directories_ = Open(folder + "/directories");
    mutant_.emplace(*rows_, *directories_);
  }
  ViewStore& store() { return mutant_ ? static_cast<ViewStore&>(*mutant_) : *rows_; }

 private:
  static std::unique_ptr<RocksViewStore> Open(const std::string& path) {
    // Small memtables: they are flushed all the time.
    auto store = RocksViewStore::Open({.path = path, .memtable_bytes = 64 * 1024});
    JALON_CHECK(store.has_value());
    return *std::move(store);
  }
  std::unique_ptr<RocksViewStore> rows_;
  std::unique_ptr<RocksViewStore> directories_;
  std::optional<testing::KeepsCheckpointsApart> mutant_;
};

struct Child {
  std::string folder;
  bool apart = false;
  std::string point = {};  // where to die; empty: nowhere

  void At(std::string_view reached) const {
    if (reached == point) kill(getpid(), SIGKILL);
  }

  int Run() const {
    GrowingLog log(folder);
    Stores stores(folder, apart);
    const auto views = testing::MakeTestViews();
    Projector projector({.partitions = testing::Partitions(kPartitions)}, log.log(), stores.store(),
                        *views);
    if (!projector.Open()) return kRefused;
    while (log.rounds() < kRoundsMax) {
      log.Grow();
      testing::StepToEnd(projector);
      if (log.rounds() % kRoundsPerFlush == 0) JALON_CHECK(stores.store().Flush(true).has_value());
      At("folded");
      if (!apart && log.rounds() % kRoundsPerRebuild == 0)
        RebuildAndSwap(log, stores, *views, projector);
    }
    return 0;
  }

  void RebuildAndSwap(GrowingLog& log, Stores& stores, const ViewSet& views,
                      Projector& projector) const {
    RebuildOptions options{.targets = testing::Everything(views, kPartitions)};
    if (log.rounds() % 2 == 0) options.memory_bytes = 50'000;
    Rebuild rebuild(options, log.log(), stores.store(), views);
    JALON_CHECK(rebuild.Open().has_value());
    auto built = testing::WorkToEnd(rebuild, 2);
    At("ingested");
    log.Grow();
    testing::AdoptAndStep(projector, std::move(built));
    At("swapped");
    JALON_CHECK(stores.store().Collect().has_value());
    At("collected");
  }

  // Opens what is there, and holds it against a fold of the whole log.
  int Check() const {
    GrowingLog log(folder);
    Stores stores(folder, apart);
    const auto views = testing::MakeTestViews();
    Projector projector({.partitions = testing::Partitions(kPartitions)}, log.log(), stores.store(),
                        *views);
    if (const Result<void> opened = projector.Open(); !opened) {
      fprintf(stderr, "refused: %s\n", opened.error().message.c_str());
      return kRefused;
    }
    testing::StepToEnd(projector);
    MemoryViewStore empty;
    Projector refold({.partitions = testing::Partitions(kPartitions)}, log.log(), empty, *views);
    JALON_CHECK(refold.Open().has_value());
    testing::StepToEnd(refold);
    const bool equal = testing::AllRows(projector, *views, kPartitions) ==
                       testing::AllRows(refold, *views, kPartitions);
    return equal ? kEqual : kDifferent;
  }
};

// Another process of this program. Argument vector: --child run|check FOLDER apart|together POINT.
pid_t Spawn(const std::string& what, const Child& child) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  std::array<std::string, 6> words{
      "views_kill_test", "--child", what, child.folder, child.apart ? "apart" : "together",
      child.point};
  std::array<char*, 7> argv{};
  for (size_t i = 0; i < words.size(); ++i) argv[i] = words[i].data();
  execv("/proc/self/exe", argv.data());
  _exit(127);
}

int StatusOf(pid_t pid) {
  int status = 0;
  JALON_CHECK(waitpid(pid, &status, 0) == pid);
  return status;
}
int RunCheck(const Child& child) {
  const int status = StatusOf(Spawn("check", child));
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
bool WasKilled(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }

// Runs the child until its log has grown by so many rounds, and kills it somewhere in the next
// ones. False if it had come to its end before.
bool RunAndKill(const Child& child, uint64_t rounds, std::chrono::microseconds later) {
  const uint64_t until = GrowingLog::RoundsIn(child.folder) + rounds;
  const pid_t pid = Spawn("run", child);
  siginfo_t ended{};
  while (GrowingLog::RoundsIn(child.folder) < until && ended.si_pid == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    JALON_CHECK(waitid(P_PID, pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0);
  }
  std::this_thread::sleep_for(later);
  kill(pid, SIGKILL);
  return WasKilled(StatusOf(pid));
}

TEST(Kill, AtAnyInstantRowsAndCheckpointDoNotPart) {
  const testing::TempFolder folder;
  const Child child{folder.path()};
  std::mt19937_64 random(7);
  int kills = 0;
  for (int life = 0; life < 25; ++life) {
    if (RunAndKill(child, random() % 10, std::chrono::microseconds(random() % 50'000))) ++kills;
    ASSERT_EQ(RunCheck(child), kEqual) << "life " << life;
  }
  EXPECT_GT(kills, 15);
}

TEST(Kill, AtEachPointOfARebuildTheNextStartServesTheSameRows) {
  for (const char* point : {"folded", "ingested", "swapped", "collected"}) {
    const testing::TempFolder folder;
    const Child child{folder.path(), false, point};
    for (int life = 0; life < 3; ++life) {
      ASSERT_TRUE(WasKilled(StatusOf(Spawn("run", child)))) << point << " was not reached";
      ASSERT_EQ(RunCheck({folder.path()}), kEqual) << point << ", life " << life;
    }
  }
}

TEST(Kill, AHalfBuiltGenerationIsDeadAndCollected) {
  const testing::TempFolder folder;
  const Child child{folder.path(), false, "ingested"};
  ASSERT_TRUE(WasKilled(StatusOf(Spawn("run", child))));
  GrowingLog log(folder.path());
  const auto generations = [](ViewStore& store) {
    std::set<Generation> found;
    EXPECT_TRUE(store.Snapshot()->Scan(GenerationKey(Generation{1}), "",
                                       [&](std::string_view key, std::string_view) {
                                         found.insert(*GenerationOf(key));
                                         return true;
                                       }));
    return found.size();
  };
  const auto views = testing::MakeTestViews();
  Stores stores(folder.path(), false);
  EXPECT_GT(generations(stores.store()), views->size() * kPartitions) << "nothing was ingested";
  Projector projector({.partitions = testing::Partitions(kPartitions)}, log.log(), stores.store(),
                      *views);
  ASSERT_TRUE(projector.Open());
  testing::StepToEnd(projector);
  ASSERT_TRUE(stores.store().Collect());
  EXPECT_EQ(generations(stores.store()), views->size() * kPartitions);
}

// Mutant: with the checkpoints in memtables of their own, a kill parts them from the rows.
TEST(Kill, CheckpointsThatLieApartAreCaught) {
  std::mt19937_64 random(9);
  int caught = 0;
  for (int life = 0; life < 12 && caught == 0; ++life) {
    const testing::TempFolder folder;
    const Child child{folder.path(), true};
    RunAndKill(child, 40, std::chrono::microseconds(random() % 50'000));
    caught += RunCheck(child) != kEqual;
  }
  EXPECT_GT(caught, 0);
}

int ChildMain(const std::vector<std::string>& words) {
  const Child child{words.at(3), words.at(4) == "apart", words.at(5)};
  return words.at(2) == "run" ? child.Run() : child.Check();
}

}  // namespace
}  // namespace jalon::projections

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (argc > 1 && words[1] == "--child") return jalon::projections::ChildMain(words);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
