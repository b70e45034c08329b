// Durable commands through one node on Kafka, at few schools and at many: against an echo that does
// nothing, and beside the bare producer of the same records. The three take turns in one run.
//
// Usage: kafka_commands_bench --brokers HOST:PORT [--data FOLDER] [--jalon PROGRAM]
//                             [--echo PROGRAM] [--students N] [--pairs N] [--calls N]
//                             [--schools N]           only with so many, instead of 3 and 64
#include <fmt/format.h>

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/bench/disk.h"
#include "tests/bench/kafka/alone.h"
#include "tests/bench/kafka/bare_producer.h"
#include "tests/bench/kafka/kafka_words.h"
#include "tests/bench/prepared.h"
#include "tests/bench/report.h"
#include "tests/bench/sides.h"
#include "tests/bench/views_lag.h"

namespace jalon::bench {
namespace {

using Mix = Requests::Mix;

constexpr uint32_t kPartitions = 64;  // those of a new log
constexpr uint32_t kWarmCalls = 2000;
constexpr uint32_t kFewInFlight = 64;    // where latency is compared
constexpr uint32_t kManyInFlight = 256;  // where throughput is
constexpr size_t kRecordsInAll = 2048;   // that the bare producer sends again and again

struct Settings {
  std::string folder;
  std::string jalon;
  std::string echo;
  std::string brokers;
  uint32_t students = 0;
  uint32_t pairs = 0;
  uint32_t calls = 0;  // in each run
};

struct Turns {
  std::vector<double> rates, echo_rates, bare_rates, rate_ratios;
  std::vector<double> p50s, echo_p50s, bare_p50s;
};

class Bench {
 public:
  Bench(const Settings& settings, uint32_t schools)
      : settings_(settings),
        schools_(schools),
        alone_(settings.jalon, settings.folder + "/" + std::to_string(schools),
               {settings.brokers, NameOf(schools)}) {}

  // Nothing if something failed, which is said on stderr; else whether the goals are met.
  std::optional<bool> Measure() {
    if (!alone_.Start()) return std::nullopt;
    region_ = Prepare(alone_.node(), settings_.students, schools_);
    if (region_.schools.empty()) return std::nullopt;
    requests_.emplace(region_, 42);
    load_.methods = Requests::Methods();
    load_.tokens = region_.tokens;
    ours_ = SideAt(alone_.node().address(), alone_.node().pid());
    if (!StartOthers()) return std::nullopt;
    const auto few = TakeTurns(kFewInFlight);
    const auto many = TakeTurns(kManyInFlight);
    if (!few || !many || alone_.node().Stop() != 0) return std::nullopt;
    return Tell(*few, *many);
  }

 private:
  static std::string NameOf(uint32_t schools) { return fmt::format("commands-{}", schools); }

  // Warms the node up, then the echo, which answers as many bytes, and the producer, which sends
  // the records that this made.
  bool StartOthers() {
    load_.in_flight = kFewInFlight;
    const Run warm = DriveSide(ours_, load_, requests_->Make(Mix::kHalfAndHalf, kWarmCalls));
    if (warm.measured.failed > 0) return false;
    if (!echo_.Start(settings_.echo, settings_.folder, warm.measured.reply_bytes)) return false;
    if (DriveSide(echo_.side(), load_, requests_->Make(Mix::kProgress, kWarmCalls))
            .measured.failed > 0) {
      return false;
    }
    const Result<void> started = StartProducer();
    if (!started) fmt::print(stderr, "the bare producer: {}\n", started.error().message);
    return started.has_value();
  }

  Result<void> StartProducer() {
    std::set<Partition> used;
    for (const demo::School& school : region_.schools) used.insert(Partition{school.partition});
    to_.assign(used.begin(), used.end());
    JALON_ASSIGN_OR_RETURN(records_, LastRecords(alone_.log(), to_, kRecordsInAll / to_.size()));
    JALON_ASSIGN_OR_RETURN(
        bare_, BareProducer::Make({settings_.brokers, NameOf(schools_) + "-bare"}, kPartitions));
    JALON_ASSIGN_OR_RETURN(std::ignore, bare_->Run(records_, to_, kFewInFlight, kWarmCalls));
    return {};
  }

