// What a trail costs in memory: a process that serves a hundred thousand of them, each of which it
// proved one entry, beside the same process without any. The engine's and RocksDB's caches, which
// have bounds of their own, are in it.
//
// The allocator is the server's. The views alone are measured: a server also keeps the writer's
// rows, which lie in a RocksDB of their own.
//
// Usage: trail_memory_bench [--data FOLDER] [--trails N] [--entries N]
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "deploy/demo/process.h"
#include "tests/bench/disk.h"
#include "tests/bench/report.h"
#include "tests/bench/trust/folded_trails.h"
#include "tests/bench/words.h"

namespace jalon::bench {
namespace {

constexpr double kBytesPerMib = 1024 * 1024;

// In a process of its own: serves what lies in the folder, and says its resident memory.
int Serve(const std::string& folder, uint64_t trails, uint64_t entries) {
  FoldedTrails folded(folder);
  for (uint64_t company = 0; company < trails; ++company) {
    folded.Prove(CompanyOf(company), company % entries);
  }
  fmt::print("{}\n", demo::ResidentMib(getpid()) * kBytesPerMib);
  return 0;
}

// What Serve says there; none if it failed, which is said.
std::optional<double> Resident(const std::string& folder, uint64_t trails, uint64_t entries) {
  const demo::Finished served =
      demo::Run({"/proc/self/exe", "--serve", folder, "--trails", std::to_string(trails),
                 "--entries", std::to_string(entries)});
  if (served.exit_code == 0) return std::stod(served.out);
  fmt::print(stderr, "serving {} failed: {}\n", folder, served.err);
  return std::nullopt;
}

int Main(int argc, char** argv) {
  const Words given(argc, argv);
  const uint64_t trails = given.Number("--trails", 100'000);
  const uint64_t entries = given.Number("--entries", 20);
  if (const std::string folder = given.Text("--serve", ""); !folder.empty()) {
    return Serve(folder, trails, entries);
  }
  const auto folder = FreshFolder(given, "trail_memory");
  if (!folder) return 2;
  const std::string many = *folder + "/many";
  const std::string none = *folder + "/none";
  fmt::print(stderr, "{} trails of {} entries\n", trails, entries);
  for (const std::string& made : {many, none}) {
    std::filesystem::create_directories(made);
    TrailLog::Create(made);
  }
  {
    TrailLog log(many);
    for (uint64_t company = 0; company < trails; ++company) log.Append(CompanyOf(company), entries);
    log.Flush();
  }
  const auto folding = Resident(many, trails, entries);  // folds it, too
  const auto serving = Resident(many, trails, entries);  // finds it folded, as after a restart
  const auto empty = Resident(none, 0, entries);
  if (!folding || !serving || !empty) return 1;
  const auto count = static_cast<double>(trails);
  const bool met = Report("trail_rss_bytes", (*serving - *empty) / count, "bytes", AtMost(1024));
  Report("trail_rss_folding_bytes", (*folding - *empty) / count, "bytes");
  Report("trail_rss_without_mib", *empty / kBytesPerMib, "MiB");
  Report("trail_rss_with_mib", *serving / kBytesPerMib, "MiB");
  std::filesystem::remove_all(*folder);
  return met ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int argc, char** argv) { return jalon::bench::Main(argc, argv); }
