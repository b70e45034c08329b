// What an inclusion proof costs in its handler, in trails of a million entries: warm, cold, and
// with thousands of other trails beside, in a view folded by the engine into its RocksDB.
//
// The answer is the whole one: proof, root, and the checkpoint, signed. The signer has signed the
// trail at this size before, so that nothing is synced.
//
// Usage: proof_bench [--data FOLDER] [--entries N] [--trails N] [--calls N] [--runs N]
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/bench/disk.h"
#include "tests/bench/report.h"
#include "tests/bench/trust/folded_trails.h"
#include "tests/bench/words.h"

namespace jalon::bench {
namespace {

constexpr uint64_t kLarge = 3;  // trails of full size in the end
constexpr uint64_t kSmallEntries = 20;

struct Settings {
  std::string folder;
  uint64_t entries = 0;  // of a large trail
  uint64_t small = 0;    // how many small ones
  uint64_t calls = 0;
  uint64_t runs = 0;
};

// Times of proofs of random entries of random large trails, ascending.
std::vector<double> Times(FoldedTrails& trails, const Settings& settings, uint64_t large,
                          uint64_t calls) {
  std::mt19937_64 random(large);
  std::vector<double> times;
  for (uint64_t i = 0; i < calls; ++i) {
    times.push_back(trails.Prove(CompanyOf(random() % large), random() % settings.entries));
  }
  std::ranges::sort(times);
  return times;
}

double Warm(const Settings& settings, uint64_t large, const char* p99) {
  FoldedTrails trails(settings.folder);
  for (uint64_t company = 0; company < large; ++company) trails.Prove(CompanyOf(company), 0);
  Times(trails, settings, large, settings.calls);  // the caches hold what they can
  const std::vector<double> times = Times(trails, settings, large, settings.calls);
  if (p99 != nullptr) Report(p99, times[times.size() * 99 / 100], "us");
  return Median(times);
}

// The first proof of a process that was just started; `before` prepares each.
double First(const Settings& settings, const std::function<void()>& before) {
  std::mt19937_64 random(7);
  std::vector<double> times;
  for (uint64_t run = 0; run < settings.runs; ++run) {
    before();
    FoldedTrails trails(settings.folder);
    before();
    times.push_back(trails.Prove(CompanyOf(random() % kLarge), random() % settings.entries));
  }
  return Median(times);
}

int Main(int argc, char** argv) {
  const Words given(argc, argv);
  const auto folder = FreshFolder(given, "proof");
  if (!folder) return 2;
  const Settings settings{.folder = *folder,
                          .entries = given.Number("--entries", 1'000'000),
                          .small = given.Number("--trails", 20'000),
                          .calls = given.Number("--calls", 5'000),
                          .runs = given.Number("--runs", 15)};
  fmt::print(stderr, "one trail of {} entries\n", settings.entries);
  TrailLog::Create(*folder);
  {
    TrailLog log(*folder);
    log.Append(CompanyOf(0), settings.entries);
    log.Flush();
  }
  const double alone = Warm(settings, 1, nullptr);
  fmt::print(stderr, "{} of them, and {} of {} entries\n", kLarge, settings.small, kSmallEntries);
  {
    TrailLog log(*folder);
    for (uint64_t company = 1; company < kLarge; ++company) {
      log.Append(CompanyOf(company), settings.entries);
    }
    for (uint64_t company = 0; company < settings.small; ++company) {
      log.Append(CompanyOf(kLarge + company), kSmallEntries);
    }
    log.Flush();
  }
  Report("proof_alone_us", alone, "us");
  const double warm = Warm(settings, kLarge, "proof_p99_us");
  bool met = Report("proof_us", warm, "us", AtMost(200));
  met &= Report("proof_cold_us", First(settings, [] {}), "us", AtMost(200));
  Report("proof_disk_us", First(settings, [&] { DropCached(*folder); }), "us");
  met &= Report("proof_many_vs_one", warm / alone, "ratio", AtMost(1.25));
  std::filesystem::remove_all(*folder);
  return met ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int argc, char** argv) { return jalon::bench::Main(argc, argv); }
