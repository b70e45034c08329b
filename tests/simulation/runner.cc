#include "tests/simulation/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>

namespace jalon::eventstore::simulation {

RunnerReport RunSeeds(const SeedRange& seeds, const std::function<void()>& prepare) {
  RunnerReport report;
  std::mutex mutex;
  std::atomic<uint64_t> next = seeds.first;
  std::atomic<uint64_t> end = seeds.first + seeds.count;
  std::map<uint64_t, std::vector<std::string>> failed;
  const auto started = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
      threads.emplace_back([&] {
        prepare();
        for (uint64_t seed = next++; seed < end; seed = next++) {
          RunReport run = Simulate({.seed = seed});
          const std::lock_guard lock(mutex);
          report.counts.Add(run.counts);
          ++report.seeds;
          std::vector<std::string>& words = run.violations;
          if (!seeds.histories_only) std::ranges::move(run.symptoms, std::back_inserter(words));
          if (words.empty()) continue;
          failed[seed] = std::move(words);
          if (seeds.stop_at_failure) end = std::min(end.load(), seed);
        }
      });
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  report.seconds = took.count();
  for (const auto& [seed, words] : failed) report.failed.push_back(seed);
  if (!failed.empty()) report.words = failed.begin()->second;
  return report;
}

std::string Describe(const RunnerReport& report) {
  const RunCounts& c = report.counts;
  return fmt::format(
      "{} seeds in {:.1f} s ({:.0f}/s): {} operations in {} attempts, {} accepted, {} refused, {} "
      "repeats; claims {}, void {}, gaps {}, stalls {}, barriers {}, flushes {}; crashes {}, "
      "pauses "
      "{}, rows lost {} writes, not owner {}, unknown {}, clock suspect {}, disk full {}, messages "
      "lost {}; log: dropped {}, doubled {}, reordered {}, torn {}, truncated {}; cuts {}, "
      "diverged "
      "{}",
      report.seeds, report.seconds, static_cast<double>(report.seeds) / report.seconds,
      c.operations, c.attempts, c.accepted, c.refused, c.repeats, c.claims, c.void_entries, c.gaps,
      c.stalls, c.barriers, c.flushes, c.crashes, c.pauses, c.rows_lost, c.not_owner, c.unknown,
      c.clock_suspect, c.disk_full, c.lost_messages, c.dropped, c.duplicated, c.reordered, c.torn,
      c.truncated, c.cuts_of_acknowledged, c.diverged);
}

}  // namespace jalon::eventstore::simulation
