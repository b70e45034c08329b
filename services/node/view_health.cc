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

}  // namespace jalon::node
