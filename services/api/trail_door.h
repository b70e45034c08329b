// The door for TrailService.ExportTrail: token, parse, check, then the frame of queries, which
// finds the trail within the caller's scope and has it signed at its present size, and then the
// files, read from the log as fast as the client takes them. The grant is read again before each
// piece: once it is revoked, or over, the export ends with GRANT_ENDED. Whatever is recorded
// meanwhile is not part of it. That it left is an entry of the access log, before anything leaves.
// Where this node can, that size is published in the root log first, and the proof of it is a file
// of the export.
//
// An export holds one bundle of entries and its tiles: at most 16 MiB, and most are far smaller;
// and its place no longer than kExportWriteMax after the client stops reading.
//
// Thread safety: any thread. If the process dies here, the client has no checkpoint, and so no
// export; it asks again.
#pragma once

#include <chrono>
#include <functional>

#include "eventstore/base/clock.h"
#include "eventstore/log/log.h"
#include "services/access/access_log.h"
#include "services/api/method_table.h"
#include "services/api/open_streams.h"
#include "services/api/placement.h"
#include "services/api/publisher.h"
#include "services/api/queries/frame.h"
#include "services/api/queries/reader.h"
#include "services/api/raw_service.h"
#include "services/token/cache.h"

namespace jalon::api {

inline constexpr size_t kExportStreamsMax = 8;
inline constexpr size_t kExportStreamsPerPersonMax = 2;
// Of a file in one response.
inline constexpr size_t kExportPieceBytesMax = size_t{256} * 1024;
// A client that takes a piece no sooner is gone: its export is cancelled.
inline constexpr std::chrono::seconds kExportWriteMax{60};

class TrailDoor {
 public:
  // All must outlive the door and every call in it.
  struct Parts {
    const Clock& clock;       // the frame's
    const Clock& real_clock;  // of tokens
    token::Cache& tokens;
    const QueryFrame& frame;
    const Placement& placement;
    Views& views;
    eventstore::Log& log;
    const RootLog& root_log;
    Publisher& publisher;
    // Must never refuse: kExportStreamsMax pieces of work wait at most.
    Executor run;
    // Called with what is wrong inside; may be empty.
    std::function<void(const Error&)> on_fault = {};
    access::AccessLog* access = nullptr;  // null: none is kept here
    std::chrono::milliseconds write_max = kExportWriteMax;
  };
  explicit TrailDoor(Parts parts) : parts_(std::move(parts)) {}

  // The handler of the method, whose query says how an export begins. Both must outlive it.
  RawStreamHandler HandlerOf(const StreamSpec& spec, const QueryMethod& begin);

  // Ends every stream; one that comes later ends at once.
  void EndStreams() { streams_.EndAll(); }

 private:
  friend class ExportStream;

  const Parts parts_;
  OpenStreams streams_{kExportStreamsMax};
};

}  // namespace jalon::api
