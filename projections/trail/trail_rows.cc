#include "projections/trail/trail_rows.h"

#include <memory>
#include <utility>

#include "projections/views/trails.h"

namespace jalon::projections {

TrailRows RowsOf(ReadView view) {
  const auto shared = std::make_shared<const ReadView>(std::move(view));
  return {.get = [shared](std::string_view key) { return shared->Get(kTrails, key); },
          .scan =
              [shared](std::string_view prefix, std::string_view after,
                       const StoreSnapshot::Visit& visit) {
                return shared->Scan(kTrails, prefix, after, visit);
              }};
}

std::unexpected<Error> TrailRowsBroken() {
  return Fail(Code::kDataLoss, "INTERNAL",
              "view trails: a row is missing or cannot be read; delete the folder of views: they "
              "are rebuilt from the log");
}

}  // namespace jalon::projections
