// An export of one trail: its entries from the log, in the layout that `jalon verify` checks
// (eventstore/trail/export_writer.h), into a folder or wherever a sink sends it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/log/log.h"
#include "eventstore/trail/export_writer.h"
#include "projections/trail/event_reader.h"
#include "projections/trail/trail_rows.h"
#include "projections/views/id.h"
#include "projections/views/trail_row.h"

namespace jalon::projections {

// What is exported: the trail as it was at a size, however far it has grown since.
struct TrailExport {
  Partition partition{};  // the school's
  CompanyId company_id;
  uint64_t size = 0;
  Hash root{};             // at that size
  std::string checkpoint;  // a signed note of that size and root; nobody looks into it here
};

// Opens the school's rows as of now. Called for each page, so that a long export holds no old
// snapshot.
using OpenTrailRows = std::function<Result<TrailRows>()>;

// An export that is made step by step, as fast as its sink takes it. Holds one page of entries'
// rows, one record and the writer's bundle and tiles.
//
// Errors: those of rows, log and sink. DATA_LOSS PARTITION_DIVERGED if the log does not hold the
// entries whose root that is; DATA_LOSS INTERNAL if rows are missing, as where size is beyond the
// trail's. After an error the sink got no checkpoint: what it got is no export.
// Durability: none.
// Thread safety: one thread at a time.
class TrailExporter {
 public:
  // Borrows log and sink.
  TrailExporter(TrailExport what, OpenTrailRows open, eventstore::Log& log,
                trail::ExportSink& sink);

  // Goes on by one bundle of entries at most. False: the sink got all, the checkpoint last.
  // REQUIRES: it did not fail, and was not false before.
  Result<bool> Step();

 private:
  Result<void> Append();

  const TrailExport what_;
  const OpenTrailRows open_;
  trail::ExportWriter writer_;
  EventReader events_;
  std::vector<TrailEntryRow> page_;
  size_t next_ = 0;       // in the page
  Offset last_offset_{};  // of the entry that was appended last
};

// All of it.
Result<void> ExportTrail(TrailExport what, const OpenTrailRows& open, eventstore::Log& log,
                         trail::ExportSink& sink);

}  // namespace jalon::projections
