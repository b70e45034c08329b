#include "tests/bench/kafka/alone.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace jalon::bench {
namespace {

constexpr double kPatienceSeconds = 60;
constexpr int kInitAttempts = 6;

// A broker of a busy machine may not answer in time; what was left unfinished is finished then.
demo::Finished MakeLog(const demo::Jalon& node, const std::string& log) {
  for (int attempt = 1;; ++attempt) {
    demo::Finished made =
        node.Command({"log", "init", log, "--virtual-clock", "--unsafe-single-broker"});
    if (attempt > 1 && made.err.find("LOG_EXISTS") != std::string::npos) made.exit_code = 0;
    const bool away = made.err.find("LOG_UNREACHABLE") != std::string::npos;
    if (made.exit_code == 0 || !away || attempt == kInitAttempts) return made;
  }
}

}  // namespace

Alone::Alone(std::string program, const std::string& folder, Place log)
    : log_(std::move(log)), node_(std::move(program), folder + "/node") {
  std::filesystem::create_directories(folder);
}

bool Alone::Start() {
  const demo::Finished made = MakeLog(node_, log_.Address());
  if (made.exit_code != 0) {
    fmt::print(stderr, "{}{}", made.out, made.err);
    return false;
  }
  if (node_.Serve({"--log", log_.Address(), "--unsafe-single-broker"}, kPatienceSeconds))
    return true;
  fmt::print(stderr, "the node did not start: see {}\n", node_.log_path());
  return false;
}

}  // namespace jalon::bench
