// An entry of the deployment's root log, as the view root_log keeps it beside the tree.
#pragma once

#include <cstdint>

#include "eventstore/base/hash.h"

namespace jalon::projections {

// A log at a size, as it was published.
struct RootEntryRow {
  Hash root{};
  uint64_t at = 0;  // the entry's place in the root log

  void Fields(auto& archive) { archive(root, at); }
  bool operator==(const RootEntryRow&) const = default;
};

}  // namespace jalon::projections
