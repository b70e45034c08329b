// Whether the log can be reached, for whoever is told, and what is wrong with it: of an embedded
// log nothing ever is.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"

namespace jalon::node {

// What health checks are asked for it.
inline constexpr const char* kLogHealth = "log";

// Thread safety: every call may come from any thread.
class LogSign {
 public:
  // What may be wrong, the worse first.
  enum class Of {
    kBrokers,     // some that the log needs do not answer: the health `log` is NOT_SERVING
    kHeartbeats,  // this node's own are not heard: it claims nothing
  };
  // Each change is logged. Nothing: it is well again.
  void Set(Of what, const std::optional<Error>& trouble) JALON_EXCLUDES(mutex_);
  // The worst.
  std::optional<Error> Trouble() JALON_EXCLUDES(mutex_);
  // Tells what is so now, and each change, once and in order, until Detach. `tell` must not call
  // back.
  void Attach(std::function<void(bool reachable)> tell) JALON_EXCLUDES(mutex_);
  void Detach() JALON_EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::map<Of, Error> troubles_ JALON_GUARDED_BY(mutex_);
  std::function<void(bool)> tell_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::node
