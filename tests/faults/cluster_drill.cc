// Three nodes, one that only answers queries, and a vault on a real Kafka, under load from a client
// that knows all of them, while nodes are killed, paused past another's claim, and restarted one
// after the other. In the end every command is sent once more, and the client's own history, with
// those answers, is judged against the log.
//
// Usage: cluster_drill --jalon PROGRAM --data FOLDER --log kafka://… [--rounds N] [--seed N]
//                      [--cluster FOLDER]
// With the folder of three brokers (deploy/kafka/broker) the nodes are left alone: it is the broker
// that leads a loaded partition which is killed, and then paused, until another one leads.
// The client is this program's own child, `cluster_drill client TARGET HISTORY TOKEN...`, which
// syncs its history before it counts an answer. Failing, the program prints the command that runs
// the same again; the folder is left for a look.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <set>

#include "deploy/demo/admin.h"
#include "deploy/demo/cluster.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/writer/leader_testing.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/node/kafka_address.h"
#include "tests/faults/judging.h"
#include "tests/faults/load.h"
#include "tests/faults/load_client.h"
#include "tests/faults/repeats.h"

namespace jalon::faults {
namespace {

constexpr size_t kNodes = 3;
// Takes commands and answers questions as the others do, and owns nothing.
constexpr size_t kQueryNodes = 1;
// Some owned by each node.
constexpr uint32_t kSchools = 6;
constexpr int kLearnTries = 100;
constexpr useconds_t kLearnUs = 50'000;
// Longer than another's claim takes: calls that a paused node holds are still wanted when it goes
// on.
constexpr uint32_t kDeadlineMs = 4000;
// More than a history grows by without answers.
constexpr uintmax_t kManyBytes = 4096;
constexpr size_t kSentMin = 200;
constexpr int kPatienceMs = 60'000;
constexpr int kLookMs = 10;
// A paused node may have decided a record so long before the pause, or after, that then is void.
constexpr Micros kAroundPause{2'000'000};

struct Pause {
  Micros began;
  Micros ended;
};

struct Settings {
  std::string self;
  std::string jalon;
  std::string data;
  std::string log;
  std::string cluster;  // of three brokers; empty: one, and nodes are disturbed
  int rounds = 2;
  uint32_t seed = 1;
};

class Drill {
 public:
  explicit Drill(Settings settings)
      : settings_(std::move(settings)),
        cluster_(settings_.jalon, settings_.data, settings_.log),
        history_(settings_.data + "/history.txt"),
        random_(settings_.seed) {}

  int Run() {
    std::filesystem::remove_all(settings_.data);
    const Result<void> done = Live();
    if (done) return 0;
    fmt::print(stderr,
               "{}; see {}\nagain: {} --jalon {} --data {} --log {} --rounds {} --seed {}{}\n",
               done.error().message, settings_.data, settings_.self, settings_.jalon,
               settings_.data, settings_.log, settings_.rounds, settings_.seed,
               settings_.cluster.empty() ? "" : " --cluster " + settings_.cluster);
    return 1;
  }

 private:
  static std::unexpected<Error> Wrong(std::string words) {
    return Fail(Code::kInternal, "INTERNAL", std::move(words));
  }

  Result<void> Live() {
    std::vector<std::string> init = {"--partitions", "16"};
    if (settings_.cluster.empty()) init.emplace_back("--unsafe-single-broker");
    JALON_RETURN_IF_ERROR(cluster_.Make(kNodes, kQueryNodes, init));
    for (size_t i = 0; i < cluster_.size(); ++i) JALON_RETURN_IF_ERROR(cluster_.Serve(i));
    JALON_RETURN_IF_ERROR(FoundSchools());
    std::vector<std::string> words = {"client", cluster_.target(), history_};
    words.insert(words.end(), tokens_.begin(), tokens_.end());
    ClientProcess client(settings_.self, words);
    for (int round = 0; round < settings_.rounds; ++round) {
      JALON_RETURN_IF_ERROR(WaitForAnswers());
      client.TellPauses("start");
      JALON_RETURN_IF_ERROR(settings_.cluster.empty() ? DisturbNodes(client)
                                                      : DisturbBrokers(client));
    }
    JALON_RETURN_IF_ERROR(WaitForAnswers());
    if (client.Finish() != 0) return Wrong("the client failed");
    JALON_RETURN_IF_ERROR(SendAllAgain());
    if (!demo::Admin(cluster_.node(kNodes).admin()).Owned().empty()) {
      return Wrong("a node that only answers queries owns a partition");
    }
    for (size_t i = 0; i < cluster_.size(); ++i) {
      if (cluster_.node(i).Stop() != 0) return Wrong("a node did not end well");
    }
    if (cluster_.vault().Stop() != 0) return Wrong("the vault did not end well");
    return Judge();
  }

  Result<void> DisturbNodes(const ClientProcess& client) {
    JALON_RETURN_IF_ERROR(KillOne());
    client.TellPauses("one killed");
    JALON_RETURN_IF_ERROR(PauseOne());
    client.TellPauses("one paused");
    JALON_RETURN_IF_ERROR(RestartAll());
    client.TellPauses("each restarted");
    return {};
  }

