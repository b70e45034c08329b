#include "tests/faults/altered_server.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "services/node/node.h"

namespace jalon::faults {

int ServeAltered(int count, char** words, const std::function<void(node::Config&)>& alter) {
  auto config = node::ReadConfig(count - 1, words + 1);
  if (!config) {
    fmt::print(stderr, "{}", config.error().text);
    return config.error().exit_code;
  }
  alter(*config);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before there are threads, which inherit it
  const auto node = node::Node::Start(*config, [](const Error& error) {
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

}  // namespace jalon::faults
