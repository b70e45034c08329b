// Durable commands and queries through gRPC, against an echo that does nothing: pairs that
// alternate in one run.
//
// Usage: commands_bench [--data FOLDER] [--jalon PROGRAM] [--students N] [--pairs N] [--calls N]
//                       [--only commands|queries]
#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/bench/disk.h"
#include "tests/bench/prepared.h"
#include "tests/bench/report.h"
#include "tests/bench/sides.h"
#include "tests/bench/views_lag.h"
#include "tests/bench/words.h"

namespace jalon::bench {
namespace {

struct Settings {
  std::string folder;
  std::string jalon;
  std::string echo;
  uint32_t students = 0;
  uint32_t pairs = 0;
  uint32_t calls = 0;  // in each run
  std::string only;    // one part of it; empty: all

  bool Wants(std::string_view part) const { return only.empty() || only == part; }
};

class Bench {
 public:
  // `admin`: the operator's socket.
  Bench(Settings settings, const Region& region, Side jalon, std::string admin)
      : settings_(std::move(settings)),
        requests_(region, 42),
        jalon_(std::move(jalon)),
        admin_(std::move(admin)) {
    load_.methods = Requests::Methods();
    load_.tokens = region.tokens;
  }

  // Warms both sides up, and makes the echo answer as many bytes as the server does.
  bool StartEcho(Requests::Mix mix) {
    load_.in_flight = 64;
    const Run warm = DriveSide(jalon_, load_, requests_.Make(mix, 2000));
    if (warm.measured.failed > 0) return false;
    if (!echo_.Start(settings_.echo, settings_.folder, warm.measured.reply_bytes)) return false;
    return DriveSide(echo_.side(), load_, requests_.Make(Requests::Mix::kProgress, 2000))
               .measured.failed == 0;
  }

  struct Pairs {
    std::vector<double> rates, rate_ratios, cpu_ratios, p50s, echo_p50s;
  };

  Pairs Alternate(Requests::Mix mix, uint32_t in_flight, uint32_t calls) {
    Pairs pairs;
    load_.in_flight = in_flight;
    for (uint32_t i = 0; i < settings_.pairs; ++i) {
      const std::vector<Call> prepared = requests_.Make(mix, calls);
      const Run echo = DriveSide(echo_.side(), load_, prepared);
      const Run ours = DriveSide(jalon_, load_, prepared);
      const auto lag = SecondsUntilViewsFollow(admin_);
      if (ours.measured.failed > 0 || !lag) std::exit(1);
      views_lag_s_ = std::max(views_lag_s_, *lag);
      pairs.rates.push_back(ours.measured.per_second);
      pairs.rate_ratios.push_back(ours.measured.per_second / echo.measured.per_second);
      pairs.cpu_ratios.push_back(ours.cpu_us / echo.cpu_us);
      pairs.p50s.push_back(ours.measured.p50_us);
      pairs.echo_p50s.push_back(echo.measured.p50_us);
      std::fprintf(stderr,
                   "  %u in flight: %.0f/s against %.0f/s, p99 %.1f ms, %.1f µs CPU a call against "
                   "%.1f, views %.2f s\n",
                   in_flight, ours.measured.per_second, echo.measured.per_second,
                   ours.measured.p99_us / 1000, ours.cpu_us, echo.cpu_us, *lag);
    }
    return pairs;
  }

  // Both: false if a goal is missed.
  bool Commands(double fdatasync_us) {
    using Mix = Requests::Mix;
    const uint32_t calls = settings_.calls;
    const Pairs at_64 = Alternate(Mix::kHalfAndHalf, 64, calls);
    const Pairs at_256 = Alternate(Mix::kHalfAndHalf, 256, calls);
    const Pairs alone = Alternate(Mix::kHalfAndHalf, 1, std::min(calls, 2000u));
    const double parts_us = Median(alone.echo_p50s) + fdatasync_us;
    Report("commands_64_per_s", Median(at_64.rates), "1/s");
    bool met = Report("commands_64_vs_echo", Median(at_64.rate_ratios), "ratio", AtLeast(0.70));
    met &= Report("commands_256_vs_echo", Median(at_256.rate_ratios), "ratio", AtLeast(0.75));
    met &= Report("commands_64_cpu_vs_echo", Median(at_64.cpu_ratios), "ratio", AtMost(2));
    met &= Report("commands_1_p50_vs_parts", Median(alone.p50s) / parts_us, "ratio", AtMost(1.5));
    Report("outcomes_64_vs_echo", Median(Alternate(Mix::kOutcomes, 64, calls / 2).rate_ratios),
           "ratio");
    Report("estimates_64_vs_echo", Median(Alternate(Mix::kEstimates, 64, calls).rate_ratios),
           "ratio");
    met &= Report("views_lag_s", views_lag_s_, "s", AtMost(1));
    return met;
  }

  bool Progress() {
    return Report("progress_vs_echo",
                  Median(Alternate(Requests::Mix::kProgress, 64, settings_.calls).rate_ratios),
                  "ratio", AtLeast(0.80));
  }

 private:
  Settings settings_;
  Requests requests_;
  Side jalon_;
  std::string admin_;
  double views_lag_s_ = 0;  // the longest at the end of any run
  Echo echo_;
  Load load_;
};

int Main(int count, char** words) {
  const Words given(count, words);
  const auto folder = FreshFolder(given, "commands");
  if (!folder) return 2;
  const Settings settings{
      .folder = *folder,
      .jalon = given.Text("--jalon", "build/release/services/node/jalon"),
      .echo = given.Text("--echo", "build/release/tests/bench/echo/echo_server"),
      .students = static_cast<uint32_t>(given.Number("--students", 20'000)),
      .pairs = static_cast<uint32_t>(given.Number("--pairs", 5)),
      .calls = static_cast<uint32_t>(given.Number("--calls", 20'000)),
      .only = given.Text("--only", "")};
  const double fdatasync_us = FdatasyncP50Us(*folder);
  Report("fdatasync_p50_us", fdatasync_us, "us");
  demo::Jalon jalon(settings.jalon, *folder + "/server");
  if (!jalon.Serve({"--virtual-clock"})) {
    std::fprintf(stderr, "the server did not start: see %s\n", jalon.log_path().c_str());
    return 1;
  }
  const Region region = Prepare(jalon, settings.students);
  if (region.schools.empty()) return 1;
  Bench bench(settings, region, SideAt(jalon.address(), jalon.pid()), jalon.admin());
  bool met = true;
  if (settings.Wants("commands")) {
    if (!bench.StartEcho(Requests::Mix::kHalfAndHalf)) return 1;
    met &= bench.Commands(fdatasync_us);
  }
  if (settings.Wants("queries")) {
    if (!bench.StartEcho(Requests::Mix::kProgress)) return 1;
    met &= bench.Progress();
  }
  if (jalon.Stop() != 0) return 1;
  return met ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int count, char** words) { return jalon::bench::Main(count, words); }
