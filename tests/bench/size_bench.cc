// What a server of full size costs: how soon it serves again after SIGKILL under load, the memory
// it is resident with, and what a command costs once the log is ten times as long.
//
// Usage: size_bench [--data FOLDER] [--jalon PROGRAM] [--students N] [--events N] [--runs N]
//                   [--calls N] [--growth FACTOR]        a growth of 0: without that line
#include <fmt/format.h>
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "jalon/placement/v1/placement_service.pb.h"
#include "services/client/request_id.h"
#include "tests/bench/disk.h"
#include "tests/bench/prepared.h"
#include "tests/bench/report.h"
#include "tests/bench/words.h"

namespace jalon::bench {
namespace {

constexpr size_t kRowsMax = 100;
constexpr uint32_t kFillInFlight = 16;
constexpr uint32_t kInFlight = 64;
constexpr double kPatienceSeconds = 600;  // of a start that must build everything
constexpr auto kUnderLoad = std::chrono::seconds(2);

struct Settings {
  std::string data;
  std::string jalon;
  uint32_t students = 0;
  uint64_t events = 0;
  uint64_t runs = 0;
  uint64_t calls = 0;
  uint32_t growth = 0;
};

// A server on a data folder of its own, with a region in it.
class Sized {
 public:
  Sized(const Settings& settings, const std::string& name)
      : jalon_(settings.jalon, settings.data + "/" + name), calls_(settings.calls) {}
  ~Sized() {
    jalon_.Kill();
    std::filesystem::remove_all(jalon_.data());
  }
  Sized(const Sized&) = delete;
  Sized& operator=(const Sized&) = delete;

  // False if something failed, which stands on stderr.
  bool Fill(uint32_t students, uint64_t events) {
    if (!jalon_.Serve({"--virtual-clock"}, kPatienceSeconds)) return Failed("it did not start");
    fmt::print(stderr, "preparing {} students\n", students);
    region_ = Prepare(jalon_, students);
    if (region_.schools.empty()) return false;
    requests_.emplace(region_, 42);
    const uint64_t there = Events();
    fmt::print(stderr, "filling up from {} events\n", there);
    return there != 0 && (there >= events || Lengthen(events - there));
  }

  // Events in the log; 0 if that could not be read.
  uint64_t Events() const {
    const demo::Finished verified =
        jalon_.Command({"--data", jalon_.data(), "--output", "json", "log", "verify"});
    const auto said = nlohmann::json::parse(verified.out, nullptr, false);
    if (verified.exit_code != 0 || !said.is_object()) return 0;
    return std::stoull(said.value("eventsDone", "0"));  // 64 bits are text in JSON
  }

  // CPU that the whole process spends on a command of the mix, microseconds; 0 if one failed.
  double CpuOfCommand() {
    if (!Drive(requests_->Make(Requests::Mix::kHalfAndHalf, calls_ / 10))) return 0;
    const std::vector<Call> calls = requests_->Make(Requests::Mix::kHalfAndHalf, calls_);
    const double before = demo::CpuSeconds(jalon_.pid());
    if (!Drive(calls)) return 0;
    return (demo::CpuSeconds(jalon_.pid()) - before) * 1e6 / static_cast<double>(calls.size());
  }

  struct Restart {
    double seconds = 0;
    double loaded_mib = 0;   // before the end
    double serving_mib = 0;  // as soon as it serves again
  };
  std::optional<Restart> KillUnderLoad() {
    const std::vector<Call> calls = requests_->Make(Requests::Mix::kHalfAndHalf, calls_);
    uint64_t unanswered = 0;
    Restart restart;
    {
      const std::jthread load([&] {
        unanswered = bench::Drive(Channel(), LoadOf(Requests::Methods(), kInFlight), calls).failed;
      });
      std::this_thread::sleep_for(kUnderLoad);
      restart.loaded_mib = demo::ResidentMib(jalon_.pid());
      jalon_.Kill();
    }
    if (unanswered == 0) {
      Failed("the load was over before the kill: give more --calls");
      return std::nullopt;
    }
    if (!jalon_.Serve({}, kPatienceSeconds)) {
      Failed("it did not start again");
      return std::nullopt;
    }
    restart.seconds = jalon_.seconds_to_serve();
    restart.serving_mib = demo::ResidentMib(jalon_.pid());
    return restart;
  }

 private:
  bool Failed(const char* what) const {
    fmt::print(stderr, "{}: see {}\n", what, jalon_.log_path());
    return false;
  }
  std::shared_ptr<grpc::Channel> Channel() const {
    return grpc::CreateChannel(jalon_.address(), grpc::InsecureChannelCredentials());
  }
  Load LoadOf(std::vector<std::string> methods, uint32_t in_flight) const {
    Load load;
    load.methods = std::move(methods);
    load.tokens = region_.tokens;
    load.in_flight = in_flight;
    return load;
  }
  bool Drive(const std::vector<Call>& calls) {
    const Measured measured =
        bench::Drive(Channel(), LoadOf(Requests::Methods(), kInFlight), calls);
    if (measured.failed == 0) return true;
    fmt::print(stderr, "{} calls failed: {}\n", measured.failed, measured.first_failure);
    return false;
  }

