// The logs that a deployment signs, computed from its own log alone: trails, receipts logs and the
// root log. No view is read, and nothing is shared with the folds: what is signed is held to this.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "eventstore/trail/trail_testing.h"

namespace jalon::faults {

class LogTrees {
 public:
  // All that counts in the log.
  static Result<LogTrees> Read(eventstore::Log& log, const eventstore::Birth& birth);

  // The entries of the log of that origin; none: there is no such log.
  const std::vector<std::string>& Entries(const std::string& origin) const;
  // The root that it had. REQUIRES: size <= Entries(origin).size().
  Hash RootAt(const std::string& origin, uint64_t size);

 private:
  explicit LogTrees(const eventstore::Birth& birth) : birth_(birth) {}
  Result<void> ReadPartition(eventstore::Log& log, Partition partition);
  // Takes an event as it is stored; false if it is none.
  bool Take(Partition partition, const std::string& stored);

  const eventstore::Birth birth_;
  std::map<std::string, std::vector<std::string>> entries_;  // by origin
  std::map<std::string, trail::NaiveTree> trees_;            // of those that were asked for
};

}  // namespace jalon::faults
