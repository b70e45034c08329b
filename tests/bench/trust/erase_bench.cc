// How long the erasure of a person takes in a school of 20,000, from the command that confirms it
// to complete, and what each part of it costs.
//
// A server with keys of its own, which copies them with each erasure. The parts are those of a
// rotation of the same school's key in this process, on the same folder once the server is stopped:
// an erasure of nobody, step by step.
//
// Usage: erase_bench [--data FOLDER] [--jalon PROGRAM] [--students N] [--runs N]
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "deploy/demo/admin.h"
#include "deploy/demo/calendar.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "services/client/request_id.h"
#include "tests/bench/disk.h"
#include "tests/bench/prepared.h"
#include "tests/bench/report.h"
#include "tests/bench/words.h"

namespace jalon::bench {
namespace {

using privacy::v1::DestroyPersonKey;
using privacy::v1::GetErasureRequest;
using privacy::v1::GetErasureResponse;
using privacy::v1::RequestErasure;
using std::chrono::steady_clock;

constexpr uint32_t kCohorts = 2;                // of a school
constexpr int kBeyondRetention = 8 * 366;       // days; a school keeps seven years
constexpr std::chrono::seconds kPatience{120};  // for one erasure
constexpr std::chrono::milliseconds kAskEach{5};

double SecondsSince(steady_clock::time_point began) {
  return std::chrono::duration<double>(steady_clock::now() - began).count();
}

struct Settings {
  std::string folder;
  std::string jalon;
  uint32_t students = 0;
  uint32_t runs = 0;
};

class Bench {
 public:
  explicit Bench(Settings settings)
      : settings_(std::move(settings)), jalon_(settings_.jalon, settings_.folder + "/node") {
    std::filesystem::create_directories(Copies());
  }

  // False if it could not be measured.
  bool Erase() {
    if (!jalon_.Serve({"--virtual-clock", "--key-backup", Copies()})) {
      fmt::print(stderr, "the server did not start: see {}\n", jalon_.log_path());
      return false;
    }
    const uint32_t cohort = (settings_.students + kCohorts - 1) / kCohorts;
    region_ = Found(jalon_, {.schools = 1, .students_per_cohort = cohort});
    if (region_.schools.empty()) return false;
    demo::Admin admin(jalon_.admin());
    if (!admin.AdvanceTo(demo::DaysAfter(region_.today_on, kBeyondRetention))) {
      fmt::print(stderr, "{}\n", admin.fault());
      return false;
    }
    for (uint32_t run = 0; run < settings_.runs; ++run) {
      if (!EraseOne(admin, region_.schools[0].cohorts[0].students[run].id)) return false;
    }
    return jalon_.Stop() == 0;
  }

  // The same steps in this process.
  bool Rotate() {
    const SystemClock clock;
    std::map<std::string, std::vector<double>> steps;
    auto began = steady_clock::now();
    const auto vault = eventstore::OpenEmbeddedVault(
        {.folder = jalon_.data() + "/keys",
         .root_key_path = jalon_.data() + "/root.key",
         .in_use = true,
         .witness_path = jalon_.data() + "/log/keys.witness",
         .key_backup = Copies(),
         .at_step =
             [&](std::string_view step) {
               steps[std::string(step)].push_back(SecondsSince(began));
               began = steady_clock::now();
             }},
        clock);
    if (!vault) return Said(vault.error());
    for (uint32_t run = 0; run < settings_.runs; ++run) {
      began = steady_clock::now();
      if (const auto epoch = (*vault)->RotateTenant(region_.schools[0].id); !epoch) {
        return Said(epoch.error());
      }
    }
    for (const auto& [line, step] :
         {std::pair("erase_wrap_s", "keys wrapped anew"), std::pair("erase_copy_s", "copy written"),
          std::pair("erase_verify_s", "copy verified"), std::pair("erase_compact_s", "compacted"),
          std::pair("erase_end_s", "epoch ended")}) {
      Report(line, Median(steps[step]), "s");
    }
    return true;
  }

  double erase_s() const { return Median(seconds_); }

 private:
  std::string Copies() const { return settings_.folder + "/copies"; }
  static bool Said(const Error& error) {
    fmt::print(stderr, "{}: {}\n", error.reason, error.message);
    return false;
  }

  template <typename Command>
  static bool Send(demo::Admin& admin, const client::Client& coordinator, const std::string& id) {
    Command command;
    command.set_person_id(id);
    type::v1::CommandHeader header;
    header.set_request_id(client::NewRequestId(admin.NowMs()));
    const auto reply = coordinator.Command(command, header);
    return reply.ok || Said(reply.error);
  }

  bool EraseOne(demo::Admin& admin, const std::string& id) {
    const demo::School& school = region_.schools[0];
    const client::Client& first = school.coordinator.client;
    const client::Client second = jalon_.Connect().As(
        jalon_.Token(type::v1::ROLE_WORK_STUDY_COORDINATOR, school.id, "nora-002", ""));
    if (!Send<RequestErasure>(admin, first, id)) return false;
    const auto began = steady_clock::now();
    if (!Send<DestroyPersonKey>(admin, second, id)) return false;
    GetErasureRequest request;
    request.set_person_id(id);
    GetErasureResponse response;
    while (!response.complete()) {
      std::this_thread::sleep_for(kAskEach);
      if (steady_clock::now() - began > kPatience) {
        fmt::print(stderr, "an erasure was not complete within {}\n", kPatience.count());
        return false;
      }
      const auto reply = first.Query(request, &response);
      if (!reply.ok) return Said(reply.error);
    }
    seconds_.push_back(SecondsSince(began));
    fmt::print(stderr, "  complete after {:.2f} s\n", seconds_.back());
    return true;
  }

  const Settings settings_;
  demo::Jalon jalon_;
  Region region_;
  std::vector<double> seconds_;
};

int Main(int count, char** words) {
  const Words given(count, words);
  const auto folder = FreshFolder(given, "erase");
  if (!folder) return 2;
  Bench bench({.folder = *folder,
               .jalon = given.Text("--jalon", "build/release/services/node/jalon"),
               .students = static_cast<uint32_t>(given.Number("--students", 20'000)),
               .runs = static_cast<uint32_t>(given.Number("--runs", 5))});
  if (!bench.Erase()) return 1;
  Report("erase_s", bench.erase_s(), "s");
  return bench.Rotate() ? 0 : 1;
}

}  // namespace
}  // namespace jalon::bench

int main(int count, char** words) { return jalon::bench::Main(count, words); }
