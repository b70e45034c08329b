// An export of one trail: its entries from the log, in the layout that `jalon verify` checks
// (eventstore/trail/export_writer.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "eventstore/base/hash.h"
#include "eventstore/log/log.h"
#include "projections/trail/trail_rows.h"
#include "projections/views/id.h"

namespace jalon::projections {

// What is exported: the trail as it was at a size, however far it has grown since.
struct TrailExport {
  Partition partition{};  // the school's
  CompanyId company_id;
  uint64_t size = 0;
  Hash root{};                   // at that size
  std::string checkpoint;        // a signed note of that size and root; nobody looks into it here
  std::filesystem::path folder;  // is made
};

// Opens the school's rows as of now. Called for each page, so that a long export holds no old
// snapshot.
using OpenTrailRows = std::function<Result<TrailRows>()>;

// Streams: holds one page of positions, one record and the writer's bundle and tiles.
//
// Errors: those of rows, log and ExportWriter (ALREADY_EXISTS, NOT_WRITTEN). DATA_LOSS
// PARTITION_DIVERGED if the log does not hold the entries whose root that is; DATA_LOSS INTERNAL if
// rows are missing, as where size is beyond the trail's. After an error the folder may be there,
// without a checkpoint: it is no export.
// Durability: none.
Result<void> ExportTrail(const TrailExport& what, const OpenTrailRows& open, eventstore::Log& log);

}  // namespace jalon::projections
