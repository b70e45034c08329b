// Where the rows of the view trails of one school are read.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"
#include "projections/engine/read_view.h"

namespace jalon::projections {

// Keys are given without the school.
// Thread safety: that of what stands behind it.
struct TrailRows {
  // The row's bytes; none if it is not there.
  std::function<Result<std::optional<std::string>>(std::string_view key)> get;
  // The rows whose key begins with `prefix`, ascending, until `visit` returns false; with `after`,
  // only those beyond it.
  std::function<Result<void>(std::string_view prefix, std::string_view after,
                             const StoreSnapshot::Visit& visit)>
      scan;
};

// Those of a snapshot, which they hold: for the time of one query or page only.
TrailRows RowsOf(ReadView view);

// DATA_LOSS INTERNAL: a row that must be there is not, or cannot be read.
std::unexpected<Error> TrailRowsBroken();

}  // namespace jalon::projections
