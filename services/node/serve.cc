#include "services/node/serve.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "eventstore/log/kafka/kafka_log.h"
#include "services/node/config.h"
#include "services/node/json_log.h"
#include "services/node/last_words.h"
#include "services/node/node.h"
#include "services/node/vault_process.h"

namespace jalon::node {
namespace {

// Sent by the process to itself when it cannot go on.
constexpr int kFault = SIGUSR2;

bool IsIgnored(int signal) {
  struct sigaction now{};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

// Every thread made from now on leaves these to sigwait.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, kFault}) sigaddset(&signals, signal);
  if (!IsIgnored(SIGHUP)) sigaddset(&signals, SIGHUP);  // nohup's stay out
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Connections must not take the descriptors that the log needs for its next file: as many as the
// system lets this process have.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// What protobuf says of bytes that callers sent goes to callers, as MALFORMED: anyone could fill
// the server's log with it.
void HushProtobuf() {
  google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel level, const char* file, int line, const std::string& words) {
        if (level == google::protobuf::LOGLEVEL_FATAL) {
          fmt::print(stderr, "{}:{}: {}\n", file, line, words);
        }
      });
}

int Run(const Config& config) {
  const sigset_t signals = BlockSignals();
  RaiseDescriptorLimit();
  HushProtobuf();
  LeaveLastWords(config.data);
  std::atomic<bool> faulted = false;
  const auto on_fault = [&faulted](const Error& error) {
    LogError("the server cannot go on", eventstore::WhereNobodyTriesAgain(error));
    faulted = true;
    kill(getpid(), kFault);
  };
  const bool is_vault = config.roles == std::set<Role>{Role::kVault};
  const auto node = is_vault ? StartVault(config, on_fault) : Node::Start(config, on_fault);
  if (!node) {
    const Error error = eventstore::WhereNobodyTriesAgain(node.error());
    LogError("the server does not start", error);
    fmt::print(stderr, "jalon serve: {}\n", error.message);
    return 1;
  }
  int signal = 0;
  sigwait(&signals, &signal);
  Log(Level::kInfo, "ending", {{"signal", int64_t{signal}}});
  (*node)->Stop();
  Log(Level::kInfo, "ended");
  return faulted ? 1 : 0;  // also if it came while it ended
}

}  // namespace

int Serve(int argc, char** argv) {
  const auto config = ReadConfig(argc, argv);
  if (!config) {
    std::fputs(config.error().text.c_str(), config.error().exit_code == 0 ? stdout : stderr);
    return config.error().exit_code;
  }
  if (config->check_config) {
    std::fputs(ToToml(*config).c_str(), stdout);
    return 0;
  }
  return Run(*config);
}

}  // namespace jalon::node
