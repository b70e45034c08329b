// Views rebuilt through a real server that is written to and asked all the while: to the end,
// cancelled midway by an operator and by Ctrl-C, and the server killed between ingest and swap. In
// the end the answers are those of a fold of the whole log, byte for byte.
//
// Usage: rebuild_drill --jalon PROGRAM --dying PROGRAM --data FOLDER [--students N]
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "services/client/admin.h"
#include "tests/faults/region.h"

namespace jalon::faults {
namespace {

constexpr int kTriesMax = 80;
constexpr int kHitsWanted = 3;
constexpr int kKilled = 128 + SIGKILL;
constexpr int kInterrupted = 128 + SIGINT;
// So little memory that rows go to disk: slow enough for something to happen meanwhile.
const std::vector<std::string> kOptions = {"--rebuild-memory-mib", "1"};

struct Settings {
  std::string jalon;
  std::string dying;
  std::string data;
  uint32_t students = 150;
};

// Writes and reads from threads of its own for as long as it lives. Reading never goes back, and
// never fails.
class Traffic {
 public:
  explicit Traffic(Region& region) : before_(region.written()), region_(region) {
    writing_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) region_.Write();
    });
    reading_ = std::jthread([this](const std::stop_token& stop) { Read(stop); });
  }

  // What is under way goes on until it is answered: it writes down what it hears here.
  ~Traffic() { Stop(); }
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  // Ends it. An error if a call was not answered as it should be, or there was no traffic.
  Result<void> End() {
    JALON_RETURN_IF_ERROR(Stop());
    if (!fault_.empty()) return Fail(Code::kInternal, "INTERNAL", fault_);
    fmt::print("  {} commands and {} answers meanwhile\n", region_.written() - before_, read_);
    if (read_ > 0 && region_.written() > before_) return {};
    return Fail(Code::kInternal, "INTERNAL", "hardly any traffic");
  }

 private:
  Result<void> Stop() {
    writing_ = {};
    reading_ = {};
    return region_.Settle();
  }

  void Read(const std::stop_token& stop) {
    uint64_t last = 0;
    for (size_t student = 0; !stop.stop_requested() && fault_.empty(); ++student) {
      const Result<uint64_t> seen = region_.Seen(student);
      if (!seen) fault_ = "a query failed: " + seen.error().message;
      if (seen && *seen < last) fault_ = fmt::format("record {} after {}", *seen, last);
      if (seen) last = *seen;
      ++read_;
    }
  }

  const uint64_t before_;
  Region& region_;
  std::string fault_;  // of the reading thread, until it ended
  uint64_t read_ = 0;
  std::jthread writing_;
  std::jthread reading_;
};

class Drill {
 public:
  explicit Drill(Settings settings)
      : settings_(std::move(settings)),
        jalon_(settings_.jalon, settings_.data + "/server"),
        dying_(settings_.dying, settings_.data + "/server"),
        admin_(jalon_.data(), {}),
        region_(jalon_) {}

  Result<void> Run() {
    std::filesystem::remove_all(settings_.data);
    std::filesystem::create_directories(settings_.data);
    JALON_RETURN_IF_ERROR(Serve({"--virtual-clock"}));
    JALON_RETURN_IF_ERROR(region_.Live(settings_.students));
    JALON_RETURN_IF_ERROR(ToTheEnd());
    JALON_RETURN_IF_ERROR(CancelledByTheOperator());
    JALON_RETURN_IF_ERROR(CancelledByCtrlC());
    JALON_RETURN_IF_ERROR(KilledBeforeTheSwap());
    if (jalon_.Stop() != 0) return Wrong("the server did not end well");
    return {};
  }

 private:
  using Response = admin::v1::RebuildViewResponse;

  static std::unexpected<Error> Wrong(std::string words) {
    return Fail(Code::kInternal, "INTERNAL", std::move(words));
  }

  Result<void> Serve(std::vector<std::string> options = {}) {
    options.insert(options.end(), kOptions.begin(), kOptions.end());
    if (jalon_.Serve(options)) return {};
    return Wrong("the server did not start; see " + jalon_.log_path());
  }

