// How long a school waits when the node that owns its partition is killed: from SIGKILL until the
// first command of the school that another node decided is acknowledged to a client of all nodes.
// Three nodes, a vault, default time-outs everywhere; the node killed is started again before the
// next kill. What each part costs is said on stderr:
//
//   noticed   from the kill until a call of the client's fails: its port is closed
//   claimed   from the kill until another node's claim can be read in the log: the others find the
//             port closed, or hear no heartbeat for long enough, and then claim
//   answered  from there until the first acknowledgement
//
// Usage: failover_bench --brokers HOST:PORT [--data FOLDER] [--jalon PROGRAM] [--kills N]
//                       [--schools N] [--seed N]
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "deploy/demo/admin.h"
#include "deploy/demo/cluster.h"
#include "eventstore/base/clock.h"
#include "jalon/school/v1/school_service.pb.h"
#include "tests/bench/disk.h"
#include "tests/bench/kafka/claim_watch.h"
#include "tests/bench/kafka/kafka_words.h"
#include "tests/bench/kafka/steady_client.h"
#include "tests/bench/report.h"
#include "tests/faults/load.h"

namespace jalon::bench {
namespace {

constexpr size_t kNodes = 3;
constexpr double kGoalSeconds = 3;
// As long as this nothing changes hands: more than the grace after which a node takes its own back.
constexpr Micros kStill = std::chrono::seconds(3);
constexpr Micros kPatience = std::chrono::seconds(60);
constexpr useconds_t kLookUs = 20'000;
constexpr uint32_t kKillWithinUs = 500'000;  // a heartbeat: none is at its beginning each time
constexpr int kLearnTries = 200;

struct Settings {
  std::string jalon;
  std::string folder;
  Place log;
  uint64_t kills = 0;
  uint32_t schools = 0;
  uint32_t seed = 0;
};

double Ms(Micros time) { return static_cast<double>(time.count()) / 1000; }

// What one school waited for, in ms.
struct Failover {
  std::optional<double> noticed;  // by the client, if a call of its failed
  double claimed = 0;
  double answered = 0;

  double whole() const { return claimed + answered; }
};

class Bench {
 public:
  explicit Bench(Settings settings)
      : settings_(std::move(settings)),
        cluster_(settings_.jalon, settings_.folder + "/cluster", settings_.log.Address()),
        random_(settings_.seed) {}

  Result<void> Run() {
    JALON_RETURN_IF_ERROR(cluster_.Make(kNodes, 0, {"--unsafe-single-broker"}));
    for (size_t i = 0; i < kNodes; ++i) JALON_RETURN_IF_ERROR(cluster_.Serve(i));
    JALON_ASSIGN_OR_RETURN(std::vector<client::Client> coordinators, FoundSchools());
    JALON_ASSIGN_OR_RETURN(watch_, ClaimWatch::Start(settings_.log, settings_.schools));
    client_ = std::make_unique<SteadyClient>(std::move(coordinators));
    for (uint64_t kill = 0; kill < settings_.kills; ++kill) {
      JALON_RETURN_IF_ERROR(KillOne(kill));
    }
    client_.reset();
    for (size_t i = 0; i < kNodes; ++i) {
      if (cluster_.node(i).Stop() != 0) return Wrong("a node did not end well");
    }
    return {};
  }

  const std::vector<Failover>& failovers() const { return failovers_; }

 private:
  static std::unexpected<Error> Wrong(std::string words) {
    return Fail(Code::kInternal, "INTERNAL", std::move(words));
  }

  // School i in partition i.
  Result<std::vector<client::Client>> FoundSchools() {
    std::vector<client::Client> coordinators;
    const demo::Jalon& first = cluster_.node(0);
    const client::Client region = faults::Connect(
        cluster_.target(), first.Token(type::v1::ROLE_REGION_COORDINATOR, "", "", ""));
    for (uint32_t i = 0; i < settings_.schools; ++i) {
      const auto registration = faults::RegistrationOf(fmt::format("FAILOVER-{}", i));
      static_cast<school::v1::RegisterSchool&>(*registration).set_partition(i);
      JALON_ASSIGN_OR_RETURN(const client::Reply registered, Ask(region, *registration));
      const std::string token =
          first.Token(type::v1::ROLE_WORK_STUDY_COORDINATOR, registered.result.created(0).id(),
                      std::string(8, 'c'), "");
      coordinators.push_back(faults::Connect(cluster_.target(), token));
      JALON_RETURN_IF_ERROR(Ask(coordinators.back(), *faults::FirstProgramme()));
    }
    return coordinators;
  }

  static Result<client::Reply> Ask(const client::Client& who,
                                   const google::protobuf::Message& command) {
    const std::string id = faults::NewRequestId();
    client::Reply reply = who.Command(command, faults::Header(id));
    // Another node learns a moment later where a school was placed.
    for (int tries = 0; tries < kLearnTries && reply.error.reason == "NOT_FOUND"; ++tries) {
      usleep(kLookUs);
      reply = who.Command(command, faults::Header(id));
    }
    if (!reply.ok) return std::unexpected(std::move(reply.error));
    return reply;
  }

  using Owners = std::map<uint32_t, size_t>;  // by school's partition: which node

