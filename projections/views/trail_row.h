// An entry of a company's trail as the view trails keeps it, beside the tree (tree_rows.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"

namespace jalon::projections {

// The entry at an index: where its event lies, and what its clear part says. The partition is the
// school's.
struct TrailEntryRow {
  Fact event;
  Offset offset;                          // of its record, in this life of the log
  Bytes actor;                            // encoded jalon.type.v1.Actor
  PersonId subject_id;                    // none: it is about no person
  uint32_t aggregate_kind = 0;            // a number of jalon.type.v1.AggregateKind
  Bytes aggregate_id;                     // 1 to 64 bytes
  std::string about;                      // the activity or objective, by code; empty: the whole
  std::vector<std::string> not_observed;  // objectives that are said to be not observed, by code

  void Fields(auto& archive) {
    archive(event, offset, actor, subject_id, aggregate_kind, aggregate_id, about, not_observed);
  }
  bool operator==(const TrailEntryRow&) const = default;
};

}  // namespace jalon::projections
