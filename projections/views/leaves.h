// The events that are leaves of companies' trails, as the views over them read them.
//
// Thread safety: any thread.
#pragma once

#include <optional>

#include "eventstore/trail/entry.h"
#include "projections/engine/view.h"
#include "projections/engine/view_set.h"

namespace jalon::projections {

// The types whose events may be leaves, as the registry marks them.
EventTypes LeafTypes();

// Whether it is a leaf of a trail. `types`: LeafTypes().
bool IsLeaf(const EventView& event, const EventTypes& types);

// The place of a leaf: its company, 8 bytes, and its index. None: it is malformed, or the event's
// tenant is no school.
std::optional<trail::Place> PlaceOfLeaf(const EventView& leaf);

}  // namespace jalon::projections
