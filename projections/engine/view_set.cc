#include "projections/engine/view_set.h"

#include "eventstore/base/check.h"

namespace jalon::projections {

ViewSet::ViewSet(std::vector<std::unique_ptr<const View>> views, const EventTypes& known)
    : views_(std::move(views)), known_(known) {
  for (size_t index = 0; index < views_.size(); ++index) {
    JALON_CHECK(IndexOf(views_[index]->Name()) == index);
    for (uint32_t type = 0; type < kEventTypesMax; ++type) {
      if (!views_[index]->Wants(type)) continue;
      JALON_CHECK(known_[type]);
      wanting_[type].push_back(static_cast<uint16_t>(index));
    }
  }
}

std::optional<size_t> ViewSet::IndexOf(std::string_view name) const {
  for (size_t index = 0; index < views_.size(); ++index) {
    if (views_[index]->Name() == name) return index;
  }
  return std::nullopt;
}

}  // namespace jalon::projections
