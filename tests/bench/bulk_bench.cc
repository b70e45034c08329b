// Bulk commands of 100 rows through gRPC, 16 in flight, against a RocksDB that stores records of
// one event's size in synced batches of 1,000: events per second, pairs that alternate in one run.
// Equal parts of EnrolStudents (whose students are new: each gets a key), AssignSequence,
// ScheduleStays and RecordPreparation; each row is one event.
//
// Usage: bulk_bench [--data FOLDER] [--jalon PROGRAM] [--commands N, of each kind and run]
//                   [--pairs N]
#include <fmt/format.h>
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/log/rocks/rocks_log.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/log/v1/log.pb.h"
#include "tests/bench/disk.h"
#include "tests/bench/intake.h"
#include "tests/bench/report.h"
#include "tests/bench/views_lag.h"
#include "tests/bench/words.h"

namespace jalon::bench {
namespace {

constexpr uint32_t kInFlight = 16;
constexpr uint32_t kWarmRounds = Intake::kRoundsBefore + 1;
constexpr uint32_t kRocksBatch = 1000;  // records

struct Settings {
  std::string folder;
  std::string jalon;
  uint32_t commands = 0;
  uint32_t pairs = 0;
};

// What the log holds of the four kinds of events.
struct Weighed {
  std::map<uint32_t, std::pair<uint64_t, uint64_t>> types;  // type -> {events, bytes}
  uint64_t entry_bytes = 0;                                 // of everything
  uint64_t events = 0;

  // Bytes of one event, the four kinds in equal parts.
  double BytesOfOne() const {
    double sum = 0;
    for (const auto& [type, counted] : types) {
      sum += static_cast<double>(counted.second) / static_cast<double>(counted.first);
    }
    return types.empty() ? 0 : sum / static_cast<double>(types.size());
  }
};

void WeighEntry(const std::string& bytes, Weighed* weighed) {
  using event::v1::EventBody;
  log::v1::Entry entry;
  if (!entry.ParseFromString(bytes)) return;
  weighed->entry_bytes += bytes.size();
  for (const std::string& encoded : entry.record().events()) {
    ++weighed->events;
    log::v1::Event event;
    if (!event.ParseFromString(encoded)) continue;
    const uint32_t type = event.type();
    if (type != EventBody::kStudentEnrolledFieldNumber &&
        type != EventBody::kSequenceAssignedFieldNumber &&
        type != EventBody::kStayScheduledFieldNumber &&
        type != EventBody::kPreparationRecordedFieldNumber) {
      continue;
    }
    auto& [events, size] = weighed->types[type];
    ++events;
    size += encoded.size();
  }
}

// REQUIRES: no server runs on the data folder.
std::optional<Weighed> WeighLog(const std::string& data) {
  const auto log = eventstore::RocksLog::OpenReadOnly(data + "/log");
  if (!log) return std::nullopt;
  Weighed weighed;
  for (uint32_t i = 0; i < (*log)->birth().Partitions(); ++i) {
    Offset next{0};
    while (true) {
      const auto entries = (*log)->ReadFrom(Partition{i}, next, {});
      if (!entries) return std::nullopt;
      if (entries->empty()) break;
      for (const auto& stored : *entries) WeighEntry(*stored.bytes, &weighed);
      next = Offset{entries->back().offset.value + 1};
    }
  }
  return weighed;
}

class Bench {
 public:
  explicit Bench(Settings settings)
      : settings_(std::move(settings)), jalon_(settings_.jalon, settings_.folder + "/server") {}

