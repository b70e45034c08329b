// The fold of one stay's events into its row.
#pragma once

#include "projections/engine/view.h"
#include "projections/views/stay_row.h"

namespace jalon::projections {

// Folds an event whose aggregate is a stay. Events of other aggregates change nothing.
void FoldStayEvent(const EventView& event, StayRow& stay);

// Folds an event whose aggregate is a make-up, of the activity `code`, into the stay it is of.
void FoldMakeUpEvent(const EventView& event, std::string_view code, StayRow& stay);

}  // namespace jalon::projections
