// Those that are compared: the server under test and the echo, each a process of its own, driven by
// the same calls.
#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <string>

#include "deploy/demo/process.h"
#include "tests/bench/load.h"

namespace jalon::bench {

// Who answers, and its process.
struct Side {
  std::shared_ptr<grpc::Channel> channel;
  pid_t pid = -1;
};
// A server that listens there.
Side SideAt(const std::string& address, pid_t pid);

struct Run {
  Measured measured;
  double cpu_us = 0;  // of the answering process, per call
};

// Says on stderr if calls failed.
Run DriveSide(const Side& side, const Load& load, std::span<const Call> calls);

// The echo of echo_server.cc. Its process ends with it.
class Echo {
 public:
  // Answers `reply_bytes` to whatever it is sent. False if it does not start. `folder` gets a file
  // of its output.
  bool Start(const std::string& program, const std::string& folder, uint64_t reply_bytes);
  const Side& side() const { return side_; }

 private:
  demo::Server server_;
  Side side_;
};

}  // namespace jalon::bench
