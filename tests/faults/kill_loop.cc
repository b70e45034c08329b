// Kills the server with SIGKILL again and again under load, and checks what the client was told
// against what the server then holds.
//
// Usage: kill_loop --jalon PROGRAM --data FOLDER [--kills N] [--seed N]
// The client is this program's own child, `kill_loop client ADDRESS TOKEN HISTORY SEED`: a process
// of its own, which syncs its history before it counts an answer. Failing, the program prints the
// command that runs the same kills again; the folder is left for a look.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "deploy/demo/admin.h"
#include "deploy/demo/jalon.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/mutex.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/client/request_id.h"
#include "tests/faults/history.h"

extern char** environ;

namespace jalon::faults {
namespace {

constexpr uint32_t kInFlight = 32;
constexpr int kTriesMax = 200;

uint64_t NowMs() { return static_cast<uint64_t>(SystemClock().Wall().count()) / 1000; }

client::Client Connect(const std::string& address, const std::string& token) {
  client::Options options;
  options.token = token;
  options.wait_for_server = true;
  return client::Client(address, std::move(options));
}

type::v1::CommandHeader Header(const std::string& id) {
  type::v1::CommandHeader header;
  header.set_request_id(id);
  return header;
}

// A command that any school accepts as often as it is sent with new ids.
company::v1::RegisterHostCompany AnyCommand(uint64_t number) {
  company::v1::RegisterHostCompany command;
  command.set_name("Garage");
  command.set_site(fmt::format("{}, rue Principale", number));
  return command;
}

// Sends commands until its standard input closes, every one until it is answered, and records what
// it is told.
class LoadClient {
 public:
  LoadClient(const client::Client& client, const std::string& history)
      : client_(client), recorder_(history) {}

  void Run() {
    Stopper stopper(this);
    for (uint64_t number = 0; Enter(); ++number) {
      Send(client::NewRequestId(NowMs()), AnyCommand(number), 0);
    }
    MutexLock lock(mutex_);
    lock.Wait(changed_, [this] { return out_ == 0; });
  }

 private:
  // Reads standard input to its end, then tells Run to stop.
  class Stopper {
   public:
    explicit Stopper(LoadClient* load)
        : thread_([load] {
            char byte;
            while (read(STDIN_FILENO, &byte, 1) > 0) {
            }
            MutexLock lock(load->mutex_);
            load->stopping_ = true;
            load->changed_.notify_all();
          }) {}

   private:
    std::jthread thread_;
  };

  bool Enter() {
    MutexLock lock(mutex_);
    lock.Wait(changed_, [this] { return out_ < kInFlight || stopping_; });
    if (stopping_) return false;
    ++out_;
    return true;
  }

  void Send(const std::string& id, const company::v1::RegisterHostCompany& command, int tries) {
    if (tries == 0) {
      MutexLock lock(mutex_);
      recorder_.Sent(ToHex(id));
    }
    client_.CommandLater(command, Header(id), [this, id, command, tries](client::Reply reply) {
      const bool unknown = !reply.ok && (reply.error.code == Code::kUnavailable ||
                                         reply.error.code == Code::kDeadlineExceeded ||
                                         reply.error.code == Code::kCancelled);
      if (unknown && tries < kTriesMax) return Send(id, command, tries + 1);
      MutexLock lock(mutex_);
      if (reply.ok) {
        recorder_.Acked(ToHex(id), reply.result.position().partition(),
                        reply.result.position().seq());
      } else if (!unknown) {
        recorder_.Refused(ToHex(id), reply.error.reason.empty() ? "?" : reply.error.reason);
      }
      --out_;
      changed_.notify_all();
    });
  }

  const client::Client& client_;
  Mutex mutex_;
  Condition changed_;
  Recorder recorder_ JALON_GUARDED_BY(mutex_);
  uint32_t out_ JALON_GUARDED_BY(mutex_) = 0;
  bool stopping_ JALON_GUARDED_BY(mutex_) = false;
};

// The client's process. Its standard input is a pipe that the loop closes to stop it.
class ClientProcess {
 public:
  ClientProcess(const std::string& self, const std::vector<std::string>& words) {
    int input[2];
    if (pipe2(input, O_CLOEXEC) != 0) std::abort();
    std::vector<char*> arguments = {const_cast<char*>(self.c_str())};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    // Not fork: gRPC's threads run already.
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    if (posix_spawn(&pid_, self.c_str(), &actions, nullptr, arguments.data(), environ) != 0) {
      std::abort();
    }
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    input_ = input[1];
  }
  // Its exit code.
  int Finish() {
    close(input_);
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
};

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
        Connect(jalon_.address(), region).Command(command, Header(client::NewRequestId(NowMs())));
    if (!reply.ok || reply.result.created().empty()) return false;
    base_ = reply.result.position();
    token_ = jalon_.Token(type::v1::ROLE_WORK_STUDY_COORDINATOR, reply.result.created(0).id(),
                          std::string(8, 'c'), "");
    return !token_.empty();
  }

  // Sends every command again: the server answers a request it holds with its first position, and a
  // lost one with a new, later one.
  Held Ask(const History& history) {
    Held held;
    const client::Client client = Connect(jalon_.address(), token_);
    held.bases[base_.partition()] = base_.seq();
    std::map<std::string, uint64_t> numbers;
    for (const Fact& fact : history) {
      if (fact.kind == Fact::Kind::kSent) numbers.try_emplace(fact.id, numbers.size());
    }
    for (const auto& [hex, number] : numbers) {
      std::string id;
      FromHex(hex, &id);
      const client::Reply reply = client.Command(AnyCommand(number), Header(id));
      if (!reply.ok) continue;
      const auto& position = reply.result.position();
      held.places[hex].push_back({position.partition(), position.seq()});
      held.heads[position.partition()] = std::max(held.heads[position.partition()], position.seq());
    }
    return held;
  }

  int Judge(const History& history) {
    const Verdict verdict = Check(history, Ask(history));
    fmt::print("{} kills: {} acknowledged, {} refused, {} unknown, {} faults\n", settings_.kills,
               verdict.acked, verdict.refused, verdict.unknown, verdict.faults.size());
    for (const std::string& fault : verdict.faults) fmt::print("  {}\n", fault);
    const demo::Finished verified = jalon_.Command({"log", "verify", "--data", jalon_.data()});
    if (jalon_.Stop() != 0) return Fail("the server did not end well");
    if (verified.exit_code != 0) return Fail("jalon log verify: " + verified.out + verified.err);
    if (verdict.acked < static_cast<uint64_t>(settings_.kills)) return Fail("hardly any load");
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
    LoadClient(client, words[4]).Run();
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
