// What a signer has signed last of each log: by it a signer that restarts, or whose log was put
// back from a backup, knows what it must not contradict.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/trail/checkpoint.h"

namespace jalon::eventstore {

// Thread safety: every call may come from any thread.
class SignerMemory {
 public:
  virtual ~SignerMemory() = default;

  // The last one of that origin; none if there never was one.
  virtual Result<std::optional<trail::Checkpoint>> Last(std::string_view origin) = 0;
  // Replaces the last ones of their origins: all of them, or none after an error, when it is not
  // known which.
  // Durability: they survive a crash once it returned; one sync for all.
  virtual Result<void> Remember(std::span<const trail::Checkpoint> checkpoints) = 0;
};

// Forgets all when it dies: for tests.
class TransientSignerMemory final : public SignerMemory {
 public:
  Result<std::optional<trail::Checkpoint>> Last(std::string_view origin) override
      JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    const auto found = last_.find(origin);
    if (found == last_.end()) return std::nullopt;
    return found->second;
  }
  Result<void> Remember(std::span<const trail::Checkpoint> checkpoints) override
      JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    for (const trail::Checkpoint& checkpoint : checkpoints) {
      last_[checkpoint.origin] = checkpoint;
    }
    return {};
  }

 private:
  Mutex mutex_;
  std::map<std::string, trail::Checkpoint, std::less<>> last_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::eventstore
