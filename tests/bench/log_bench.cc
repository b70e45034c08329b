// The embedded log alone: durable entries per second in a closed loop, with 1, 64 and 256 in
// flight, beside what the disk gives; then how fast it is read.
//
// Medians of five runs.
//
// Usage: log_bench [--data FOLDER]
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/check.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "tests/bench/disk.h"
#include "tests/bench/report.h"
#include "tests/bench/words.h"

namespace jalon::eventstore {
namespace {

using bench::Median;
using bench::Report;
using Clock = std::chrono::steady_clock;

constexpr size_t kEntryBytes = 400;
constexpr uint32_t kPartitions = 16;
constexpr int kRuns = 5;
constexpr std::chrono::milliseconds kRunTime{1500};
constexpr uint64_t kScanned = 1'000'000;

double Seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

double CpuSeconds() {
  struct rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::unique_ptr<RocksLog> MakeLog(const std::string& folder) {
  JALON_CHECK(RocksLog::Create(folder, {.cluster_id = std::string(16, 'c'),
                                        .log_incarnation = std::string(16, 'i'),
                                        .partition_count = kPartitions,
                                        .virtual_clock = false}));
  return std::move(RocksLog::Open(folder)).value();
}

struct RunResult {
  double per_second = 0;
  double p50_micros = 0, p99_micros = 0;
  double cpu_micros = 0;  // of the process, per entry
  double per_sync = 0;
};

// One thread keeps `in_flight` entries under way: as many appends, read back one by one.
RunResult Run(RocksLog& log, int in_flight, const Blob& entry) {
  std::vector<Start> from;
  for (uint32_t p = 0; p < kPartitions; ++p)
    from.push_back({Partition{p}, *log.Head(Partition{p})});
  std::atomic<uint32_t> woken = 0;
  const auto follower = log.Follow(from,
                                   [&] {
                                     ++woken;
                                     woken.notify_one();
                                   })
                            .value();
  std::vector<std::vector<Clock::time_point>> sent(kPartitions);
  std::vector<size_t> answered(kPartitions, 0);
  uint32_t turn = 0;
  const auto send = [&] {
    const Partition partition{turn++ % kPartitions};
    sent[partition.value].push_back(Clock::now());
    JALON_CHECK(log.Append(partition, {entry}));
  };
  const RocksLogStats stats = log.Stats();
  const double cpu = CpuSeconds();
  const auto begin = Clock::now();
  for (int i = 0; i < in_flight; ++i) send();
  std::vector<double> micros;
  int under_way = in_flight;
  while (under_way > 0) {
    const uint32_t before = woken;
    const auto entries = follower->Poll({}).value();
    const auto now = Clock::now();
    for (const StoredEntry& read : entries) {
      auto& times = sent[read.partition.value];
      micros.push_back(Seconds(now - times[answered[read.partition.value]++]) * 1e6);
      --under_way;
      if (now - begin < kRunTime) {
        send();
        ++under_way;
      }
    }
    if (entries.empty()) woken.wait(before);
  }
  const double seconds = Seconds(Clock::now() - begin);
  std::ranges::sort(micros);
  const auto count = static_cast<double>(micros.size());
  return {.per_second = count / seconds,
          .p50_micros = micros[micros.size() / 2],
          .p99_micros = micros[micros.size() * 99 / 100],
          .cpu_micros = (CpuSeconds() - cpu) * 1e6 / count,
          .per_sync = count / static_cast<double>(log.Stats().syncs - stats.syncs)};
}

void BenchAppends(const std::string& folder) {
  const auto log = MakeLog(folder);
  const auto entry = std::make_shared<const std::string>(kEntryBytes, 'e');
  for (const int in_flight : {1, 64, 256}) {
    std::vector<RunResult> runs;
    for (int i = 0; i < kRuns; ++i) runs.push_back(Run(*log, in_flight, entry));
    const auto median = [&](double RunResult::* field) {
      std::vector<double> values;
      for (const RunResult& run : runs) values.push_back(run.*field);
      return Median(values);
    };
    const std::string name = fmt::format("log_{}", in_flight);
    Report((name + "_per_s").c_str(), median(&RunResult::per_second), "entries/s");
    Report((name + "_p50").c_str(), median(&RunResult::p50_micros), "us");
    Report((name + "_p99").c_str(), median(&RunResult::p99_micros), "us");
    Report((name + "_cpu").c_str(), median(&RunResult::cpu_micros), "us/entry");
    Report((name + "_per_sync").c_str(), median(&RunResult::per_sync), "entries");
  }
}

uint64_t ReadAll(RocksLog& log, const std::vector<Start>& from) {
  const auto follower = log.Follow(from, [] {}).value();
  uint64_t count = 0;
  while (true) {
    const auto entries = follower->Poll({}).value();
    if (entries.empty()) return count;
    count += entries.size();
  }
}

void BenchReads(const std::string& folder) {
  {
    const auto log = MakeLog(folder);
    const auto entry = std::make_shared<const std::string>(kEntryBytes, 'e');
    const auto begin = Clock::now();
    for (uint64_t i = 0; i < kScanned; i += 100) {
      JALON_CHECK(log->Append(Partition{static_cast<uint32_t>(i / 100 % kPartitions)},
                              std::vector<Blob>(100, entry)));
    }
    while (*log->Head(Partition{0}) < Offset{kScanned / kPartitions}) ::usleep(1000);
    Report("log_bulk_per_s", kScanned / Seconds(Clock::now() - begin), "entries/s");
    Report("log_rewritten", static_cast<double>(log->Stats().rewritten_bytes), "bytes");
  }
  auto begin = Clock::now();
  const auto log = RocksLog::Open(folder).value();
  Report("log_open_1m", Seconds(Clock::now() - begin), "s");
  std::vector<Start> all;
  for (uint32_t p = 0; p < kPartitions; ++p) all.push_back({Partition{p}, Offset{0}});
  std::vector<double> many, one;
  for (int i = 0; i < kRuns; ++i) {
    begin = Clock::now();
    many.push_back(static_cast<double>(ReadAll(*log, all)) / Seconds(Clock::now() - begin));
    begin = Clock::now();
    one.push_back(static_cast<double>(ReadAll(*log, {all[3]})) / Seconds(Clock::now() - begin));
  }
  Report("log_follow_all_per_s", Median(many), "entries/s");
  Report("log_follow_one_per_s", Median(one), "entries/s");
}

int Main(int argc, char** argv) {
  const auto folder = bench::FreshFolder(bench::Words(argc, argv), "log");
  if (!folder) return 2;
  Report("log_fdatasync_p50", bench::FdatasyncP50Us(*folder), "us");
  BenchAppends(*folder + "/append");
  BenchReads(*folder + "/read");
  std::filesystem::remove_all(*folder);
  return 0;
}

}  // namespace
}  // namespace jalon::eventstore

int main(int argc, char** argv) { return jalon::eventstore::Main(argc, argv); }
