// An event about a person, as the view person_records keeps it: where it lies.
#pragma once

#include "eventstore/base/ids.h"

namespace jalon::projections {

struct PersonRecordRow {
  Offset offset;  // of its record, in this life of the log

  void Fields(auto& archive) { archive(offset); }
  bool operator==(const PersonRecordRow&) const = default;
};

}  // namespace jalon::projections
