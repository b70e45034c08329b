#include "deploy/demo/outside.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "deploy/demo/history.h"
#include "deploy/demo/process.h"
#include "eventstore/base/hash.h"

namespace jalon::demo {
namespace {

// From the root of the checkout. The environment is made by the set-up.
constexpr const char* kPython = "build/tools/analyst/bin/python";
constexpr const char* kAnalyst = "deploy/samples/analyst/analyst.py";
constexpr const char* kLanded = "deploy/demo/landed.sql";
constexpr const char* kRecords = "deploy/demo/records.sql";
constexpr int kLandings = 30;  // the relay may be some milliseconds behind the log
constexpr useconds_t kLandAgainUs = 300'000;

using Json = nlohmann::json;
using Place = std::pair<uint32_t, uint64_t>;  // partition, seq

Json Parsed(const std::string& text) { return Json::parse(text, nullptr, false); }

void ShowLines(const Screen& screen, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) screen.Line("  " + line);
  }
}

// A number that JSON made of protobuf's 64 bits gives as text.
uint64_t NumberOf(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || found == object.end()) return 0;
  return found->is_string() ? std::stoull(found->get<std::string>()) : found->get<uint64_t>();
}

class Consumer {
 public:
  Consumer(const Outside& outside, const Jalon& node, const std::vector<School>& schools)
      : outside_(outside), node_(node) {
    for (const School& school : schools) {
      partitions_["/schools/" + ToHex(school.id)] = school.partition;
    }
    const size_t slash = outside.log.rfind('/');
    const size_t scheme = outside.log.find("//") + 2;
    brokers_ = outside.log.substr(scheme, slash - scheme);
    topic_ = outside.log.substr(slash + 1) + ".events.v1";
  }

  void Run() {
    std::filesystem::create_directories(outside_.folder);
    if (!Show(node_.Command({"feed", "descriptors", Descriptors()}),
              fmt::format("jalon feed descriptors {}", Descriptors()))) {
      return;
    }
    const uint64_t events = EventsOfTheLog();
    const std::vector<std::string> land = {kPython,         "-B",          kAnalyst,  "land",
                                           "--brokers",     brokers_,      "--topic", topic_,
                                           "--descriptors", Descriptors(), "--to",    Database()};
    Finished landing;
    Json landed;
    for (int i = 0; i < kLandings; ++i) {
      landing = demo::Run(land);
      landed = Ask(kLanded, "landed");
      if (landing.exit_code != 0 || NumberOf(landed[0], "events") >= events) break;
      usleep(kLandAgainUs);
    }
    if (!Show(landing, fmt::format("python analyst.py land --brokers {} --topic {} --to {}",
                                   brokers_, topic_, Database()))) {
      return;
    }
    outside_.screen.Claim(
        events > 0 && NumberOf(landed[0], "events") == events &&
            NumberOf(landed[0], "different") == events,
        fmt::format("{} events landed, {} different; jalon log verify counts {} in the log",
                    NumberOf(landed[0], "events"), NumberOf(landed[0], "different"), events));
    ClaimAcknowledged();
    Answer();
  }

 private:
  std::string Descriptors() const { return outside_.folder + "/feed.binpb"; }
  std::string Database() const { return outside_.folder + "/feed.duckdb"; }

  bool Show(const Finished& done, const std::string& text) const {
    outside_.screen.Claim(done.exit_code == 0, text);
    if (done.exit_code != 0) outside_.screen.Line(done.out + done.err);
    return done.exit_code == 0;
  }

  // By a reader that the feed has no part in; the system's own are told to nobody. 0: it failed.
  uint64_t EventsOfTheLog() const {
    const Finished done =
        node_.Command({"log", "verify", "--data", node_.data(), "--output", "json"});
    const Json report = Parsed(done.out);
    if (done.exit_code != 0 || !report.is_object()) {
      outside_.screen.Line(done.out + done.err);
      return 0;
    }
    return NumberOf(report, "eventsDone") - NumberOf(report, "systemEventsDone");
  }

  // The answer's rows; one row that says nothing if there is none.
  Json Ask(const char* question, const char* name) const {
    const Finished done =
        demo::Run({kPython, "-B", kAnalyst, "ask", "--to", Database(), "--json", question});
    const Json answers = Parsed(done.out);
    if (answers.is_object() && answers.contains(name)) return answers[name];
    outside_.screen.Line(done.out + done.err);
    return Json::array({Json::object()});
  }

  void ClaimAcknowledged() const {
    std::set<Place> told;
    for (const Json& row : Ask(kRecords, "records")) {
      const auto school = partitions_.find(row.value("source", ""));
      if (school != partitions_.end()) told.emplace(school->second, NumberOf(row, "seq"));
    }
    uint64_t acknowledged = 0;
    uint64_t missing = 0;
    for (const std::string& history : outside_.histories) {
      std::set<std::string> counted;  // a command that was sent again is one
      for (const Fact& fact : ReadHistory(history)) {
        if (fact.kind != Fact::Kind::kAcked || !counted.insert(fact.id).second) continue;
        ++acknowledged;
        missing += !told.contains({fact.partition, fact.seq});
      }
    }
    outside_.screen.Claim(
        acknowledged > 0 && missing == 0,
        fmt::format("{} acknowledged commands, {} of them not in the feed", acknowledged, missing));
  }

  void Answer() const {
    const Finished done = demo::Run({kPython, "-B", kAnalyst, "ask", "--to", Database()});
    if (!Show(done, fmt::format("python analyst.py ask --to {}", Database()))) return;
    ShowLines(outside_.screen, done.out);
  }

  const Outside& outside_;
  const Jalon& node_;
  std::map<std::string, uint32_t> partitions_;  // by the source of events
  std::string brokers_;
  std::string topic_;
};

}  // namespace

type::v1::Position PositionIn(const std::string& answer) {
  const Json json = Parsed(answer);
  const std::string text = json.is_object() ? json.value("position", "") : "";
  const size_t first = text.find(':');
  const size_t last = text.rfind(':');
  type::v1::Position position;
  if (first == last) return position;  // none
  position.set_partition(static_cast<uint32_t>(std::stoul(text.substr(first + 1))));
  position.set_seq(std::stoull(text.substr(last + 1)));
  return position;
}

void ReadTheFeed(const Outside& outside, const Jalon& node, const std::vector<School>& schools) {
  Consumer(outside, node, schools).Run();
}

void JudgeTheLog(const Outside& outside, const std::string& judge, const std::string& vault,
                 const std::vector<std::string>& may_be_refused) {
  std::vector<std::string> words = {judge,
                                    "--log",
                                    outside.log,
                                    "--vault",
                                    vault,
                                    "--may-refuse",
                                    fmt::format("{}", fmt::join(may_be_refused, ","))};
  words.insert(words.end(), outside.histories.begin(), outside.histories.end());
  const Finished done = Run(words);
  outside.screen.Claim(done.exit_code == 0,
                       fmt::format("{} clients, each with a history of its own: judged by the log",
                                   outside.histories.size()));
  ShowLines(outside.screen, done.out + done.err);
}

}  // namespace jalon::demo
