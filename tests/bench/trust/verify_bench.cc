// How fast `jalon verify` is: a trail of a million entries of 400 bytes on average, all checks on,
// as a process of its own, beside OpenSSL's SHA-256 over the bytes of the same entries in one pass,
// by one thread, out of memory. Alternating, medians.
//
// Usage: verify_bench [--data FOLDER] [--jalon PROGRAM] [--entries N] [--runs N]
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "deploy/demo/process.h"
#include "eventstore/base/check.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/export_writer.h"
#include "eventstore/trail/key.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/tile.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/log/v1/log.pb.h"
#include "tests/bench/disk.h"
#include "tests/bench/report.h"
#include "tests/bench/trust/folded_trails.h"
#include "tests/bench/words.h"

namespace jalon::bench {
namespace {

using std::chrono::steady_clock;

constexpr size_t kEntryBytes = 400;  // on average: evenly spread from a half to three halves of it
constexpr std::string_view kOrigin = "audit.example/bench/1";

double SecondsSince(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

// An entry of that many bytes.
std::string EntryOf(uint64_t index, size_t bytes, std::mt19937_64& random) {
  log::v1::Event event;
  event.set_tenant("school-A-16bytes");
  event.set_type(event::v1::EventBody::kActivityCompleted);
  event.set_aggregate_kind(1);
  event.set_aggregate("student1stay0001");
  event.set_version(index + 1);
  event.set_subject("student1");
  event.set_occurred_on(20260907);
  event.mutable_actor()->set_person("tutor001");
  event.mutable_trail()->set_key("garage00");
  event.mutable_trail()->set_index(index);
  event.mutable_trail()->set_recorded_at(1'788'000'000'000'000);
  std::string payload(bytes - event.ByteSizeLong() - 3, '\0');
  for (char& byte : payload) byte = static_cast<char>(random());
  event.set_payload(std::move(payload));
  return event.SerializeAsString();
}

// Makes the export; returns the key that verifies it.
std::string MakeExport(const std::string& folder, uint64_t entries) {
  auto files = trail::ExportFolder::Create(folder);
  JALON_CHECK(files);
  trail::ExportWriter writer(*files);
  std::mt19937_64 random(1);
  for (uint64_t index = 0; index < entries; ++index) {
    const size_t bytes = kEntryBytes / 2 + random() % (kEntryBytes + 1);
    JALON_CHECK(writer.Append(EntryOf(index, bytes, random)));
  }
  const trail::SignerKey key{std::string(kOrigin), trail::KeyType::kLog, trail::Seed{1}};
  const std::string text = trail::FormatCheckpoint(
      {.origin = std::string(kOrigin), .size = entries, .root = writer.Root()});
  JALON_CHECK(
      writer.Finish(trail::FormatNote({.text = text, .lines = {trail::SignText(text, key)}})));
  return trail::FormatVerifierKey(key.verifier());
}

// Seconds of processor that the children that ended have used.
double ChildrenCpu() {
  struct rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

double ThreadCpu() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// What something took, in seconds.
struct Spent {
  double wall = 0;
  double cpu = 0;
  bool valid = true;
};

// Hashes the bundles' bytes, read into memory beforehand piece by piece: what hashing took.
Spent HashInOnePass(const std::string& folder, uint64_t entries) {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  JALON_CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  Spent spent;
  for (uint64_t first = 0; first < entries; first += trail::kTileWidth) {
    const uint64_t width = std::min(trail::kTileWidth, entries - first);
    std::ostringstream bytes;
    bytes << std::ifstream(folder + '/' + trail::BundlePath(first / trail::kTileWidth, width),
                           std::ios::binary)
                 .rdbuf();
    const std::string bundle = std::move(bytes).str();
    const auto begin = steady_clock::now();
    const double cpu_begin = ThreadCpu();
    JALON_CHECK(EVP_DigestUpdate(context.get(), bundle.data(), bundle.size()) == 1);
    spent.cpu += ThreadCpu() - cpu_begin;
    spent.wall += SecondsSince(begin);
  }
  return spent;
}

Spent Verify(const std::string& program, const std::string& folder, const std::string& key,
             unsigned threads) {
  const auto begin = steady_clock::now();
  const double cpu_begin = ChildrenCpu();
  const demo::Finished finished =
      demo::Run({program, folder, "--key", key, "--threads", std::to_string(threads)});
  const double wall = SecondsSince(begin);
  if (finished.exit_code != 0) fmt::print(stderr, "{}{}", finished.out, finished.err);
  return {wall, ChildrenCpu() - cpu_begin, finished.exit_code == 0};
}

int Main(int argc, char** argv) {
  const Words given(argc, argv);
  const auto under = FreshFolder(given, "verify");
  if (!under) return 2;
  const std::string program =
      std::filesystem::path(given.Text("--jalon", "build/release/services/node/jalon"))
          .replace_filename("jalon-verify");
  const uint64_t entries = given.Number("--entries", 1'000'000);
  const uint64_t runs = given.Number("--runs", 5);
  const std::string folder = *under + "/export";
  fmt::print(stderr, "an export of {} entries\n", entries);
  const std::string key = MakeExport(folder, entries);

  std::vector<double> sha256, ratios[2], cached_ratios[2], cpu_ratios;
  for (uint64_t run = 0; run < runs; ++run) {
    for (const unsigned threads : {1u, 2u}) {
      DropCached(folder);
      const Spent from_disk = Verify(program, folder, key, threads);
      const Spent cached = Verify(program, folder, key, threads);
      if (!from_disk.valid || !cached.valid) return 1;
      const Spent hashed = HashInOnePass(folder, entries);
      sha256.push_back(hashed.wall);
      ratios[threads - 1].push_back(hashed.wall / from_disk.wall);
      cached_ratios[threads - 1].push_back(hashed.wall / cached.wall);
      if (threads == 1) cpu_ratios.push_back(hashed.cpu / cached.cpu);
      fmt::print(stderr, "  {} threads: {:.2f} s, {:.2f} s where cached; SHA-256 {:.2f} s\n",
                 threads, from_disk.wall, cached.wall, hashed.wall);
    }
  }
  bool met = Report("verify_vs_sha256_1", Median(ratios[0]), "ratio", AtLeast(0.25));
  met &= Report("verify_vs_sha256_2", Median(ratios[1]), "ratio", AtLeast(0.5));
  Report("verify_cached_vs_sha256_1", Median(cached_ratios[0]), "ratio");
  Report("verify_cached_vs_sha256_2", Median(cached_ratios[1]), "ratio");
  Report("verify_cpu_vs_sha256", Median(cpu_ratios), "ratio");
  Report("verify_sha256_s", Median(sha256), "s");
  struct rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  Report("verify_rss_mib", static_cast<double>(children.ru_maxrss) / 1024, "MiB");
  std::filesystem::remove_all(*under);
  return met ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int argc, char** argv) { return jalon::bench::Main(argc, argv); }
