// `jalon serve`, which folds no trails: what trails and receipts cost is measured against it. Takes
// the same arguments; stops at SIGTERM.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "services/node/config.h"
#include "services/node/node.h"

int main(int count, char** words) {
  auto config = jalon::node::ReadConfig(count - 1, words + 1);
  if (!config) {
    fmt::print(stderr, "{}", config.error().text);
    return config.error().exit_code;
  }
  config->make_views = jalon::projections::MakeViewsWithoutTrails;
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before there are threads, which inherit it
  const auto node = jalon::node::Node::Start(*config, [](const jalon::Error& error) {
    fmt::print(stderr, "{}\n", error.message);
    _exit(1);
  });
  if (!node) {
    fmt::print(stderr, "{}\n", node.error().message);
    return 1;
  }
  int signal = 0;
  sigwait(&ends, &signal);
  return 0;
}
