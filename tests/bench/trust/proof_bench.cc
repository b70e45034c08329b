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

// Of many calls: the median, the 99th percentile, and the median of processor time.
struct Times {
  double median_us = 0;
  double p99_us = 0;
  double cpu_us = 0;
};
Times TimesOf(const std::vector<Taken>& calls) {
  std::vector<double> walls, cpus;
  for (const Taken& call : calls) {
    walls.push_back(call.wall_us);
    cpus.push_back(call.cpu_us);
  }
  std::ranges::sort(walls);
  return {walls[walls.size() / 2], walls[walls.size() * 99 / 100], Median(cpus)};
}

// Proofs of random entries of random large trails.
std::vector<Taken> ProveMany(FoldedTrails& trails, const Settings& settings, uint64_t large) {
  std::mt19937_64 random(large);
  std::vector<Taken> calls;
  calls.reserve(settings.calls);
  for (uint64_t i = 0; i < settings.calls; ++i) {
    calls.push_back(trails.Prove(CompanyOf(random() % large), random() % settings.entries));
  }
  return calls;
}

Times Warm(const Settings& settings, uint64_t large) {
  FoldedTrails trails(settings.folder);
  for (uint64_t company = 0; company < large; ++company) trails.Prove(CompanyOf(company), 0);
  ProveMany(trails, settings, large);  // the caches hold what they can
  return TimesOf(ProveMany(trails, settings, large));
}

// The first proof in a large trail of a process that was just started, and was asked about a small
// one before, so that its code is at hand and none of the trail is; `before` prepares each.
Times First(const Settings& settings, const std::function<void()>& before) {
  std::mt19937_64 random(7);
  std::vector<Taken> calls;
  for (uint64_t run = 0; run < settings.runs; ++run) {
    before();
    FoldedTrails trails(settings.folder);
    trails.Prove(CompanyOf(kLarge), 0);
    before();
    calls.push_back(trails.Prove(CompanyOf(random() % kLarge), random() % settings.entries));
  }
  return TimesOf(calls);
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
  const Times alone = Warm(settings, 1);
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
  const Times warm = Warm(settings, kLarge);
  const Times cold = First(settings, [] {});
  bool met = Report("proof_us", warm.median_us, "us", AtMost(200));
  met &= Report("proof_cold_us", cold.median_us, "us", AtMost(200));
  Report("proof_p99_us", warm.p99_us, "us");
  Report("proof_cpu_us", warm.cpu_us, "us");
  Report("proof_cold_cpu_us", cold.cpu_us, "us");
  Report("proof_disk_us", First(settings, [&] { DropCached(*folder); }).median_us, "us");
  Report("proof_alone_us", alone.median_us, "us");
  met &= Report("proof_many_vs_one", warm.cpu_us / alone.cpu_us, "ratio", AtMost(1.25));
  std::filesystem::remove_all(*folder);
  return met ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int argc, char** argv) { return jalon::bench::Main(argc, argv); }
