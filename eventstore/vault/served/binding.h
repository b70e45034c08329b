// The one deployment whose keys a vault has, remembered in a file. A sweep removes keys that no
// event names, so nodes of two logs with one vault would remove each other's.
//
//   the file: 16 bytes, the cluster_id of the log's birth
#pragma once

#include <memory>
#include <string>

#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore {

// Thread safety: every call may come from any thread.
class DeploymentBinding {
 public:
  static constexpr size_t kDeploymentBytes = 16;

  // DATA_LOSS VAULT_BINDING_DAMAGED; UNAVAILABLE VAULT_UNAVAILABLE if it cannot be read.
  static Result<std::unique_ptr<DeploymentBinding>> Open(const std::string& path);

  // The first one is remembered, if these can be its keys: otherwise FAILED_PRECONDITION
  // KEYS_MISSING, as long as there is none. FAILED_PRECONDITION VAULT_OF_ANOTHER_DEPLOYMENT.
  // Durability: the first one survives a crash once it was admitted.
  Result<void> Admit(const Bytes& deployment, bool can_be_first = true) JALON_EXCLUDES(mutex_);
  // Whose keys they are; empty: nobody's yet.
  Bytes Bound() JALON_EXCLUDES(mutex_);

 private:
  DeploymentBinding(std::string path, Bytes bound)
      : path_(std::move(path)), bound_(std::move(bound)) {}

  const std::string path_;
  Mutex mutex_;
  Bytes bound_ JALON_GUARDED_BY(mutex_);  // empty: none yet
};

}  // namespace jalon::eventstore
