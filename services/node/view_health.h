// What health checks are told: of the whole, and of each view, as service `view.<name>`.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/base/mutex.h"
#include "projections/engine/projector.h"
#include "projections/engine/view_set.h"

namespace jalon::node {

// In the order of the views.
std::vector<std::string> HealthNames(const projections::ViewSet& views);

// Per view, whether queries of it are answered in every partition. The views of a partition serve
// at one position, so that a query may read several: one that is still built at a start holds back
// all; one that is rebuilt beside holds back none.
std::vector<bool> ServingViews(const projections::ProjectorStatus& status, size_t views);

// What was told last, so that each change is told once, and in order.
//
// Thread safety: every call may come from any thread.
class HealthSign {
 public:
  struct Parts {
    std::function<bool()> serves;  // the whole, as of now
    // Called one at a time.
    std::function<void(bool serving)> tell;
    std::function<void(size_t view, bool serving)> tell_view;
  };
  explicit HealthSign(Parts parts) : parts_(std::move(parts)) {}

  // `serves` may have changed.
  void Look();
  void LookAtViews(std::vector<bool> serving);
  // Nothing is told from now on.
  void End();
  // What was told of the whole: NOT_SERVING at first.
  bool serving() const;

 private:
  const Parts parts_;
  mutable Mutex mutex_;
  bool serving_ JALON_GUARDED_BY(mutex_) = false;
  bool ended_ JALON_GUARDED_BY(mutex_) = false;
  std::vector<bool> views_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::node
