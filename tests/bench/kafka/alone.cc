#include "tests/bench/kafka/alone.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace jalon::bench {
namespace {

constexpr double kPatienceSeconds = 60;

}  // namespace

Alone::Alone(std::string program, const std::string& folder, Place log)
    : log_(std::move(log)), node_(std::move(program), folder + "/node") {
  std::filesystem::create_directories(folder);
}

bool Alone::Start() {
  const demo::Finished made =
      node_.Command({"log", "init", log_.Address(), "--virtual-clock", "--unsafe-single-broker"});
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