  // Rebuilds all views; what the last report said.
  Result<Response> Rebuild() {
    Response last;
    const client::Reply reply = admin_.RebuildView("", [&](const Response& progress) {
      last = progress;
      return true;
    });
    if (!reply.ok) return std::unexpected(reply.error);
    return last;
  }

  // Which generation serves, of each view and partition.
  Result<std::string> Generations() {
    admin::v1::ListViewsResponse response;
    const client::Reply reply = admin_.ListViews(&response);
    if (!reply.ok) return std::unexpected(reply.error);
    std::string text;
    for (const auto& view : response.views()) {
      for (const auto& at : view.partitions()) {
        text += fmt::format("{} {} {}\n", view.name(), at.partition(), at.generation());
      }
    }
    return text;
  }

  // The answers are those of views that a start made anew from the whole log.
  Result<void> CheckAgainstARefold() {
    JALON_ASSIGN_OR_RETURN(const std::string answers, region_.Answers());
    if (jalon_.Stop() != 0) return Wrong("the server did not end well");
    std::filesystem::remove_all(jalon_.data() + "/views");
    JALON_RETURN_IF_ERROR(Serve());
    JALON_ASSIGN_OR_RETURN(const std::string refolded, region_.Answers());
    fmt::print("  {} bytes of answers\n", answers.size());
    if (answers.empty() || answers != refolded) return Wrong("the answers differ from a refold's");
    return {};
  }

  Result<void> ToTheEnd() {
    fmt::print("to the end\n");
    Traffic traffic(region_);
    for (int i = 0; i < kHitsWanted; ++i) {
      JALON_ASSIGN_OR_RETURN(const std::string before, Generations());
      JALON_ASSIGN_OR_RETURN(const Response last, Rebuild());
      if (last.phase() != admin::v1::REBUILD_PHASE_DONE) return Wrong("it did not end");
      JALON_ASSIGN_OR_RETURN(const std::string after, Generations());
      if (before == after) return Wrong("nothing was swapped");
      lasted_ms_ = std::max<uint64_t>(last.elapsed_ms(), 1);
      fmt::print("  {} records in {} ms\n", last.records_done(), lasted_ms_);
    }
    JALON_RETURN_IF_ERROR(traffic.End());
    return CheckAgainstARefold();
  }

  void WaitAWhile() { usleep(static_cast<useconds_t>(random_() % (lasted_ms_ * 1000))); }

  Result<void> CancelledByTheOperator() {
    fmt::print("cancelled by the operator\n");
    Traffic traffic(region_);
    int hits = 0;
    for (int i = 0; i < kTriesMax && hits < kHitsWanted; ++i) {
      JALON_ASSIGN_OR_RETURN(const std::string before, Generations());
      Result<Response> last = Response();
      std::jthread rebuilding([&] { last = Rebuild(); });
      WaitAWhile();
      admin::v1::CancelRebuildResponse names;
      admin_.CancelRebuild("", &names);  // refused if there is none (any more)
      rebuilding.join();
      if (!last) return std::unexpected(last.error());
      if (last->phase() != admin::v1::REBUILD_PHASE_CANCELLED) continue;
      JALON_ASSIGN_OR_RETURN(const std::string after, Generations());
      if (before != after) return Wrong("a cancelled rebuild was swapped in");
      hits += last->records_done() > 0 && last->records_done() < last->records_total() ? 1 : 0;
    }
    JALON_RETURN_IF_ERROR(traffic.End());
    if (hits < kHitsWanted) return Wrong("no rebuild could be cancelled midway");
    return CheckAgainstARefold();
  }

