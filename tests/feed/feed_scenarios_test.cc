// Everything that the public feed can say, read by a client in another language: every scenario is
// lived on servers whose log is on a real Kafka, with a mark in every personal field, and then the
// topics are read.
//
//   feed_scenarios_test --jalon=PROGRAM --folder=FOLDER --python=PROGRAM [--filter=TEXT]
//
// The client (every_event.py) decodes each event by the published descriptors alone, checks its
// attributes, that each event type was there, and that there are as many as leave of the log.
// What it received, and all that the broker keeps, is searched for the marks, byte by byte.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "eventstore/log/classify.h"
#include "eventstore/log/kafka/broker_testing.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/verify.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/mark/v1/feed.pb.h"
#include "services/node/kafka_address.h"
#include "tests/canaries/canary_world.h"
#include "tests/canaries/search.h"
#include "tests/scenarios/runner/runner.h"
#include "tests/scenarios/runner/scenario_servers.h"

namespace jalon {
namespace {

using canaries::Found;
using canaries::Wanted;
using scenarios::ScenarioServer;

constexpr int kBornOnField = 4;  // of person.v1.Identity
constexpr int kCountAgain = 3;   // where a broker of a busy machine did not answer in time

std::string Option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with(name)) return argv[i] + name.size();
  }
  return {};
}

bool Leaves(const log::v1::Event& event) {
  const auto* field =
      event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(event.type()));
  return field != nullptr &&
         field->options().GetExtension(mark::v1::feed) == mark::v1::FEED_PUBLISHED;
}

// Those of a partition that leave, of the records that count.
Result<uint64_t> LeavingIn(eventstore::Log& log, Partition partition) {
  uint64_t leaving = 0;
  eventstore::ChainHead head;
  for (Offset next{0};;) {
    JALON_ASSIGN_OR_RETURN(const auto entries, log.ReadFrom(partition, next, {}));
    if (entries.empty()) return leaving;
    for (const eventstore::StoredEntry& entry : entries) {
      next = entry.offset.Next();
      JALON_ASSIGN_OR_RETURN(const auto frame, eventstore::ReadFrame(*entry.bytes));
      const auto fate = eventstore::Classify(head, entry.offset, frame, *entry.bytes);
      log::v1::Record record;
      if (fate != eventstore::Fate::kCounted ||
          frame.kind != eventstore::EntryFrame::Kind::kRecord ||
          !record.ParseFromArray(frame.body.data(), static_cast<int>(frame.body.size()))) {
        continue;
      }
      for (const std::string& bytes : record.events()) {
        log::v1::Event event;
        leaving += event.ParseFromString(bytes) && Leaves(event) ? 1 : 0;
      }
    }
  }
}

// The events of a log that leave, by a reader that the feed has no part in.
Result<uint64_t> EventsIn(const std::string& address) {
  JALON_ASSIGN_OR_RETURN(eventstore::KafkaOptions options, node::ReadKafkaAddress(address));
  options.unsafe_single_broker = true;
  options.patience = std::chrono::seconds(30);  // the broker has one more log with each server
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::KafkaLog::Open(std::move(options)));
  JALON_ASSIGN_OR_RETURN(const eventstore::VerifyReport report, eventstore::VerifyLog(*log));
  if (!report.Sound()) {  // also where it could not be read to its end
    return Fail(Code::kUnavailable, "UNAVAILABLE", address + ": " + report.findings[0].what);
  }
  uint64_t events = 0;
  for (uint32_t p = 0; p < log->birth().partition_count; ++p) {  // the system's is told to nobody
    JALON_ASSIGN_OR_RETURN(const uint64_t leaving, LeavingIn(*log, Partition{p}));
    events += leaving;
  }
  return events;
}

class EveryEvent {
 public:
  EveryEvent(std::string brokers, std::string program, std::string python, std::string folder)
      : brokers_(std::move(brokers)),
        program_(std::move(program)),
        python_(std::move(python)),
        folder_(std::move(folder)) {}

  Result<void> After(ScenarioServer& server) {
    auto events = EventsIn(server.kafka());
    for (int again = 0; again < kCountAgain && !events; ++again) events = EventsIn(server.kafka());
    if (!events) return std::unexpected(std::move(events).error());
    const std::string prefix = server.kafka().substr(server.kafka().rfind('/') + 1);
    topics_ += fmt::format(" {}.events.v1={}", prefix, *events);
    return {};
  }

  // Whether the client found all as it should be, and no mark is in what it received.
  bool Check() const {
    const std::string received = folder_ + ".received";
    std::filesystem::remove_all(received);
    std::filesystem::create_directories(received);
    const std::string descriptors = folder_ + ".descriptors.binpb";
    if (!Run(fmt::format("{} feed descriptors {}", program_, descriptors)) ||
        !Run(fmt::format("{} -B tests/feed/every_event.py --brokers {} --descriptors {} "
                         "--received {}{}",
                         python_, brokers_, descriptors, received, topics_))) {
      return false;
    }
    return HasNoMark(received);
  }

  // No mark in any byte of the folder.
  static bool HasNoMark(const std::string& folder) {
    for (const Wanted& wanted : {canaries::TextWanted(canaries::kMark),
                                 canaries::DateWanted(canaries::kBornOn, kBornOnField)}) {
      for (const auto& hit : canaries::Search(folder, wanted).hits) {
        fmt::print("{} is in {} at {}: {}\n", wanted.what, hit.file, hit.offset, hit.around);
        return false;
      }
    }
    const Found control = canaries::Search(folder, canaries::TextWanted(canaries::kControl));
    fmt::print("{} bytes of {} files searched for marks, a school's code found in {}\n",
               control.bytes, control.files, control.hits.size());
    return !control.hits.empty();  // what is published is found, so a mark would be
  }

 private:
  static bool Run(const std::string& command) {
    if (std::system(command.c_str()) == 0) return true;
    fmt::print("failed: {}\n", command);
    return false;
  }

  const std::string brokers_;
  const std::string program_;
  const std::string python_;
  const std::string folder_;
  std::string topics_;
};

int Main(int argc, char** argv) {
  const auto servers = scenarios::ScenarioServers::Make(argc, argv);
  if (servers == nullptr) return 2;
  const auto& kafka = eventstore::testing::Brokers::Shared();
  const std::string brokers = kafka.addresses();
  servers->OnKafka(brokers);
  EveryEvent events(brokers, Option(argc, argv, "--jalon="), Option(argc, argv, "--python="),
                    Option(argc, argv, "--folder="));
  servers->LookAfter([&](ScenarioServer& server) { return events.After(server); });
  canaries::CanaryWorld::Seen seen;
  const int failed = scenarios::RunScenarios(argc, argv, "feed", [&](Micros start) {
    return std::make_unique<canaries::CanaryWorld>(servers->NewWorld(start), &seen);
  });
  if (!servers->Stop()) return 1;
  canaries::Paths missing = canaries::AllPersonal();
  for (const std::string& path : seen.sent) missing.erase(path);
  for (const std::string& path : missing) fmt::print("never marked: {}\n", path);
  const bool told = events.Check();
  // What the broker keeps: the log, the feed, the heartbeats. It rests meanwhile.
  kafka.Do("pause 1");
  const bool kept = EveryEvent::HasNoMark(kafka.folder());
  kafka.Do("resume 1");
  return told && kept && missing.empty() ? failed : 1;
}

}  // namespace
}  // namespace jalon

int main(int argc, char** argv) { return jalon::Main(argc, argv); }
