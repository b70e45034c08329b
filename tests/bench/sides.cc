#include "tests/bench/sides.h"

#include <grpcpp/create_channel.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace jalon::bench {
namespace {

constexpr int kTries = 500;
constexpr useconds_t kPauseUs = 10'000;

// What the echo says of where it listens; 0: nothing yet.
int PortIn(const std::string& path) {
  int port = 0;
  if (std::FILE* file = std::fopen(path.c_str(), "r")) {
    if (std::fscanf(file, "port=%d", &port) != 1) port = 0;
    std::fclose(file);
  }
  return port;
}

}  // namespace

Side SideAt(const std::string& address, pid_t pid) {
  return {grpc::CreateChannel(address, grpc::InsecureChannelCredentials()), pid};
}

Run DriveSide(const Side& side, const Load& load, std::span<const Call> calls) {
  Run run;
  const double before = demo::CpuSeconds(side.pid);
  run.measured = Drive(side.channel, load, calls);
  run.cpu_us = (demo::CpuSeconds(side.pid) - before) * 1e6 / static_cast<double>(calls.size());
  if (run.measured.failed > 0) {
    std::fprintf(stderr, "%llu of %zu calls failed: %s\n",
                 static_cast<unsigned long long>(run.measured.failed), calls.size(),
                 run.measured.first_failure.c_str());
  }
  return run;
}

bool Echo::Start(const std::string& program, const std::string& folder, uint64_t reply_bytes) {
  const std::string output = folder + "/echo.out";
  std::filesystem::remove(output);
  if (!server_.Start({program, std::to_string(reply_bytes)}, output)) return false;
  int port = 0;
  for (int tries = 0; tries < kTries && port == 0; ++tries) {
    usleep(kPauseUs);
    port = PortIn(output);
  }
  side_ = SideAt("127.0.0.1:" + std::to_string(port), server_.pid());
  return port != 0;
}

}  // namespace jalon::bench
