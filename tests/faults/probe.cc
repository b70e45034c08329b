#include "tests/faults/probe.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tests/faults/load.h"

namespace jalon::faults {
namespace {

constexpr uint32_t kDeadlineMs = 500;
constexpr useconds_t kRestUs = 1'000;

}  // namespace

Probe::Probe(std::string address, std::vector<std::string> coordinators)
    : address_(std::move(address)),
      coordinators_(std::move(coordinators)),
      asking_([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          // Most of this is too early and gets no answer: that is none to judge.
          for (const std::string& token : coordinators_) std::ignore = Ask(token);
          usleep(kRestUs);
        }
      }) {}

// On a connection of its own: one that failed would not be tried again at once.
Result<void> Probe::Ask(const std::string& token) {
  client::Options options;
  options.token = token;
  options.deadline_ms = kDeadlineMs;
  JALON_ASSIGN_OR_RETURN(const SeenPolicy seen,
                         AskPolicy(client::Client(address_, std::move(options)), nullptr));
  const auto [known, is_new] = earliest_.try_emplace(seen.as_of.partition(), seen.as_of.seq());
  if (!is_new) known->second = std::min(known->second, seen.as_of.seq());
  return {};
}

Result<std::map<uint32_t, uint64_t>> Probe::End() {
  asking_ = {};
  for (const std::string& token : coordinators_) JALON_RETURN_IF_ERROR(Ask(token));
  return earliest_;
}

}  // namespace jalon::faults
