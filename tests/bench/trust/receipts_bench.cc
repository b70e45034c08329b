// What trails and receipts cost: estimates by tutors on a server that folds trails and signs,
// against one of the same code, on a copy of the same data, that does neither; in pairs that
// alternate. Every receipt is verified afterwards, as its holder would.
//
// Usage: receipts_bench [--data FOLDER] [--jalon PROGRAM] [--without PROGRAM] [--students N]
//                       [--pairs N] [--calls N] [--in-flight N]
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/key.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/proof.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tree.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "tests/bench/disk.h"
#include "tests/bench/prepared.h"
#include "tests/bench/report.h"
#include "tests/bench/sides.h"
#include "tests/bench/words.h"

namespace jalon::bench {
namespace {

struct Settings {
  std::string folder;
  std::string jalon;
  std::string without;  // the server that folds no trails
  uint32_t students = 0;
  uint32_t pairs = 0;
  uint32_t calls = 0;  // in each run
  uint32_t in_flight = 0;
};

// Verifies receipts; a checkpoint that many share is opened once.
class Holder {
 public:
  bool Holds(const trail::v1::Receipt& receipt) {
    const auto proof = trail::ParseTlogProof(receipt.tlog_proof());
    const auto line = proof && proof->extra ? trail::ParseReceiptLine(*proof->extra)
                                            : std::unexpected(trail::Flaw::kReceiptLine);
    if (!proof || !line || line->leaf != trail::LeafHash(receipt.entry())) return false;
    const auto& log = Open(proof->checkpoint, receipt.verifier_key());
    return log && trail::VerifyInclusion(proof->index, log->size, trail::LeafHash(*proof->extra),
                                         proof->hashes, log->root);
  }

 private:
  const std::optional<trail::Checkpoint>& Open(const std::string& signed_note,
                                               const std::string& verifier_key) {
    const auto [found, is_new] = opened_.try_emplace(signed_note);
    if (!is_new) return found->second;
    const auto note = trail::ParseNote(signed_note);
    const auto key = trail::ParseVerifierKey(verifier_key);
    if (!note || !key || !trail::OpenNote(*note, {&*key, 1})) return found->second;
    if (const auto log = trail::ParseCheckpoint(note->text)) found->second = *log;
    return found->second;
  }

  std::map<std::string, std::optional<trail::Checkpoint>> opened_;
};

struct Receipts {
  uint64_t verified = 0;
  uint64_t pending = 0;
  uint64_t wrong = 0;
};

void Count(const std::vector<std::string>& replies, Receipts* receipts) {
  Holder holder;
  for (const std::string& reply : replies) {
    feedback::v1::ReportFormativeEstimateResponse response;
    if (!response.ParseFromString(reply) || response.result().trail_entries() != 1) {
      ++receipts->wrong;
    } else if (response.result().receipt_pending()) {
      ++receipts->pending;
    } else {
      ++(holder.Holds(response.result().receipts(0)) ? receipts->verified : receipts->wrong);
    }
  }
}

class Bench {
 public:
  Bench(Settings settings, uint32_t schools)
      : settings_(std::move(settings)),
        schools_(schools),
        with_(settings_.jalon, Folder("with")),
        without_(settings_.without, Folder("without")) {}

  // False if it could not be measured.
  bool Run() {
    if (!Serve(with_, {})) return false;
    const Region region = Prepare(with_, settings_.students, schools_);
    if (region.schools.empty() || with_.Stop() != 0) return false;
    std::filesystem::copy(with_.data(), without_.data(), std::filesystem::copy_options::recursive);
    Requests requests(region, 42);
    load_.methods = Requests::Methods();
    load_.tokens = region.tokens;
    load_.in_flight = settings_.in_flight;
    load_.keep_replies = true;
    for (uint32_t i = 0; i < settings_.pairs; ++i) {
      const std::vector<Call> calls = requests.Make(Requests::Mix::kEstimates, settings_.calls);
      const auto without = Drive(without_, {"--roles", "writer,query,relay,vault"}, calls);
      const auto with = Drive(with_, {}, calls);
      if (!without || !with) return false;
      Count(with->measured.replies, &receipts_);
      ratios_.push_back(with->measured.per_second / without->measured.per_second);
      cpus_.push_back(with->cpu_us - without->cpu_us);
      fmt::print(
          stderr,
          "  {} schools: {:.0f}/s with trails and receipts, {:.0f}/s without; p50 {:.2f} and "
          "{:.2f} ms; {:.1f} and {:.1f} µs CPU a call\n",
          schools_, with->measured.per_second, without->measured.per_second,
          with->measured.p50_us / 1000, without->measured.p50_us / 1000, with->cpu_us,
          without->cpu_us);
    }
    return true;
  }

  double ratio() const { return Median(ratios_); }
  double cpu_us() const { return Median(cpus_); }
  const Receipts& receipts() const { return receipts_; }

 private:
  std::string Folder(std::string_view side) const {
    return fmt::format("{}/{}-schools-{}", settings_.folder, schools_, side);
  }
  static bool Serve(demo::Jalon& jalon, std::vector<std::string> options) {
    options.emplace_back("--virtual-clock");
    if (jalon.Serve(options)) return true;
    fmt::print(stderr, "the server did not start: see {}\n", jalon.log_path());
    return false;
  }

  std::optional<bench::Run> Drive(demo::Jalon& jalon, const std::vector<std::string>& options,
                                  const std::vector<Call>& calls) const {
    if (!Serve(jalon, options)) return std::nullopt;
    bench::Run run = DriveSide(SideAt(jalon.address(), jalon.pid()), load_, calls);
    if (run.measured.failed > 0 || jalon.Stop() != 0) return std::nullopt;
    return run;
  }

  const Settings settings_;
  const uint32_t schools_;
  demo::Jalon with_, without_;
  Load load_;
  std::vector<double> ratios_, cpus_;
  Receipts receipts_;
};

int Main(int count, char** words) {
  const Words given(count, words);
  const auto folder = FreshFolder(given, "receipts");
  if (!folder) return 2;
  const Settings settings{
      .folder = *folder,
      .jalon = given.Text("--jalon", "build/release/services/node/jalon"),
      .without = given.Text("--without", "build/release/tests/bench/trust/untrailed_server"),
      .students = static_cast<uint32_t>(given.Number("--students", 3'840)),
      .pairs = static_cast<uint32_t>(given.Number("--pairs", 5)),
      .calls = static_cast<uint32_t>(given.Number("--calls", 10'000)),
      .in_flight = static_cast<uint32_t>(given.Number("--in-flight", 64))};
  Report("fdatasync_p50_us", FdatasyncP50Us(*folder), "us");
  bool met = true;
  Receipts all;
  for (const uint32_t schools : {1U, 64U}) {
    Bench bench(settings, schools);
    if (!bench.Run()) return 1;
    met &= Report(fmt::format("trail_overhead_{}", schools).c_str(), bench.ratio(), "ratio",
                  AtLeast(0.90));
    Report(fmt::format("receipt_cpu_us_{}", schools).c_str(), bench.cpu_us(), "us");
    all.verified += bench.receipts().verified;
    all.pending += bench.receipts().pending;
    all.wrong += bench.receipts().wrong;
  }
  Report("receipts_verified", static_cast<double>(all.verified), "receipts");
  Report("receipts_pending", static_cast<double>(all.pending), "receipts");
  if (all.wrong > 0) {
    fmt::print(stderr, "{} receipts do not hold\n", all.wrong);
    return 1;
  }
  return met ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int count, char** words) { return jalon::bench::Main(count, words); }
