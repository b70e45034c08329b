// Where the nodes of a deployment say that they are there, for all to read: a topic on Kafka,
// memory in tests. What stands on it is soon old, may be lost, doubled or late, and proves nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"

namespace jalon::eventstore {

// Thread safety: one thread at a time.
class Board {
 public:
  virtual ~Board() = default;
  // Hands it over and does not wait. `node` is whose post it is: an older one of it may go.
  // UNAVAILABLE if it cannot be taken now.
  virtual Result<void> Post(std::string_view node, std::string post) = 0;
  // What was posted since the last Poll, by others and by this node; never waits. What was posted
  // before the board was opened need not be among it.
  virtual Result<std::vector<std::string>> Poll() = 0;
};

}  // namespace jalon::eventstore