  Owners OwnersNow() {
    Owners owners;
    for (size_t i = 0; i < kNodes; ++i) {
      for (const uint32_t partition : demo::Admin(cluster_.node(i).admin()).Owned()) {
        if (partition < settings_.schools) owners[partition] = i;
      }
    }
    return owners;
  }

  // Who owns what once nothing changes hands any more.
  Result<Owners> Settled() {
    const Micros last = clock_.Monotonic() + kPatience;
    Owners owners = OwnersNow();
    Micros since = clock_.Monotonic();
    while (clock_.Monotonic() < last) {
      usleep(kLookUs * 5);
      Owners now = OwnersNow();
      if (now != owners) since = clock_.Monotonic();
      owners = std::move(now);
      if (owners.size() == settings_.schools && clock_.Monotonic() - since >= kStill) return owners;
    }
    return Wrong("partitions go on changing hands");
  }

  Result<void> KillOne(uint64_t kill) {
    JALON_ASSIGN_OR_RETURN(const Owners owners, Settled());
    usleep(static_cast<useconds_t>(random_() % kKillWithinUs));
    auto drawn = owners.begin();
    std::advance(drawn, random_() % owners.size());
    const size_t victim = drawn->second;
    const double answer_ms = Ms(client_->MedianAnswer());
    client_->Forget();
    const Micros killed = clock_.Monotonic();
    cluster_.node(victim).Kill();
    std::vector<Failover> waited;
    for (const auto& [school, owner] : owners) {
      if (owner != victim) continue;
      JALON_ASSIGN_OR_RETURN(const Failover failover, Await(school, victim, killed));
      waited.push_back(failover);
    }
    const Failover& worst = *std::ranges::max_element(waited, {}, &Failover::whole);
    fmt::print(stderr,
               "  kill {}: node-{}, {} schools; the last one waited {:.0f} ms: noticed {}, claimed "
               "{:.0f}, answered {:.1f}; before, a command took {:.1f}\n",
               kill + 1, victim + 1, waited.size(), worst.whole(),
               worst.noticed ? fmt::format("{:.1f}", *worst.noticed) : "by no call of its own",
               worst.claimed, worst.answered, answer_ms);
    failovers_.insert(failovers_.end(), waited.begin(), waited.end());
    return cluster_.Serve(victim);
  }

  Result<Failover> Await(uint32_t school, size_t victim, Micros killed) {
    const std::string name = fmt::format("node-{}", victim + 1);
    while (clock_.Monotonic() < killed + kPatience) {
      if (const auto failed = watch_->failed()) return std::unexpected(*failed);
      const auto claim = watch_->First(Partition{school}, name, killed);
      // Only who claimed decides what comes after.
      const auto acked = claim ? client_->FirstAcked(school, claim->base) : std::nullopt;
      if (acked) {
        Failover failover{.noticed = {}, .claimed = Ms(claim->at - killed)};
        failover.answered = Ms(*acked - claim->at);
        if (const auto failed = client_->FirstFailed()) failover.noticed = Ms(*failed - killed);
        return failover;
      }
      usleep(1000);
    }
    return Wrong(fmt::format("school {} was acknowledged nothing in a minute", school));
  }

  const Settings settings_;
  const SystemClock clock_;
  demo::Cluster cluster_;
  std::mt19937 random_;
  std::vector<Failover> failovers_;
  std::unique_ptr<ClaimWatch> watch_;
  std::unique_ptr<SteadyClient> client_;
};

// Each in seconds but the counts.
bool Tell(const std::vector<Failover>& failovers) {
  std::vector<double> wholes, noticed, claimed, answered;
  for (const Failover& failover : failovers) {
    wholes.push_back(failover.whole() / 1000);
    claimed.push_back(failover.claimed / 1000);
    answered.push_back(failover.answered / 1000);
    if (failover.noticed) noticed.push_back(*failover.noticed / 1000);
  }
  const bool met =
      Report("failover_s", *std::ranges::max_element(wholes), "s", AtMost(kGoalSeconds));
  Report("failover_median_s", Median(wholes), "s");
  Report("failover_schools", static_cast<double>(wholes.size()), "schools");
  fmt::print(stderr,
             "medians of {} schools: noticed by the client after {:.1f} ms ({} of them), claimed "
             "by another node after {:.0f} ms, answered {:.1f} ms later\n",
             wholes.size(), Median(noticed) * 1000, noticed.size(), Median(claimed) * 1000,
             Median(answered) * 1000);
  return met;
}

int Main(int count, char** words) {
  const Words given(count, words);
  const auto folder = FreshFolder(given, "kafka-failover");
  if (!folder) return 2;
  Bench bench({.jalon = JalonOf(given),
               .folder = *folder,
               .log = PlaceOf(given, "failover"),
               .kills = given.Number("--kills", 20),
               .schools = static_cast<uint32_t>(given.Number("--schools", 12)),
               .seed = static_cast<uint32_t>(given.Number("--seed", 1))});
  if (const Result<void> run = bench.Run(); !run) {
    fmt::print(stderr, "{}; see {}\n", run.error().message, *folder);
    return 1;
  }
  return Tell(bench.failovers()) ? 0 : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int count, char** words) { return jalon::bench::Main(count, words); }
