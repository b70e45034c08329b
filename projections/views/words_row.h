// Words about a student that stay sealed: opened by a query, under the student's key, never here.
#pragma once

#include "eventstore/base/ids.h"
#include "projections/views/fact.h"

namespace jalon::projections {

struct WordsRow {
  Bytes sealed;  // an encoded jalon.type.v1.Sealed
  Fact said;     // the event that holds them

  void Fields(auto& archive) { archive(sealed, said); }
  bool operator==(const WordsRow&) const = default;
};

}  // namespace jalon::projections