  Result<void> DisturbBrokers(const ClientProcess& client) {
    JALON_ASSIGN_OR_RETURN(auto options, node::ReadKafkaAddress(settings_.log));
    eventstore::testing::Leader leader(options, loaded_);
    JALON_RETURN_IF_ERROR(Lead(leader, "kill", "start"));
    client.TellPauses("its leader killed");
    JALON_RETURN_IF_ERROR(Lead(leader, "pause", "resume"));
    client.TellPauses("its leader paused");
    return {};
  }

  // Does that to the broker that leads the loaded partition until another one does, and commands
  // are answered; then undoes it.
  Result<void> Lead(eventstore::testing::Leader& leader, const std::string& fault,
                    const std::string& undo) {
    JALON_RETURN_IF_ERROR(WaitForAnswers());
    const int victim = leader.AwaitAllInSync();
    if (victim == -1) return Wrong("the brokers are not in sync");
    fmt::print("broker {}, which leads partition {}: {}\n", victim, loaded_.value, fault);
    JALON_RETURN_IF_ERROR(TellBroker(fault, victim));
    const int heir = leader.AwaitOtherThan(victim);
    const Result<void> answered = WaitForAnswers();
    JALON_RETURN_IF_ERROR(TellBroker(undo, victim));
    if (heir == -1) return Wrong("nobody else came to lead it");
    fmt::print("broker {} leads it now\n", heir);
    JALON_RETURN_IF_ERROR(answered);
    ++leader_changes_;
    return WaitForAnswers();
  }

  Result<void> TellBroker(const std::string& verb, int broker) const {
    const demo::Finished done = demo::Run(
        {"deploy/kafka/broker", verb, std::to_string(broker), "--folder", settings_.cluster});
    if (done.exit_code != 0) return Wrong(verb + " of a broker: " + done.err);
    return {};
  }

  // Whatever was answered, and however ambiguous it was on the way, is answered the same now.
  Result<void> SendAllAgain() {
    told_ = demo::ReadHistory(history_);
    std::vector<client::Client> coordinators;
    coordinators.reserve(tokens_.size());
    for (const std::string& token : tokens_) {
      coordinators.push_back(Connect(cluster_.target(), token, kDeadlineMs));
    }
    const History answers = Repeat(told_, founding_, coordinators);
    fmt::print("{} commands sent again\n", answers.size());
    if (answers.size() < kSentMin) return Wrong("hardly any command was sent again");
    told_.insert(told_.end(), answers.begin(), answers.end());
    return {};
  }

  size_t AnyNode() { return random_() % kNodes; }