  int Run() {
    if (!jalon_.Serve({"--virtual-clock"})) return Failed("the server did not start");
    const uint32_t rounds = kWarmRounds + settings_.pairs;
    region_ = Found(jalon_, {.students_per_cohort = 0,
                             .companies_per_school = Intake::Companies(rounds, settings_.commands),
                             .activities = kActivities});
    if (region_.schools.empty()) return Failed("the region was not founded");
    load_ = {.methods = Intake::Methods(),
             .tokens = region_.tokens,
             .in_flight = kInFlight,
             .keep_replies = true};
    intake_.emplace(region_, settings_.commands);
    for (uint32_t i = 0; i < kWarmRounds; ++i) {
      if (!Round()) return Failed("a command failed");
    }
    if (jalon_.Stop() != 0) return Failed("the server did not end well");
    const auto weighed = WeighLog(jalon_.data());
    if (!weighed || weighed->types.size() != Intake::kKinds) return Failed("the log was not read");
    if (!jalon_.Serve()) return Failed("the server did not start again");
    const double bytes = weighed->BytesOfOne();
    Report("bulk_event_bytes", bytes, "bytes");
    Report("bulk_log_bytes_per_event",
           static_cast<double>(weighed->entry_bytes) / static_cast<double>(weighed->events),
           "bytes");
    return Pairs(static_cast<size_t>(bytes)) ? Finish() : Failed("a command failed");
  }

 private:
  int Failed(const char* what) const {
    fmt::print(stderr, "{}: see {}\n", what, jalon_.log_path());
    return 1;
  }

  // One round; events per second.
  std::optional<double> Round() {
    const std::vector<Call> calls = intake_->Round();
    const double cpu = demo::CpuSeconds(jalon_.pid());
    const Measured measured = Drive(
        grpc::CreateChannel(jalon_.address(), grpc::InsecureChannelCredentials()), load_, calls);
    const auto events = static_cast<double>(calls.size() * Intake::kRows);
    cpu_us_.push_back((demo::CpuSeconds(jalon_.pid()) - cpu) * 1e6 / events);
    const auto lag = SecondsUntilViewsFollow(jalon_.admin());
    if (!lag || !intake_->Take(measured)) return std::nullopt;
    lags_.push_back(*lag);
    return events / measured.seconds;
  }

  bool Pairs(size_t event_bytes) {
    cpu_us_.clear();
    lags_.clear();
    for (uint32_t i = 0; i < settings_.pairs; ++i) {
      const uint32_t events = settings_.commands * Intake::kKinds * Intake::kRows;
      const double rocks =
          RocksBatchesPerSecond(settings_.folder, event_bytes, std::max(events / kRocksBatch, 1u));
      const auto ours = Round();
      if (!ours || rocks == 0) return false;
      rates_.push_back(*ours);
      rocks_.push_back(rocks);
      ratios_.push_back(*ours / rocks);
      fmt::print(stderr,
                 "  {:.0f} events/s against {:.0f}, {:.1f} µs CPU an event, views {:.2f} s\n",
                 *ours, rocks, cpu_us_.back(), lags_.back());
    }
    return true;
  }

  int Finish() {
    Report("bulk_events_per_s", Median(rates_), "events/s");
    Report("bulk_rocks_per_s", Median(rocks_), "records/s");
    Report("bulk_cpu_per_event", Median(cpu_us_), "us");
    bool met = Report("bulk_vs_rocks", Median(ratios_), "ratio", AtLeast(0.40));
    met &= Report("bulk_views_lag_s", *std::ranges::max_element(lags_), "s", AtMost(1));
    if (jalon_.Stop() != 0) return Failed("the server did not end well");
    return met ? 0 : kGoalMissed;
  }

  Settings settings_;
  demo::Jalon jalon_;
  Region region_;
  Load load_;
  std::optional<Intake> intake_;
  std::vector<double> rates_, rocks_, ratios_, cpu_us_, lags_;
};

int Main(int argc, char** argv) {
  const Words given(argc, argv);
  const auto folder = FreshFolder(given, "bulk");
  if (!folder) return 2;
  return Bench({.folder = *folder,
                .jalon = given.Text("--jalon", "build/release/services/node/jalon"),
                .commands = static_cast<uint32_t>(given.Number("--commands", 100)),
                .pairs = static_cast<uint32_t>(given.Number("--pairs", 5))})
      .Run();
}

}  // namespace
}  // namespace jalon::bench

int main(int argc, char** argv) { return jalon::bench::Main(argc, argv); }