  std::optional<Turns> TakeTurns(uint32_t in_flight) {
    Turns turns;
    load_.in_flight = in_flight;
    for (uint32_t i = 0; i < settings_.pairs; ++i) {
      const std::vector<Call> calls = requests_->Make(Mix::kHalfAndHalf, settings_.calls);
      const Run echo = DriveSide(echo_.side(), load_, calls);
      const auto bare = bare_->Run(records_, to_, in_flight, calls.size());
      const Run ours = DriveSide(ours_, load_, calls);
      const auto lag = SecondsUntilViewsFollow(alone_.node().admin());
      if (!bare) fmt::print(stderr, "the bare producer: {}\n", bare.error().message);
      if (!bare || !lag || ours.measured.failed > 0 || echo.measured.failed > 0) {
        return std::nullopt;
      }
      turns.rates.push_back(ours.measured.per_second);
      turns.echo_rates.push_back(echo.measured.per_second);
      turns.bare_rates.push_back(bare->per_second);
      turns.rate_ratios.push_back(ours.measured.per_second / echo.measured.per_second);
      turns.p50s.push_back(ours.measured.p50_us);
      turns.echo_p50s.push_back(echo.measured.p50_us);
      turns.bare_p50s.push_back(bare->p50_us);
      fmt::print(stderr,
                 "  {} schools, {} in flight: {:.0f}/s against {:.0f}/s, bare {:.0f}/s; p50 "
                 "{:.2f} ms against {:.2f} + {:.2f}, p99 {:.1f}; {:.1f} µs CPU a call against "
                 "{:.1f}; views {:.2f} s\n",
                 schools_, in_flight, ours.measured.per_second, echo.measured.per_second,
                 bare->per_second, ours.measured.p50_us / 1000, echo.measured.p50_us / 1000,
                 bare->p50_us / 1000, ours.measured.p99_us / 1000, ours.cpu_us, echo.cpu_us, *lag);
    }
    return turns;
  }

  bool Tell(const Turns& few, const Turns& many) const {
    const auto name = [this](const char* of) {
      return fmt::format("kafka_{}_{}_schools", of, schools_);
    };
    const auto say = [&](const char* of, double value, const char* unit) {
      Report(name(of).c_str(), value, unit);
    };
    say("commands_per_s", Median(many.rates), "1/s");
    say("echo_per_s", Median(many.echo_rates), "1/s");
    say("producer_per_s", Median(many.bare_rates), "1/s");
    say("record_bytes", MeanBytes(records_), "bytes");
    bool met =
        Report(name("commands_vs_echo").c_str(), Median(many.rate_ratios), "ratio", AtLeast(0.50));
    const double parts_us = Median(few.echo_p50s) + Median(few.bare_p50s);
    say("p50_us", Median(few.p50s), "us");
    say("echo_p50_us", Median(few.echo_p50s), "us");
    say("producer_p50_us", Median(few.bare_p50s), "us");
    met &= Report(name("p50_vs_parts").c_str(), Median(few.p50s) / parts_us, "ratio", AtMost(1.5));
    return met;
  }

  const Settings& settings_;
  const uint32_t schools_;
  Alone alone_;
  Region region_;
  std::optional<Requests> requests_;  // of the region
  Side ours_;
  Load load_;
  Echo echo_;
  std::vector<Partition> to_;  // those that hold a school
  std::vector<eventstore::Blob> records_;
  std::unique_ptr<BareProducer> bare_;
};

int Main(int count, char** words) {
  const Words given(count, words);
  const auto folder = FreshFolder(given, "kafka-commands");
  if (!folder) return 2;
  const Settings settings{
      .folder = *folder,
      .jalon = JalonOf(given),
      .echo = given.Text("--echo", "build/release/tests/bench/echo/echo_server"),
      .brokers = PlaceOf(given, "").brokers,
      .students = static_cast<uint32_t>(given.Number("--students", 20'000)),
      .pairs = static_cast<uint32_t>(given.Number("--pairs", 5)),
      .calls = static_cast<uint32_t>(given.Number("--calls", 20'000))};
  const auto only = static_cast<uint32_t>(given.Number("--schools", 0));
  bool met = true;
  for (const uint32_t schools : only == 0 ? std::vector<uint32_t>{3, 64} : std::vector{only}) {
    const std::optional<bool> measured = Bench(settings, schools).Measure();
    if (!measured) return 1;
    met &= *measured;
  }
  return met ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int count, char** words) { return jalon::bench::Main(count, words); }
