// A whole server on one data folder: the one place that knows all rooms.
//
// Threads: gRPC's (the door), one that steps all writers, the log's committer, one that folds
// views, a few that answer queries which waited for a position, the vault's maker of keys, one that
// sweeps those that no event names, and for a rebuild one more.
//
// Start: lock the folder → open the log (which refuses if anything acknowledged is missing) → keys
// → writers claim their partitions, views catch up → SERVING. End: NOT_SERVING → calls that are out
// are answered → writers drain → views stop → everything is closed.
#pragma once

#include <functional>
#include <memory>

#include "eventstore/base/result.h"
#include "services/node/config.h"

namespace jalon::node {

// Thread safety: one thread; `on_fault` is called from any, once.
class Node {
 public:
  // Opens everything and starts to serve. `on_fault`: the server cannot go on (the log diverged,
  // the disk failed); stop it and exit with a code that is not 0.
  static Result<std::unique_ptr<Node>> Start(const Config& config,
                                             std::function<void(const Error&)> on_fault);
  virtual ~Node() = default;

  // The port that the server listens at.
  virtual int Port() const = 0;
  // Ends gracefully: nothing acknowledged is lost, calls that are out are answered if they can be
  // within the configured time.
  virtual void Stop() = 0;
};

}  // namespace jalon::node
