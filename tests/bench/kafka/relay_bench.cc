// How far the public feed is behind: from a command's acknowledgement, as its client has it, until
// another process has read all events of its record from the feed's topic. One node that tells all
// partitions, a school in each, and half the rate that it was just measured to take.
//
// Usage: relay_bench --brokers HOST:PORT [--data FOLDER] [--jalon PROGRAM] [--python PROGRAM]
//                    [--students N] [--schools N] [--calls N] [--seconds N]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/hash.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "tests/bench/disk.h"
#include "tests/bench/kafka/alone.h"
#include "tests/bench/kafka/feed_reader.h"
#include "tests/bench/kafka/kafka_words.h"
#include "tests/bench/prepared.h"
#include "tests/bench/report.h"
#include "tests/bench/sides.h"

namespace jalon::bench {
namespace {

using Mix = Requests::Mix;

constexpr uint32_t kInFlight = 256;
constexpr double kGoalMs = 50;
// What comes later than this after the last command is told as missing.
constexpr auto kLastMayTake = std::chrono::seconds(5);

struct Settings {
  std::string folder;
  std::string jalon;
  std::string python;
  Place log;
  uint32_t students = 0;
  uint32_t schools = 0;
  uint32_t calls = 0;  // that measure the rate
  double seconds = 0;
};

// Where a command's record is; nothing if the reply is no answer.
std::optional<type::v1::Position> PositionOf(const std::string& reply) {
  roster::v1::EnrolStudentsResponse answer;  // those to all commands are alike
  if (!answer.ParseFromString(reply) || !answer.has_result()) return std::nullopt;
  return answer.result().position();
}

class Bench {
 public:
  explicit Bench(const Settings& settings)
      : settings_(settings), alone_(settings.jalon, settings.folder, settings.log) {}

  // Sorted, in ms; empty if something failed, which is said on stderr.
  std::vector<double> Lags() {
    if (!Begin()) return {};
    Load load = LoadOf(kInFlight);
    const Run rate = DriveSide(side_, load, requests_->Make(Mix::kHalfAndHalf, settings_.calls));
    if (rate.measured.failed > 0) return {};
    FeedReader reader(settings_.python, settings_.folder + "/feed.jsonl");
    if (!reader.Start(settings_.log.brokers, settings_.log.name + ".events.v1")) {
      fmt::print(stderr, "the reader of the feed did not start\n");
      return {};
    }
    load.per_second = rate.measured.per_second / 2;
    load.keep_replies = true;
    const auto count = static_cast<size_t>(load.per_second * settings_.seconds);
    const Run paced = DriveSide(side_, load, requests_->Make(Mix::kHalfAndHalf, count));
    std::this_thread::sleep_for(kLastMayTake);
    const auto came = reader.Finish();
    if (!came) fmt::print(stderr, "the reader of the feed failed\n");
    if (!came || paced.measured.failed > 0 || alone_.node().Stop() != 0) return {};
    fmt::print(stderr, "  {:.0f}/s at {} in flight; then {:.0f}/s, p50 {:.1f} ms, p99 {:.1f} ms\n",
               rate.measured.per_second, kInFlight, paced.measured.per_second,
               paced.measured.p50_us / 1000, paced.measured.p99_us / 1000);
    Report("relay_commands_per_s", paced.measured.per_second, "1/s");
    return Join(paced.measured, *came);
  }

 private:
  Load LoadOf(uint32_t in_flight) const {
    Load load;
    load.methods = Requests::Methods();
    load.tokens = region_.tokens;
    load.in_flight = in_flight;
    return load;
  }

  bool Begin() {
    if (!alone_.Start()) return false;
    region_ = Prepare(alone_.node(), settings_.students, settings_.schools);
    if (region_.schools.empty()) return false;
    requests_.emplace(region_, 42);
    side_ = SideAt(alone_.node().address(), alone_.node().pid());
    return DriveSide(side_, LoadOf(kInFlight), requests_->Make(Mix::kHalfAndHalf, settings_.calls))
               .measured.failed == 0;  // warm
  }

  std::vector<double> Join(const Measured& measured, const FeedReader::Came& came) const {
    std::map<uint32_t, std::string> schools;  // by partition
    for (const demo::School& school : region_.schools) schools[school.partition] = ToHex(school.id);
    std::vector<double> lags;
    for (size_t i = 0; i < measured.replies.size(); ++i) {
      const auto position = PositionOf(measured.replies[i]);
      const auto read =
          position ? came.find({schools[position->partition()], position->seq()}) : came.end();
      if (read == came.end()) {
        fmt::print(stderr, "an acknowledged command is not in the feed\n");
        return {};
      }
      lags.push_back(static_cast<double>(read->second - measured.replied_us[i]) / 1000);
    }
    std::ranges::sort(lags);
    return lags;
  }

  const Settings& settings_;
  Alone alone_;
  Region region_;
  std::optional<Requests> requests_;  // of the region
  Side side_;
};

int Main(int count, char** words) {
  const Words given(count, words);
  const auto folder = FreshFolder(given, "kafka-relay");
  if (!folder) return 2;
  const Settings settings{.folder = *folder,
                          .jalon = JalonOf(given),
                          .python = given.Text("--python", "build/tools/analyst/bin/python"),
                          .log = PlaceOf(given, "relay"),
                          .students = static_cast<uint32_t>(given.Number("--students", 6'400)),
                          .schools = static_cast<uint32_t>(given.Number("--schools", 64)),
                          .calls = static_cast<uint32_t>(given.Number("--calls", 20'000)),
                          .seconds = static_cast<double>(given.Number("--seconds", 60))};
  const std::vector<double> lags = Bench(settings).Lags();
  if (lags.empty()) return 1;
  const auto at = [&](double quantile) {
    return lags[static_cast<size_t>(quantile * static_cast<double>(lags.size() - 1))];
  };
  Report("relay_lag_p50_ms", at(0.50), "ms");
  Report("relay_lag_max_ms", lags.back(), "ms");
  return Report("relay_lag_ms", at(0.99), "ms", AtMost(kGoalMs)) ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int count, char** words) { return jalon::bench::Main(count, words); }