  // Runs `jalon view rebuild --all` and sends it SIGINT after a while; whether that cancelled it.
  Result<bool> InterruptedRebuild() {
    demo::Server command;
    const std::string out = settings_.data + "/rebuild.out";
    std::filesystem::remove(out);
    if (!command.Start({settings_.jalon, "view", "rebuild", "--all", "--data", jalon_.data()},
                       out)) {
      return Wrong("jalon view rebuild cannot be started");
    }
    WaitAWhile();
    kill(command.pid(), SIGINT);
    while (command.Running()) usleep(1000);
    const int code = command.Stop();
    std::stringstream said;
    said << std::ifstream(out).rdbuf();
    const bool cancelled = said.str().find("Cancelled") != std::string::npos;
    // Not cancelled: it was done before, or did not listen for Ctrl-C yet and ended as any other
    // program does, with the same code.
    if (code != kInterrupted && (cancelled || code != 0)) {
      return Wrong(fmt::format("jalon view rebuild exited with {}: {}", code, said.str()));
    }
    return cancelled;
  }

  Result<void> CancelledByCtrlC() {
    fmt::print("cancelled by Ctrl-C\n");
    Traffic traffic(region_);
    int hits = 0;
    for (int i = 0; i < kTriesMax && hits < kHitsWanted; ++i) {
      JALON_ASSIGN_OR_RETURN(const std::string before, Generations());
      JALON_ASSIGN_OR_RETURN(const bool cancelled, InterruptedRebuild());
      if (!cancelled) {
        WaitUntilNoneRuns();
        continue;
      }
      JALON_ASSIGN_OR_RETURN(const std::string after, Generations());
      if (before != after) return Wrong("a cancelled rebuild was swapped in");
      ++hits;
    }
    JALON_RETURN_IF_ERROR(traffic.End());
    if (hits < kHitsWanted) return Wrong("Ctrl-C cancelled no rebuild");
    return CheckAgainstARefold();
  }

  // A rebuild whose caller died goes on.
  void WaitUntilNoneRuns() {
    admin::v1::CancelRebuildResponse names;
    while (admin_.CancelRebuild("", &names).ok) usleep(1000);
  }

  Result<void> KilledBeforeTheSwap() {
    fmt::print("killed between ingest and swap\n");
    JALON_ASSIGN_OR_RETURN(const std::string answers, region_.Answers());
    JALON_ASSIGN_OR_RETURN(const std::string before, Generations());
    for (int i = 0; i < kHitsWanted; ++i) {
      if (jalon_.Stop() != 0) return Wrong("the server did not end well");
      if (!dying_.Serve(kOptions)) return Wrong("the dying server did not start");
      if (Rebuild()) return Wrong("the server did not die");
      if (const int code = dying_.Stop(); code != kKilled) {
        return Wrong(fmt::format("the server ended with {}, not at the kill point", code));
      }
      JALON_RETURN_IF_ERROR(Serve());
      JALON_ASSIGN_OR_RETURN(const std::string after, Generations());
      if (before != after) return Wrong("what was not swapped in serves");
      JALON_ASSIGN_OR_RETURN(const std::string again, region_.Answers());
      if (again != answers) return Wrong("the answers differ from those before the kill");
    }
    JALON_ASSIGN_OR_RETURN(const Response last, Rebuild());
    if (last.phase() != admin::v1::REBUILD_PHASE_DONE) return Wrong("it did not end");
    return CheckAgainstARefold();
  }

  Settings settings_;
  demo::Jalon jalon_;
  demo::Jalon dying_;  // on the same folder, never at the same time
  client::Admin admin_;
  Region region_;
  std::mt19937 random_{1};
  uint64_t lasted_ms_ = 1;
};

int Main(int count, char** words) {
  Settings settings;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i];
    if (name == "--jalon") settings.jalon = words[i + 1];
    if (name == "--dying") settings.dying = words[i + 1];
    if (name == "--data") settings.data = words[i + 1];
    if (name == "--students") settings.students = static_cast<uint32_t>(std::stoul(words[i + 1]));
  }
  const Result<void> done = Drill(settings).Run();
  if (done) return 0;
  fmt::print(stderr, "{}; see {}/server.out\n", done.error().message, settings.data);
  return 1;
}

}  // namespace
}  // namespace jalon::faults

int main(int count, char** words) { return jalon::faults::Main(count, words); }