  Result<void> KillOne() {
    JALON_RETURN_IF_ERROR(WaitForAnswers());
    const size_t victim = AnyNode();
    usleep(static_cast<useconds_t>(random_() % 400'000));
    fmt::print("killing node {}\n", victim + 1);
    cluster_.node(victim).Kill();
    JALON_RETURN_IF_ERROR(WaitForAnswers());
    return cluster_.Serve(victim);
  }

  // Its partitions are claimed by others meanwhile, and it does not know when it goes on.
  Result<void> PauseOne() {
    JALON_RETURN_IF_ERROR(WaitForAnswers());
    const size_t victim = AnyNode();
    const std::set<uint32_t> owned = demo::Admin(cluster_.node(victim).admin()).Owned();
    fmt::print("pausing node {}, owner of {} partitions\n", victim + 1, owned.size());
    if (owned.empty()) return Wrong("the node to pause owns nothing");
    pauses_.push_back({SystemClock().Wall(), {}});
    cluster_.node(victim).Pause();
    const Result<void> claimed = WaitForOthers(victim, owned);
    cluster_.node(victim).Resume();
    pauses_.back().ended = SystemClock().Wall();
    JALON_RETURN_IF_ERROR(claimed);
    return WaitForAnswers();
  }

  // Until claims of other nodes counted in all these partitions.
  Result<void> WaitForOthers(size_t victim, std::set<uint32_t> partitions) {
    for (int i = 0; i < kPatienceMs; i += kLookMs) {
      for (size_t other = 0; other < kNodes; ++other) {
        if (other == victim) continue;
        for (const uint32_t p : demo::Admin(cluster_.node(other).admin()).Owned()) {
          partitions.erase(p);
        }
      }
      if (partitions.empty()) return {};
      usleep(kLookMs * 1000);
    }
    return Wrong("nobody took over from a node that was paused");
  }

  Result<void> RestartAll() {
    for (size_t i = 0; i < cluster_.size(); ++i) {
      JALON_RETURN_IF_ERROR(WaitForAnswers());
      fmt::print("restarting node {}\n", i + 1);
      if (cluster_.node(i).Stop() != 0) return Wrong("a node did not end well");
      JALON_RETURN_IF_ERROR(cluster_.Serve(i));
    }
    return {};
  }

  Result<void> WaitForAnswers() const {
    const uintmax_t before = std::filesystem::file_size(history_);
    for (int i = 0; i < kPatienceMs; ++i) {
      if (std::filesystem::file_size(history_) > before + kManyBytes) return {};
      usleep(1000);
    }
    return Wrong("the client gets no answers");
  }

  Result<void> FoundSchools() {
    const client::Client region = Connect(
        cluster_.target(), cluster_.node(0).Token(type::v1::ROLE_REGION_COORDINATOR, "", "", ""));
    demo::Recorder recorder(history_);
    // Where the hash would hardly put them: every node must learn it from the system partition.
    for (uint32_t i = 0; i < kSchools; ++i) {
      const auto registration = RegistrationOf(fmt::format("DRILL-{}", i));
      static_cast<school::v1::RegisterSchool&>(*registration).set_partition(i);
      JALON_ASSIGN_OR_RETURN(const client::Reply registered,
                             Found(region, *registration, recorder));
      if (registered.result.position().partition() != i) return Wrong("a school is elsewhere");
      const std::string token =
          cluster_.node(0).Token(type::v1::ROLE_WORK_STUDY_COORDINATOR,
                                 registered.result.created(0).id(), std::string(8, 'c'), "");
      JALON_RETURN_IF_ERROR(Found(Connect(cluster_.target(), token), *FirstProgramme(), recorder));
      tokens_.push_back(token);
    }
    return {};
  }

  Result<client::Reply> Found(const client::Client& who, const google::protobuf::Message& command,
                              demo::Recorder& recorder) {
    const std::string id = NewRequestId();
    recorder.Sent(ToHex(id));
    client::Reply reply = who.Command(command, Header(id));
    // Another node learns a moment later where a school was placed.
    for (int tries = 0; tries < kLearnTries && reply.error.reason == "NOT_FOUND"; ++tries) {
      usleep(kLearnUs);
      reply = who.Command(command, Header(id));
    }
    if (!reply.ok) return std::unexpected(std::move(reply.error));
    const type::v1::Position& position = reply.result.position();
    recorder.Acked(ToHex(id), position.partition(), position.seq());
    ++founding_;
    return reply;
  }

  Result<void> Judge() {
    JALON_ASSIGN_OR_RETURN(const Judged judged, JudgeKafka(settings_.log, settings_.data + "/vault",
                                                           {told_}, RefusedOnPurpose()));
    const auto& [verdict, left, partitions] = judged;
    for (const std::string& fault : verdict.faults) fmt::print("  {}\n", fault);
    if (!verdict.faults.empty()) return Wrong("the history does not hold");
    const auto of_pauses = std::ranges::count_if(left.voids, [this](Micros decided) {
      return std::ranges::any_of(pauses_, [decided](const Pause& pause) {
        return decided > pause.began - kAroundPause && decided < pause.ended + kAroundPause;
      });
    });
    fmt::print("{} rounds on {} nodes: {}, {} of a paused node\n", settings_.rounds, kNodes,
               CountsOf(judged), of_pauses);
    if (verdict.unknown > 0) return Wrong("a command was never answered");
    if (!settings_.cluster.empty()) {
      if (leader_changes_ < 2 * settings_.rounds) return Wrong("no other broker came to lead");
    } else if (of_pauses == 0) {
      return Wrong("no void record of a paused node: the pause did not bite");
    } else if (left.claims <= partitions) {
      return Wrong("nothing changed hands");
    }
    for (const uint64_t count : {verdict.acked, verdict.refused, verdict.reads}) {
      if (count < 100) return Wrong("hardly any load");
    }
    return {};
  }

  const Settings settings_;
  demo::Cluster cluster_;
  const std::string history_;
  std::mt19937 random_;
  std::vector<std::string> tokens_;  // of the coordinators
  Partition loaded_{0};              // of a school
  int leader_changes_ = 0;
  size_t founding_ = 0;  // the first commands of the history
  History told_;         // with the answers to what was sent again
  std::vector<Pause> pauses_;
};

int Main(int count, char** words) {
  if (count >= 5 && std::string(words[1]) == "client") {
    std::vector<client::Client> coordinators;
    for (int i = 4; i < count; ++i)
      coordinators.push_back(Connect(words[2], words[i], kDeadlineMs));
    RunLoad(coordinators, words[3]);
    return 0;
  }
  Settings settings{.self = std::filesystem::absolute(words[0]),
                    .jalon = "",
                    .data = "",
                    .log = "",
                    .cluster = ""};
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i];
    if (name == "--jalon") settings.jalon = words[i + 1];
    if (name == "--data") settings.data = words[i + 1];
    if (name == "--log") settings.log = words[i + 1];
    if (name == "--cluster") settings.cluster = words[i + 1];
    if (name == "--rounds") settings.rounds = std::stoi(words[i + 1]);
    if (name == "--seed") settings.seed = static_cast<uint32_t>(std::stoul(words[i + 1]));
  }
  return Drill(settings).Run();
}

}  // namespace
}  // namespace jalon::faults

int main(int count, char** words) { return jalon::faults::Main(count, words); }
