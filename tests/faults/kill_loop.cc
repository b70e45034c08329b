// Kills the server with SIGKILL again and again under load. Whenever it is dead, what the log holds
// is read before anybody can repeat a command, and judged against all that the client was told: by
// this server and by those before it. In the end every command is repeated, and judged again.
//
// Usage: kill_loop --jalon PROGRAM --data FOLDER [--kills N] [--seed N]
// The client is this program's own child, `kill_loop client ADDRESS HISTORY TOKEN...`: a process of
// its own, which syncs its history before it counts an answer. Failing, the program prints the
// command that runs the same kills again; the folder is left for a look.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <set>

#include "deploy/demo/jalon.h"
#include "eventstore/base/hash.h"
#include "tests/faults/left_behind.h"
#include "tests/faults/load.h"
#include "tests/faults/load_client.h"
#include "tests/faults/probe.h"
#include "tests/faults/repeats.h"

namespace jalon::faults {
namespace {

// In partitions of their own.
const std::vector<std::string> kSchools = {"KILL-A", "KILL-B", "KILL-C"};
// The log is read whole: after each of a few kills, after one in so many of hundreds.
constexpr int kJudgedMax = 50;
// More than a history grows by without answers, when what is out stays out.
constexpr uintmax_t kManyBytes = 2048;
constexpr int kPatienceMs = 30'000;
constexpr int kLookMs = 10;
// Some seconds.
constexpr int kLooksMax = 1'000'000;

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
      : settings_(std::move(settings)),
        history_(settings_.data + "/history.txt"),
        jalon_(settings_.jalon, settings_.data + "/server") {}

  int Run() {
    std::filesystem::remove_all(settings_.data);
    std::filesystem::create_directories(settings_.data);
    const Result<void> done = Live();
    if (done) return 0;
    fmt::print(stderr, "{}; see {}\nagain: {} --jalon {} --data {} --kills {} --seed {}\n",
               done.error().message, jalon_.log_path(), settings_.self, settings_.jalon,
               settings_.data, settings_.kills, settings_.seed);
    return 1;
  }

 private:
  static std::unexpected<Error> Wrong(std::string words) {
    return Fail(Code::kInternal, "INTERNAL", std::move(words));
  }

