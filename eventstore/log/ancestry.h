// The logs that a log is a copy of: which of their positions are its own.
//
// Thread safety: const after Read; any thread.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"

namespace jalon::eventstore {

class Ancestry {
 public:
  // Of a log that is no copy.
  Ancestry() = default;

  // FAILED_PRECONDITION COPY_UNFINISHED if the log is a copy that is not whole: nothing may be
  // served of it, nor written to it. DATA_LOSS PARTITION_DIVERGED if it is whole, and another one
  // than its genesis says. Costs two reads of each partition, if it is a copy.
  static Result<Ancestry> Read(Log& log, const Birth& birth);

  // The life of this log; empty if it is no copy.
  const Bytes& log_incarnation() const { return log_incarnation_; }

  // Whether that position of that log is the same one here. Not so beyond what was copied: there
  // the other log may have gone on by itself.
  bool Holds(std::string_view log_incarnation, Partition partition, Seq seq) const;

 private:
  Bytes log_incarnation_;
  // By incarnation and partition: the last sequence number that was copied.
  std::map<Bytes, std::vector<Seq>, std::less<>> copied_;
};

}  // namespace jalon::eventstore
