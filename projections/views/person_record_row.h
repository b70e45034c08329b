// An event about a person, as the view person_records keeps it. What is sealed in it stays sealed.
#pragma once

#include <cstdint>

#include "eventstore/base/ids.h"
#include "projections/views/fact.h"

namespace jalon::projections {

struct PersonRecordRow {
  Fact event;
  Bytes actor;                  // encoded jalon.type.v1.Actor
  uint32_t aggregate_kind = 0;  // a number of jalon.type.v1.AggregateKind
  Bytes aggregate_id;           // 1 to 64 bytes
  Bytes payload;                // the encoded event

  void Fields(auto& archive) { archive(event, actor, aggregate_kind, aggregate_id, payload); }
  bool operator==(const PersonRecordRow&) const = default;
};

}  // namespace jalon::projections
