// Asks a server that starts from its first moment on: what it answers before it says that it serves
// must be as current as what it answers then.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/result.h"

namespace jalon::faults {

// Asks for the policy of each school, again and again, until End.
class Probe {
 public:
  // `coordinators`: a token of each school.
  Probe(std::string address, std::vector<std::string> coordinators);

  // REQUIRES: the server says that it serves. Asks once more: that is answered, or an error.
  // By partition, the earliest position that any answer was as of.
  Result<std::map<uint32_t, uint64_t>> End();

 private:
  Result<void> Ask(const std::string& token);

  const std::string address_;
  const std::vector<std::string> coordinators_;
  std::map<uint32_t, uint64_t> earliest_;  // the thread's, until it ended
  std::jthread asking_;
};

}  // namespace jalon::faults
