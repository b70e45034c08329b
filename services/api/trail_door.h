// The door for TrailService.ExportTrail: token, parse, check, then what only a signer can make
// (export_start.h), here or at the node that signs, and then the files, read from this node's log
// as fast as the client takes them. What another node signed is sent once the views here reflect
// it, if the trail has that root here too; from then on nothing is asked of that node. The
// grant is read again before each piece: once it is revoked, or over, the export ends with
// GRANT_ENDED. Whatever is recorded meanwhile is not part of it. That it left is an entry of this
// node's access log, before anything leaves.
//
// An export holds one bundle of entries and its tiles: at most 16 MiB, and most are far smaller;
// and its place no longer than kExportWriteMax after the client stops reading. What begins here for
// other nodes is bounded too, since each of them has places of its own.
//
// Thread safety: any thread. If the process dies here, the client has no checkpoint, and so no
// export; it asks again.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/log/log.h"
#include "services/access/access_log.h"
#include "services/api/export_start.h"
#include "services/api/method_table.h"
#include "services/api/open_streams.h"
#include "services/api/peer/remote_signer.h"
#include "services/api/placement.h"
#include "services/api/places.h"
#include "services/api/queries/reader.h"
#include "services/api/raw_service.h"
#include "services/token/cache.h"

namespace jalon::api {

inline constexpr size_t kExportStreamsMax = 8;
inline constexpr size_t kExportStreamsPerPersonMax = 2;
// Of those that other nodes were asked for, so many begin here at once: several nodes full of them,
// since to begin takes far less than to send. Asking several nodes gives nobody more than one does.
inline constexpr size_t kExportsHandedOverMax = 4 * kExportStreamsMax;
inline constexpr size_t kExportsHandedOverPerPersonMax = kExportStreamsPerPersonMax;
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
    const ExportStart& start;
    const Placement& placement;
    Views& views;
    eventstore::Log& log;
    // Must never refuse: kExportStreamsMax pieces of work wait at most.
    Executor run;
    // Called with what is wrong inside; may be empty.
    std::function<void(const Error&)> on_fault = {};
    access::AccessLog* access = nullptr;   // null: none is kept here
    const RemoteSigner* remote = nullptr;  // null: there is no other node
    std::chrono::milliseconds write_max = kExportWriteMax;
  };
  explicit TrailDoor(Parts parts) : parts_(std::move(parts)) {}

  // The handler of the method, whose query says how an export begins. Both must outlive it.
  RawStreamHandler HandlerOf(const StreamSpec& spec, const QueryMethod& begin);
  // Whether this is the path of the method whose handler was made.
  bool Answers(std::string_view path) const { return spec_ != nullptr && spec_->path == path; }
  // Begins an export that another node was asked for, as far as only a signer can: an ExportBegun.
  // Its token is verified here; it is never handed on. RESOURCE_EXHAUSTED QUEUE_FULL where too many
  // begin for other nodes: its place is free again before it is answered. REQUIRES: Answers its
  // method.
  void Answer(const node::v1::AnswerQueryRequest& asked, Micros patience,
              const RemoteSigner::Answered& answered) const;

  // Ends every stream; one that comes later ends at once.
  void EndStreams() { streams_.EndAll(); }

 private:
  friend class ExportStream;

  const Parts parts_;
  const StreamSpec* spec_ = nullptr;  // both there before the first call
  const QueryMethod* begin_ = nullptr;
  OpenStreams streams_{kExportStreamsMax};
  const Places handed_over_{kExportsHandedOverMax, kExportsHandedOverPerPersonMax};
};

}  // namespace jalon::api
