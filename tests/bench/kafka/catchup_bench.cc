// How fast a new query node catches up: with an empty folder, from the start of its process until
// it serves, over a log on Kafka of a million events in the mix of the demonstration's year, one
// event a record. It reads every partition, verifies the chain, and folds all views and the rows
// that a writer decides by.
//
// Usage: catchup_bench --brokers HOST:PORT [--data FOLDER] [--jalon PROGRAM] [--events N]
//                      [--schools N] [--runs N]
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deploy/demo/cluster.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "tests/bench/disk.h"
#include "tests/bench/kafka/kafka_words.h"
#include "tests/bench/kafka/year_log.h"
#include "tests/bench/report.h"
#include "tests/bench/ticker.h"
#include "tests/bench/views_lag.h"

namespace jalon::bench {
namespace {

struct Settings {
  std::string folder;
  std::string jalon;
  Place log;
  uint64_t events = 0;
  uint32_t schools = 0;
  uint32_t runs = 0;
};

std::unexpected<Error> Wrong(std::string words) {
  return Fail(Code::kInternal, "INTERNAL", std::move(words));
}

// The events of the log, in all.
Result<uint64_t> Fill(const Settings& settings) {
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::KafkaLog::Open(settings.log.Options()));
  std::atomic<uint64_t> made = 0;
  const Ticker ticker(
      "appending events to Kafka", [&made] { return made.load(); }, settings.events);
  return AppendYear(*log, log->birth().partition_count, settings.events, settings.schools,
                    [&made](uint64_t count) { made = count; });
}

struct Caught {
  uint64_t events = 0;
  double empty_s = 0;           // to serve the log before there was anything in it
  std::vector<double> seconds;  // to serve all of it, by run
  std::vector<double> cpu_s;    // of the node meanwhile
  double rss_mib = 0;
};

Result<Caught> CatchUp(const Settings& settings) {
  // None writes: what is in the log is what was put there. One node more than runs, since the vault
  // must know its deployment before there are records that it might have keys of.
  demo::Cluster cluster(settings.jalon, settings.folder + "/cluster", settings.log.Address());
  JALON_RETURN_IF_ERROR(cluster.Make(0, settings.runs + 1, {"--unsafe-single-broker"}));
  JALON_RETURN_IF_ERROR(cluster.Serve(0));
  Caught caught;
  caught.empty_s = cluster.node(0).seconds_to_serve();
  fmt::print(stderr, "  nothing to read: serves after {:.2f} s\n", caught.empty_s);
  if (cluster.node(0).Stop() != 0) return Wrong("a node did not end well");
  JALON_ASSIGN_OR_RETURN(caught.events, Fill(settings));
  for (uint32_t run = 1; run <= settings.runs; ++run) {
    JALON_RETURN_IF_ERROR(cluster.Serve(run));
    demo::Jalon& node = cluster.node(run);
    caught.seconds.push_back(node.seconds_to_serve());
    caught.cpu_s.push_back(demo::CpuSeconds(node.pid()));
    caught.rss_mib = std::max(caught.rss_mib, demo::ResidentMib(node.pid()));
    // Serving, it has folded all that was there when it started: nothing is left to follow.
    const auto behind = SecondsUntilViewsFollow(node.admin());
    if (!behind) return Wrong("the views of the new node do not reach the end of the log");
    fmt::print(stderr,
               "  {} events in {:.2f} s, {:.2f} s more than nothing takes; {:.2f} s of CPU; views "
               "{:.2f} s later\n",
               caught.events, caught.seconds.back(), caught.seconds.back() - caught.empty_s,
               caught.cpu_s.back(), *behind);
    if (node.Stop() != 0) return Wrong("a node did not end well");
  }
  return caught;
}

int Main(int count, char** words) {
  const Words given(count, words);
  const auto folder = FreshFolder(given, "kafka-catchup");
  if (!folder) return 2;
  const Settings settings{.folder = *folder,
                          .jalon = JalonOf(given),
                          .log = PlaceOf(given, "catchup"),
                          .events = given.Number("--events", 1'000'000),
                          .schools = static_cast<uint32_t>(given.Number("--schools", 3)),
                          .runs = static_cast<uint32_t>(given.Number("--runs", 5))};
  const Result<Caught> caught = CatchUp(settings);
  if (!caught) {
    fmt::print(stderr, "{}; see {}\n", caught.error().message, *folder);
    return 1;
  }
  const auto events = static_cast<double>(caught->events);
  Report("catchup_events", events, "events");
  Report("catchup_s", Median(caught->seconds), "s");
  Report("catchup_empty_s", caught->empty_s, "s");
  Report("catchup_cpu_per_event", Median(caught->cpu_s) * 1e6 / events, "us");
  Report("catchup_rss_mib", caught->rss_mib, "MiB");
  return Report("catchup_events_per_s", events / Median(caught->seconds), "events/s",
                AtLeast(500'000))
             ? 0
             : kGoalMissed;
}

}  // namespace
}  // namespace jalon::bench

int main(int count, char** words) { return jalon::bench::Main(count, words); }
