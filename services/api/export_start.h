// How an export of a trail begins, at the node that signs: the frame of queries finds the trail
// within the caller's scope and has it signed at its present size, that size is published in the
// root log, and the proof of it is a file of the export. The entries, which every node has, come
// after it (trail_door.h).
//
// Thread safety: any thread. If the process dies here, a size may be published that nobody exports.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "eventstore/base/clock.h"
#include "jalon/node/v1/node_service.pb.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "services/access/access_log.h"
#include "services/api/publisher.h"
#include "services/api/queries/frame.h"
#include "services/api/queries/root_log.h"

namespace jalon::api {

class ExportStart {
 public:
  // All must outlive it, and every call in it.
  struct Parts {
    const QueryFrame& frame;
    const RootLog& root_log;
    Publisher& publisher;
    Executor run;                                     // of queries
    access::AccessLog* access = nullptr;              // null: none is kept here
    std::function<void(const Error&)> on_fault = {};  // as the frame's
  };
  explicit ExportStart(Parts parts) : parts_(std::move(parts)) {}

  using Done = std::function<void(Result<node::v1::ExportBegun>)>;

  // Calls `done` once, from this thread or another one: by `deadline` (of the frame's clock), or as
  // much later as a publication may take. A trail that could not be published is exported without
  // that proof.
  //
  // Errors: those of QueryFrame::Ask and of RootLog::ProofOf, such as UNAVAILABLE SIGNER_ELSEWHERE
  // where this node does not sign; RESOURCE_EXHAUSTED QUEUE_FULL. All are told already: what is the
  // caller's to the access log, what is wrong inside to on_fault.
  // REQUIRES: the request satisfies the limits of its fields; it and the caller live until `done`
  // returns.
  void Begin(const QueryMethod& method, const trail::v1::ExportTrailRequest& request,
             const Caller& caller, Micros deadline, Done done) const;
  // QueryFrame::ToldOf.
  Seq ToldOf(const trail::v1::ExportTrailRequest& request, const Caller& caller) const {
    return parts_.frame.ToldOf(request, caller);
  }

 private:
  struct Beginning;

  void Publish(const std::shared_ptr<const Beginning>& beginning) const;
  Result<node::v1::ExportBegun> Prove(const Beginning& beginning) const;
  void Tell(const Beginning& beginning, const Error& error) const;

  const Parts parts_;
};

}  // namespace jalon::api
