#include "projections/views/leaves.h"

#include <google/protobuf/descriptor.h>

#include "jalon/event/v1/event_body.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "projections/views/tree_rows.h"

namespace jalon::projections {

EventTypes LeafTypes() {
  EventTypes types;
  const auto* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    const auto& options = registry->field(i)->message_type()->options();
    if (!options.GetExtension(option::v1::event).trail()) continue;
    types.set(static_cast<size_t>(registry->field(i)->number()));
  }
  return types;
}

bool IsLeaf(const EventView& event, const EventTypes& types) {
  return event.is_leaf && event.type < kEventTypesMax && types[event.type];
}

std::optional<trail::Place> PlaceOfLeaf(const EventView& leaf) {
  auto place = trail::PlaceOf(leaf.stored);
  if (!place || place->key.size() != kTreeNameBytes || leaf.tenant.size() != kTreeScopeBytes) {
    return std::nullopt;
  }
  return place;
}

}  // namespace jalon::projections
