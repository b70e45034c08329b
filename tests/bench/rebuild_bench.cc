// How fast a view is rebuilt: student_progress over a log of a million events in the mix of the
// demonstration's year, every record classified, from the order to rebuild until the first answer
// after the swap; beside one thread that touches every byte of the same log. Warm cache,
// alternating pairs, medians of five.
//
// The log is year_testing.h's: 52 events a student and 2.4 a record, where the demonstration's has
// 51 and 2.3.
//
// Usage: rebuild_bench [--data FOLDER] [--events N]
//
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/check.h"
#include "eventstore/log/partition.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/rocks_store.h"
#include "projections/views/all_views.h"
#include "projections/views/student_progress.h"
#include "projections/views/student_row.h"
#include "projections/views/year_testing.h"
#include "tests/bench/disk.h"
#include "tests/bench/report.h"
#include "tests/bench/words.h"

namespace jalon::projections {
namespace {

using bench::AtLeast;
using bench::Median;
using bench::Report;
using Clock = std::chrono::steady_clock;

constexpr uint32_t kPartitions = 64;
constexpr uint32_t kSchools = 3;
constexpr uint32_t kEventsPerStudent = 52;
constexpr int kRuns = 5;
constexpr int kThreads = 2;

double Seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

double CpuSeconds() {
  struct rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Partition PartitionOfSchool(std::string_view school_id) {
  return eventstore::PartitionOf(ToHex(school_id), kPartitions);
}

struct Size {
  uint64_t events = 0;
  uint64_t records = 0;
};

Size MakeLog(const std::string& folder, uint64_t events) {
  JALON_CHECK(eventstore::RocksLog::Create(folder, {.cluster_id = std::string(16, 'c'),
                                                    .log_incarnation = std::string(16, 'i'),
                                                    .partition_count = kPartitions,
                                                    .virtual_clock = false}));
  const auto log = eventstore::RocksLog::Open(folder).value();
  testing::LogWriter writer(*log);
  Size size;
  testing::MakeYear({.schools = kSchools,
                     .students = static_cast<uint32_t>(events / kSchools / kEventsPerStudent)},
                    [&](const std::string& school, const std::vector<log::v1::Event>& record) {
                      writer.Record(PartitionOfSchool(school), record);
                      size.events += record.size();
                      ++size.records;
                    });
  return size;
}

// Touches every byte of the log, as one thread that reads all partitions does.
struct Scanned {
  double seconds = 0;
  uint64_t entries = 0;
  uint64_t bytes = 0;
  uint64_t sum = 0;
};
Scanned Scan(eventstore::Log& log) {
  std::vector<eventstore::Start> from;
  for (const Partition partition : testing::Partitions(kPartitions)) {
    from.push_back({partition, Offset{0}});
  }
  Scanned scanned;
  const auto begin = Clock::now();
  const auto follower = log.Follow(std::move(from), [] {}).value();
  for (auto entries = follower->Poll({}).value(); !entries.empty();
       entries = follower->Poll({}).value()) {
    for (const eventstore::StoredEntry& entry : entries) {
      scanned.sum = std::accumulate(entry.bytes->begin(), entry.bytes->end(), scanned.sum,
                                    [](uint64_t sum, char byte) { return sum + uint8_t(byte); });
      scanned.bytes += entry.bytes->size();
      ++scanned.entries;
    }
  }
  scanned.seconds = Seconds(Clock::now() - begin);
  return scanned;
}

// Rebuilds, swaps, and reads a student of the first school: how long until that answer.
struct Rebuilt {
  double seconds = 0;
  double folding = 0;
  double cpu = 0;
};
Rebuilt RebuildOnce(eventstore::Log& log, ViewStore& store, const ViewSet& views,
                    Projector& projector) {
  const double cpu = CpuSeconds();
  const auto begin = Clock::now();
  Rebuilt rebuilt;
  Rebuild rebuild({.targets = testing::Everything(views, kPartitions)}, log, store, views);
  JALON_CHECK(rebuild.Open());
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < kThreads; ++i) workers.emplace_back([&] { rebuild.Work(); });
  }
  auto built = rebuild.Finish();
  JALON_CHECK(built);
  rebuilt.folding = Seconds(Clock::now() - begin);
  bool swapped = false;
  projector.Adopt(*std::move(built), [&](const Result<void>& result) {
    JALON_CHECK(result);
    swapped = true;
  });
  for (int64_t now = 1; !swapped; ++now) projector.Step(Micros{now});
  const std::string school = testing::SchoolIdOf(0);
  const auto read = projector.publication().Read(PartitionOfSchool(school), school);
  JALON_CHECK(read);
  bool answered = false;
  JALON_CHECK(read->Scan(kStudentProgress, "", "", [&](std::string_view, std::string_view value) {
    StudentRow row;
    answered = Decode(value, &row) && !row.enrolments.empty();
    return !answered;  // rows of plans come before those of students
  }));
  JALON_CHECK(answered && !rebuild.Progress().spilled);
  rebuilt.seconds = Seconds(Clock::now() - begin);
  rebuilt.cpu = CpuSeconds() - cpu;
  return rebuilt;
}

int Main(int argc, char** argv) {
  const bench::Words given(argc, argv);
  const std::optional<std::string> fresh = bench::FreshFolder(given, "rebuild");
  if (!fresh) return 2;
  const std::string& folder = *fresh;
  const uint64_t events = given.Number("--events", 1'050'000);
  const Size size = MakeLog(folder + "/log", events);
  const auto log = eventstore::RocksLog::Open(folder + "/log").value();
  const auto store = RocksViewStore::Open({.path = folder + "/views"}).value();
  const auto views = MakeOneView(kStudentProgress, {});
  Projector projector({.partitions = testing::Partitions(kPartitions)}, *log, *store, *views);
  JALON_CHECK(projector.Open());
  testing::StepToEnd(projector);
  RebuildOnce(*log, *store, *views, projector);  // the views were never there: warms the cache

  std::vector<double> scans, rebuilds, foldings, cpus;
  Scanned scanned;
  for (int i = 0; i < kRuns; ++i) {
    scanned = Scan(*log);
    scans.push_back(scanned.seconds);
    const Rebuilt rebuilt = RebuildOnce(*log, *store, *views, projector);
    rebuilds.push_back(rebuilt.seconds);
    foldings.push_back(rebuilt.folding);
    cpus.push_back(rebuilt.cpu);
    JALON_CHECK(store->Collect());
  }
  const auto count = static_cast<double>(size.events);
  bool met =
      Report("rebuild_events_per_s", count / Median(rebuilds), "events/s", AtLeast(1'000'000));
  met &= Report("rebuild_vs_scan", Median(scans) / Median(rebuilds), "ratio", AtLeast(0.25));
  Report("rebuild_s", Median(rebuilds), "s");
  Report("rebuild_until_ingested_s", Median(foldings), "s");
  Report("rebuild_cpu_per_event", Median(cpus) * 1e6 / count, "us");
  Report("rebuild_events", count, "events");
  Report("rebuild_log_bytes", static_cast<double>(scanned.bytes), "bytes");
  Report("rebuild_log_records", static_cast<double>(size.records), "records");
  Report("rebuild_threads", kThreads, "threads");
  Report("rebuild_cores", std::thread::hardware_concurrency(), "cores");
  Report("scan_s", Median(scans), "s");
  std::filesystem::remove_all(folder);
  return met ? 0 : bench::kGoalMissed;
}

}  // namespace
}  // namespace jalon::projections

int main(int argc, char** argv) { return jalon::projections::Main(argc, argv); }
