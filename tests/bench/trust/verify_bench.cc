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

// Hashes the bundles' bytes, read into memory beforehand piece by piece: seconds of hashing.
double HashInOnePass(const std::string& folder, uint64_t entries) {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  JALON_CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  double seconds = 0;
  for (uint64_t first = 0; first < entries; first += trail::kTileWidth) {
    const uint64_t width = std::min(trail::kTileWidth, entries - first);
    std::ostringstream bytes;
    bytes << std::ifstream(folder + '/' + trail::BundlePath(first / trail::kTileWidth, width),
                           std::ios::binary)
                 .rdbuf();
    const std::string bundle = std::move(bytes).str();
    const auto begin = steady_clock::now();
    JALON_CHECK(EVP_DigestUpdate(context.get(), bundle.data(), bundle.size()) == 1);
    seconds += SecondsSince(begin);
  }
  return seconds;
}

struct Verified {
  double seconds = 0;
  bool valid = false;
};
Verified Verify(const std::string& program, const std::string& folder, const std::string& key,
                unsigned threads) {
  const auto begin = steady_clock::now();
  const demo::Finished finished =
      demo::Run({program, folder, "--key", key, "--threads", std::to_string(threads)});
  const double seconds = SecondsSince(begin);
  if (finished.exit_code != 0) fmt::print(stderr, "{}{}", finished.out, finished.err);
  return {seconds, finished.exit_code == 0};
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

  std::vector<double> sha256, ratios[2], cold_ratios[2];
  for (uint64_t run = 0; run < runs; ++run) {
    for (const unsigned threads : {1u, 2u}) {
      DropCached(folder);
      const Verified cold = Verify(program, folder, key, threads);
      const Verified warm = Verify(program, folder, key, threads);
      if (!cold.valid || !warm.valid) return 1;
      const double hashed = HashInOnePass(folder, entries);
      sha256.push_back(hashed);
      ratios[threads - 1].push_back(hashed / warm.seconds);
      cold_ratios[threads - 1].push_back(hashed / cold.seconds);
      fmt::print(stderr, "  {} threads: {:.2f} s, {:.2f} s from a cold disk; SHA-256 {:.2f} s\n",
                 threads, warm.seconds, cold.seconds, hashed);
    }
  }
  bool met = Report("verify_vs_sha256_1", Median(ratios[0]), "ratio", AtLeast(0.25));
  met &= Report("verify_vs_sha256_2", Median(ratios[1]), "ratio", AtLeast(0.5));
  Report("verify_cold_vs_sha256_1", Median(cold_ratios[0]), "ratio");
  Report("verify_cold_vs_sha256_2", Median(cold_ratios[1]), "ratio");
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
