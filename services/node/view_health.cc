#include "services/node/view_health.h"

namespace jalon::node {

std::vector<std::string> HealthNames(const projections::ViewSet& views) {
  std::vector<std::string> names;
  names.reserve(views.size());
  for (size_t i = 0; i < views.size(); ++i) names.push_back("view." + std::string(views[i].Name()));
  return names;
}

std::vector<bool> ServingViews(const projections::ProjectorStatus& status, size_t views) {
  std::vector<bool> serving(views, !status.error && !status.partitions.empty());
  for (const projections::PartitionStatus& partition : status.partitions) {
    const bool answers = partition.serving && !partition.error;
    for (size_t i = 0; i < views; ++i) {
      serving[i] = serving[i] && answers && partition.generations[i].value != 0;
    }
  }
  return serving;
}

void HealthSign::Look() {
  MutexLock lock(mutex_);
  if (ended_) return;
  // Under the lock: whoever changes it looks afterwards, so that the last one is told last.
  const bool serving = parts_.serves();
  if (serving == serving_) return;
  serving_ = serving;
  parts_.tell(serving);
}

void HealthSign::LookAtViews(std::vector<bool> serving) {
  MutexLock lock(mutex_);
  if (ended_ || serving == views_) return;
  views_ = std::move(serving);
  for (size_t view = 0; view < views_.size(); ++view) parts_.tell_view(view, views_[view]);
}

void HealthSign::End() {
  MutexLock lock(mutex_);
  ended_ = true;
}

bool HealthSign::serving() const {
  MutexLock lock(mutex_);
  return serving_;
}

}  // namespace jalon::node
