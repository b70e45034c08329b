// Kills the server with SIGKILL again and again under load, and checks what the client was told
// against the log that the server leaves, and what the server answers to repeats.
//
// Usage: kill_loop --jalon PROGRAM --data FOLDER [--kills N] [--seed N]
// The client is this program's own child, `kill_loop client ADDRESS TOKEN HISTORY SEED`: a process
// of its own, which syncs its history before it counts an answer. Failing, the program prints the
// command that runs the same kills again; the folder is left for a look.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <random>

#include "deploy/demo/jalon.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/mutex.h"
#include "jalon/school/v1/school_service.pb.h"
#include "tests/faults/left_behind.h"
#include "tests/faults/load_client.h"

namespace jalon::faults {
namespace {

constexpr uint32_t kRepeatsInFlight = 64;

struct Settings {
  std::string self;
  std::string jalon;
  std::string data;
  int kills = 25;
  uint32_t seed = 1;
};

class Loop {
 public:
  explicit Loop(Settings settings)
      : settings_(std::move(settings)), jalon_(settings_.jalon, settings_.data + "/server") {}

  int Run() {
    std::filesystem::remove_all(settings_.data);
    std::filesystem::create_directories(settings_.data);
    if (!jalon_.Serve() || !FoundSchool()) return Fail("the server did not start");
    const std::string history = settings_.data + "/history.txt";
    ClientProcess client(settings_.self, {"client", jalon_.address(), token_, history});
    std::mt19937 random(settings_.seed);
    for (int kill = 0; kill < settings_.kills; ++kill) {
      usleep(static_cast<useconds_t>(20'000 + random() % 480'000));
      jalon_.Kill();
      if (!jalon_.Serve()) return Fail("the server did not start again");
    }
    usleep(200'000);
    if (client.Finish() != 0) return Fail("the client failed");
    return Judge(Read(history));
  }

 private:
  int Fail(const std::string& why) {
    fmt::print(stderr, "{}; see {}\nagain: {} --jalon {} --data {} --kills {} --seed {}\n", why,
               jalon_.log_path(), settings_.self, settings_.jalon, settings_.data, settings_.kills,
               settings_.seed);
    return 1;
  }

  bool FoundSchool() {
    school::v1::RegisterSchool command;
    command.set_code("KILL");
    command.set_name("School of the kill loop");
    const std::string region = jalon_.Token(type::v1::ROLE_REGION_COORDINATOR, "", "", "");
    const client::Reply reply =
        Connect(jalon_.address(), region).Command(command, Header(NewRequestId()));
    if (!reply.ok || reply.result.created().empty()) return false;
    base_ = reply.result.position();
    token_ = jalon_.Token(type::v1::ROLE_WORK_STUDY_COORDINATOR, reply.result.created(0).id(),
                          std::string(8, 'c'), "");
    return !token_.empty();
  }

  // Where the server says that each command of the history stands, asked by a repeat. A command
  // that it does not hold is decided now: the client was told nothing of it.
  std::map<std::string, uint64_t> Repeat(const History& history) {
    std::map<std::string, uint64_t> numbers;
    for (const Fact& fact : history) {
      if (fact.kind == Fact::Kind::kSent) numbers.try_emplace(fact.id, numbers.size());
    }
    const client::Client client = Connect(jalon_.address(), token_);
    Mutex mutex;
    Condition changed;
    uint32_t out = 0;
    std::map<std::string, uint64_t> seqs;
    const auto wait = [&](uint32_t below) {
      MutexLock lock(mutex);
      lock.Wait(changed, [&] { return out < below; });
      ++out;
    };
    for (const auto& [hex, number] : numbers) {
      std::string id;
      FromHex(hex, &id);
      wait(kRepeatsInFlight);
      client.CommandLater(*CommandOf(number), Header(id),
                          [&, hex = hex](const client::Reply& reply) {
                            MutexLock lock(mutex);
                            if (reply.ok) seqs[hex] = reply.result.position().seq();
                            --out;
                            changed.notify_all();
                          });
    }
    wait(1);
    return seqs;
  }

  // What the log holds of the history, without the founding of the school.
  Result<LeftBehind> ReadLog() const {
    JALON_ASSIGN_OR_RETURN(LeftBehind left, ReadLeftBehind(jalon_.data()));
    left.held.bases[base_.partition()] = base_.seq();
    std::erase_if(left.held.places, [this](const auto& entry) {
      return entry.second ==
             std::vector<std::pair<uint32_t, uint64_t>>{{base_.partition(), base_.seq()}};
    });
    return left;
  }

  int Judge(const History& history) {
    const std::map<std::string, uint64_t> repeated = Repeat(history);
    const demo::Finished verified = jalon_.Command({"log", "verify", "--data", jalon_.data()});
    if (jalon_.Stop() != 0) return Fail("the server did not end well");
    if (verified.exit_code != 0) return Fail("jalon log verify: " + verified.out + verified.err);
    const Result<LeftBehind> left = ReadLog();
    if (!left) return Fail("the log: " + left.error().message);
    Verdict verdict = Check(history, left->held);
    for (const auto& [id, places] : left->held.places) {
      const auto told = repeated.find(id);
      if (told == repeated.end() || told->second != places.front().second) {
        verdict.faults.push_back(id + ": a repeat was not answered with its place in the log");
      }
    }
    if (left->sealed.shut > 0) {
      verdict.faults.push_back(fmt::format("{} sealed sections have no key", left->sealed.shut));
    }
    fmt::print("{} kills: {} acknowledged, {} refused, {} unknown, {} sealed, {} faults\n",
               settings_.kills, verdict.acked, verdict.refused, verdict.unknown,
               left->sealed.sections, verdict.faults.size());
    for (const std::string& fault : verdict.faults) fmt::print("  {}\n", fault);
    const auto kills = static_cast<uint64_t>(settings_.kills);
    if (verdict.acked < kills || left->sealed.sections < kills) return Fail("hardly any load");
    return verdict.faults.empty() ? 0 : Fail("the history does not hold");
  }

  Settings settings_;
  demo::Jalon jalon_;
  std::string token_;
  type::v1::Position base_;
};

int Main(int count, char** words) {
  if (count >= 5 && std::string(words[1]) == "client") {
    const client::Client client = Connect(words[2], words[3]);
    RunLoad(client, words[4]);
    return 0;
  }
  Settings settings{.self = std::filesystem::absolute(words[0]), .jalon = "", .data = ""};
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i];
    if (name == "--jalon") settings.jalon = words[i + 1];
    if (name == "--data") settings.data = words[i + 1];
    if (name == "--kills") settings.kills = std::stoi(words[i + 1]);
    if (name == "--seed") settings.seed = static_cast<uint32_t>(std::stoul(words[i + 1]));
  }
  return Loop(settings).Run();
}

}  // namespace
}  // namespace jalon::faults

int main(int count, char** words) { return jalon::faults::Main(count, words); }