  // That many events more: preparations, by bulk commands, of every stay in turn.
  bool Lengthen(uint64_t events) {
    const auto coordinators = static_cast<uint32_t>(region_.tokens.size() - region_.schools.size());
    std::vector<Call> round;
    for (uint32_t school = 0; school < region_.schools.size(); ++school) {
      placement::v1::RecordPreparationRequest request;
      const auto send = [&] {
        request.mutable_header()->set_request_id(client::NewRequestId(region_.now_ms));
        request.mutable_command()->set_held_on(region_.today_on);
        request.mutable_command()->add_topics(placement::v1::PREPARATION_TOPIC_ATTITUDES);
        round.push_back({0, coordinators + school, request.SerializeAsString()});
        request.Clear();
      };
      for (const demo::Cohort& cohort : region_.schools[school].cohorts) {
        for (const demo::Student& student : cohort.students) {
          request.mutable_command()->add_rows()->set_stay_id(student.stay_id);
          if (request.command().rows_size() == static_cast<int>(kRowsMax)) send();
        }
      }
      if (request.command().rows_size() != 0) send();
    }
    const Load load =
        LoadOf({"/jalon.placement.v1.PlacementService/RecordPreparation"}, kFillInFlight);
    for (uint64_t left = (events + kRowsMax - 1) / kRowsMax; left != 0;) {
      round.resize(std::min<uint64_t>(round.size(), left));
      const Measured measured = bench::Drive(Channel(), load, round);
      if (measured.failed != 0) {
        fmt::print(stderr, "filling up failed: {}\n", measured.first_failure);
        return false;
      }
      left -= round.size();
      for (Call& call : round) Renew(call);
    }
    return true;
  }
  // The same command once more: another request id.
  void Renew(Call& call) const {
    placement::v1::RecordPreparationRequest request;
    request.ParseFromString(call.request);
    request.mutable_header()->set_request_id(client::NewRequestId(region_.now_ms));
    call.request = request.SerializeAsString();
  }

  demo::Jalon jalon_;
  Region region_;
  std::optional<Requests> requests_;
  uint64_t calls_;
};

Settings Read(int argc, char** argv) {
  const Words given(argc, argv);
  return {.data = {},
          .jalon = given.Text("--jalon", "build/release/services/node/jalon"),
          .students = static_cast<uint32_t>(given.Number("--students", 20'000)),
          .events = given.Number("--events", 1'000'000),
          .runs = given.Number("--runs", 5),
          .calls = given.Number("--calls", 50'000),
          .growth = static_cast<uint32_t>(given.Number("--growth", 10))};
}

int Main(int argc, char** argv) {
  Settings settings = Read(argc, argv);
  const auto folder = FreshFolder(Words(argc, argv), "size");
  if (!folder) return 1;
  settings.data = *folder;
  Report("size_fdatasync_p50_us", FdatasyncP50Us(*folder), "us");
  double cpu_us = 0;
  bool met = true;
  {
    Sized sized(settings, "sized");
    if (!sized.Fill(settings.students, settings.events)) return 1;
    cpu_us = sized.CpuOfCommand();
    if (cpu_us == 0) return 1;
    std::vector<double> seconds, loaded, serving;
    for (uint64_t run = 0; run < settings.runs; ++run) {
      const auto restart = sized.KillUnderLoad();
      if (!restart) return 1;
      seconds.push_back(restart->seconds);
      loaded.push_back(restart->loaded_mib);
      serving.push_back(restart->serving_mib);
      fmt::print(stderr, "  serves after {:.2f} s with {:.0f} MiB; {:.0f} MiB under load\n",
                 restart->seconds, restart->serving_mib, restart->loaded_mib);
    }
    met = Report("restart_s", Median(seconds), "s", AtMost(2));
    met &= Report("rss_mib", std::max(Median(serving), Median(loaded)), "MiB", AtMost(512));
    Report("rss_restarted_mib", Median(serving), "MiB");
    Report("size_events", static_cast<double>(sized.Events()), "events");
    Report("size_cpu_per_command", cpu_us, "us");
  }
  if (settings.growth == 0) return met ? 0 : kGoalMissed;
  Sized grown(settings, "grown");
  if (!grown.Fill(settings.students * settings.growth, settings.events * settings.growth)) return 1;
  const double grown_us = grown.CpuOfCommand();
  if (grown_us == 0) return 1;
  Report("grown_events", static_cast<double>(grown.Events()), "events");
  Report("grown_cpu_per_command", grown_us, "us");
  met &= Report("growth", grown_us / cpu_us, "ratio", AtMost(1.2));
  return met ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int argc, char** argv) { return jalon::bench::Main(argc, argv); }