  Result<void> Live() {
    JALON_RETURN_IF_ERROR(Serve());
    JALON_RETURN_IF_ERROR(FoundSchools());
    // The views are stored as of here: each start has something to catch up with.
    if (jalon_.Stop() != 0) return Wrong("the server did not end well");
    JALON_RETURN_IF_ERROR(Serve());
    std::vector<std::string> words = {"client", jalon_.address(), history_};
    words.insert(words.end(), tokens_.begin(), tokens_.end());
    ClientProcess client(settings_.self, words);
    std::mt19937 random(settings_.seed);
    const int judged_every = std::max(1, settings_.kills / kJudgedMax);
    for (int kill = 1; kill <= settings_.kills; ++kill) {
      JALON_RETURN_IF_ERROR(WaitForAnswers());
      usleep(static_cast<useconds_t>(random() % 400'000));
      if (kill % 2 == 0) AwaitWrite();
      jalon_.Kill();
      if (kill % judged_every == 0 || kill == settings_.kills) JALON_RETURN_IF_ERROR(Judge());
      JALON_RETURN_IF_ERROR(Serve());
    }
    JALON_RETURN_IF_ERROR(WaitForAnswers());
    if (client.Finish() != 0) return Wrong("the client failed");
    jalon_.Kill();
    JALON_RETURN_IF_ERROR(Judge());
    return RepeatAll();
  }

  // Starts the server. Whatever it answers from then on shows all that its log held.
  Result<void> Serve() {
    Probe probe(jalon_.address(), tokens_);
    if (!jalon_.Serve()) return Wrong("the server did not start");
    JALON_ASSIGN_OR_RETURN(const auto earliest, probe.End());
    for (const auto& [partition, seq] : earliest) {
      const auto head = left_.held.heads.find(partition);
      if (head == left_.held.heads.end() || seq >= head->second) continue;
      return Wrong(
          fmt::format("8 it answered as of {} and started with {} in its log", seq, head->second));
    }
    return {};
  }

  // The client takes up to a second to find a server again: who is killed before proves little.
  Result<void> WaitForAnswers() const {
    const uintmax_t before = std::filesystem::file_size(history_);
    for (int i = 0; i < kPatienceMs; ++i) {
      if (std::filesystem::file_size(history_) > before + kManyBytes) return {};
      usleep(1000);
    }
    return Wrong("the client gets no answers");
  }

  // Until the log grows: by commands that nobody can have been told of yet. Without a rest, since
  // their answers come within a millisecond.
  void AwaitWrite() const {
    const uintmax_t before = LogBytes();
    for (int i = 0; i < kLooksMax && LogBytes() == before; ++i) {
    }
  }

  // Of the files that RocksDB appends to.
  uintmax_t LogBytes() const {
    uintmax_t bytes = 0;
    std::error_code gone;  // a file may be, by the time that it is looked at
    for (const auto& entry : std::filesystem::directory_iterator(jalon_.data() + "/log/db", gone)) {
      if (entry.path().extension() != ".log") continue;
      const uintmax_t size = entry.file_size(gone);
      if (!gone) bytes += size;
    }
    return bytes;
  }

  // The schools' first commands stand in the history as all others do.
  Result<void> FoundSchools() {
    demo::Recorder recorder(history_);
    const std::string region = jalon_.Token(type::v1::ROLE_REGION_COORDINATOR, "", "", "");
    std::set<uint32_t> partitions;
    for (const std::string& code : kSchools) {
      JALON_ASSIGN_OR_RETURN(const client::Reply registered,
                             Found(region, *RegistrationOf(code), recorder));
      const std::string token =
          jalon_.Token(type::v1::ROLE_WORK_STUDY_COORDINATOR, registered.result.created(0).id(),
                       std::string(8, 'c'), "");
      JALON_RETURN_IF_ERROR(Found(token, *FirstProgramme(), recorder));
      tokens_.push_back(token);
      if (!partitions.insert(registered.result.position().partition()).second) {
        return Wrong("two schools lie in one partition: give " + code + " another code");
      }
    }
    return {};
  }

  Result<client::Reply> Found(const std::string& token, const google::protobuf::Message& command,
                              demo::Recorder& recorder) {
    const std::string id = NewRequestId();
    recorder.Sent(ToHex(id));
    client::Reply reply = Connect(jalon_.address(), token).Command(command, Header(id));
    if (!reply.ok) return std::unexpected(std::move(reply.error));
    const type::v1::Position& position = reply.result.position();
    recorder.Acked(ToHex(id), position.partition(), position.seq());
    ++founding_;
    return reply;
  }

  // The server is dead: reads the log that it left, and judges all that the client was told so far.
  Result<void> Judge() {
    JALON_ASSIGN_OR_RETURN(left_, ReadLeftBehind(jalon_.data()));
    AwaitSilence();
    const History history = demo::ReadHistory(history_);
    CountAmbiguous(history);
    return Judge(history);
  }

  // Answers that were on their way when the server died are recorded by and by.
  void AwaitSilence() const {
    constexpr int kSilentMs = 100;
    for (int silent_ms = 0; silent_ms < kSilentMs; silent_ms += kLookMs) {
      const uintmax_t before = std::filesystem::file_size(history_);
      usleep(kLookMs * 1000);
      if (std::filesystem::file_size(history_) > before) silent_ms = -kLookMs;
    }
  }

  // What a kill may lose or double: commands that are in the log although nobody was told so.
  void CountAmbiguous(const History& history) {
    std::set<std::string> unanswered;
    for (const Fact& fact : history) {
      if (fact.kind == Fact::Kind::kSent) unanswered.insert(fact.id);
      if (fact.kind == Fact::Kind::kAcked || fact.kind == Fact::Kind::kRefused) {
        unanswered.erase(fact.id);
      }
    }
    const size_t before = ambiguous_.size();
    for (const std::string& id : unanswered) {
      if (left_.held.places.contains(id)) ambiguous_.insert(id);
    }
    if (ambiguous_.size() > before) ++ambiguous_kills_;
  }

  Result<void> Judge(const History& history) {
    verdict_ = Check({history}, left_.held, {.may_be_refused = RefusedOnPurpose()});
    if (left_.sealed.shut > 0) {
      verdict_.faults.push_back(fmt::format("{} sealed sections have no key", left_.sealed.shut));
    }
    for (const std::string& fault : verdict_.faults) fmt::print("  {}\n", fault);
    if (verdict_.faults.empty()) return {};
    return Wrong("the history does not hold");
  }

  // Every command once more: each is answered as it was, and nothing is added.
  Result<void> RepeatAll() {
    JALON_RETURN_IF_ERROR(Serve());
    History history = demo::ReadHistory(history_);
    const Held before = left_.held;
    std::vector<client::Client> coordinators;
    coordinators.reserve(tokens_.size());
    for (const std::string& token : tokens_) {
      coordinators.push_back(Connect(jalon_.address(), token));
    }
    const History repeats = Repeat(history, founding_, coordinators);
    history.insert(history.end(), repeats.begin(), repeats.end());
    const demo::Finished verified = jalon_.Command({"log", "verify", "--data", jalon_.data()});
    if (verified.exit_code != 0) return Wrong("jalon log verify: " + verified.out + verified.err);
    if (jalon_.Stop() != 0) return Wrong("the server did not end well");
    const uint64_t unknown = verdict_.unknown;
    JALON_ASSIGN_OR_RETURN(left_, ReadLeftBehind(jalon_.data()));
    JALON_RETURN_IF_ERROR(Judge(history));
    if (unknown == 0 && left_.held != before) return Wrong("repeats changed the log");
    return Report();
  }

  Result<void> Report() const {
    fmt::print(
        "{} kills, {} schools: {} acknowledged, {} refused, {} sealed; {} answers, {} of them "
        "after "
        "a position; no fault\n",
        settings_.kills, tokens_.size(), verdict_.acked, verdict_.refused, left_.sealed.sections,
        verdict_.reads, verdict_.reads_after);
    fmt::print("{} kills left {} commands in the log that nobody had been told of\n",
               ambiguous_kills_, ambiguous_.size());
    if (ambiguous_.empty()) return Wrong("no kill came between a command's write and its answer");
    const auto kills = static_cast<uint64_t>(settings_.kills);
    for (const uint64_t count : {verdict_.acked, verdict_.refused, left_.sealed.sections,
                                 verdict_.reads - verdict_.reads_after, verdict_.reads_after}) {
      if (count < kills) return Wrong("hardly any load");
    }
    if (left_.held.policy_sets.size() < tokens_.size()) {
      return Wrong("a school never set its policy: its answers showed nothing");
    }
    return {};
  }

  Settings settings_;
  std::string history_;
  demo::Jalon jalon_;
  std::vector<std::string> tokens_;  // of the coordinators
  size_t founding_ = 0;              // the first commands of the history
  LeftBehind left_;                  // when it was last judged
  Verdict verdict_;
  std::set<std::string> ambiguous_;  // commands, by request id
  int ambiguous_kills_ = 0;          // those that left some
};

int Main(int count, char** words) {
  if (count >= 5 && std::string(words[1]) == "client") {
    std::vector<client::Client> coordinators;
    for (int i = 4; i < count; ++i) coordinators.push_back(Connect(words[2], words[i]));
    RunLoad(coordinators, words[3]);
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
