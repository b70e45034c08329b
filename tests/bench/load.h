// Drives a server with prepared requests, a fixed number in flight, and checks every answer's
// status. The same code drives the server under test and the echo.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace grpc {
class Channel;
}

namespace jalon::bench {

struct Call {
  uint32_t method = 0;  // index into Load::methods
  uint32_t token = 0;   // index into Load::tokens
  std::string request;  // encoded
};

struct Load {
  std::vector<std::string> methods;  // "/package.Service/Method"
  std::vector<std::string> tokens;   // bearer tokens
  uint32_t in_flight = 64;           // at most, if they are paced
  double per_second = 0;  // sent in even steps, whatever is answered when; 0: as fast as can be
  bool keep_replies = false;
};

struct Measured {
  uint64_t answered = 0;
  uint64_t failed = 0;        // answered with a status that is not OK
  std::string first_failure;  // its message
  double seconds = 0;
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  uint64_t reply_bytes = 0;  // of the last answer
  // By call, if they are kept, with the moments they came: microseconds since the Unix epoch.
  std::vector<std::string> replies;
  std::vector<int64_t> replied_us;
};

// Sends all `calls` once and waits for their answers.
Measured Drive(const std::shared_ptr<grpc::Channel>& channel, const Load& load,
               std::span<const Call> calls);

}  // namespace jalon::bench
