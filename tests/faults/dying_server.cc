// `jalon serve`, which kills itself with SIGKILL when a rebuild of views is ingested and not yet
// swapped in. Takes the same arguments.
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
  config->rebuild_ingested = [] { kill(getpid(), SIGKILL); };
  const auto node = jalon::node::Node::Start(*config, [](const jalon::Error& error) {
    fmt::print(stderr, "{}\n", error.message);
    _exit(1);
  });
  if (!node) {
    fmt::print(stderr, "{}\n", node.error().message);
    return 1;
  }
  while (true) pause();
}
