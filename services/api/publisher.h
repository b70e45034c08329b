// Where logs are published: written into the deployment's root log.
#pragma once

#include <functional>

#include "eventstore/trail/checkpoint.h"

namespace jalon::api {

// Thread safety: any thread.
class Publisher {
 public:
  virtual ~Publisher() = default;
  // Publishes the log at that size, and calls `done` once the views reflect it; or, at the latest
  // after kPublishWait, once it is known that they will not soon. From this thread or another one;
  // it must be quick.
  virtual void Publish(const trail::Checkpoint& log, std::function<void()> done) = 0;
};

}  // namespace jalon::api
