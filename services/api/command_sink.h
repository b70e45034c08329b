// Where accepted-for-decision commands go: the writers of this node's partitions.
#pragma once

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/writer/application.h"

namespace jalon::api {

// Thread safety: every call may come from any thread.
class CommandSink {
 public:
  virtual ~CommandSink() = default;
  // The life of the log that positions belong to, 16 bytes.
  virtual const Bytes& LogIncarnation() const = 0;
  // Whether commands are taken at all: asked before keys are made that only a command needs. It may
  // change until Submit. UNAVAILABLE NOT_SERVING, RESOURCE_EXHAUSTED DISK_FULL.
  virtual Result<void> TakesCommands() = 0;
  // Hands the submission to the partition's writer. On an error `done` was not and will not be
  // called: RESOURCE_EXHAUSTED QUEUE_FULL, UNAVAILABLE NOT_SERVING.
  virtual Result<void> Submit(Partition partition, eventstore::Submission submission) = 0;
};

}  // namespace jalon::api
