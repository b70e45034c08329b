// What answers queries on this node, gives receipts and publishes: the frame of all queries, what
// it asks, and the threads that sign and publish.
#pragma once

#include <functional>
#include <memory>

#include "eventstore/log/ancestry.h"
#include "eventstore/log/log.h"
#include "eventstore/signer/cosignatures.h"
#include "eventstore/signer/signer.h"
#include "eventstore/vault/vault.h"
#include "services/access/access_log.h"
#include "services/api/export_start.h"
#include "services/api/peer/remote_signer.h"
#include "services/api/placement.h"
#include "services/api/queries/engine_views.h"
#include "services/api/queries/frame.h"
#include "services/api/queries/opener.h"
#include "services/api/queries/page_token.h"
#include "services/api/queries/receipts.h"
#include "services/api/queries/root_log.h"
#include "services/api/receipt_desk.h"
#include "services/api/transfer/desk.h"
#include "services/node/publishing.h"
#include "services/node/query_threads.h"

namespace jalon::node {

// Thread safety: Start and Stop once, from one thread; the rest from any.
class Answering {
 public:
  struct Parts {
    projections::Publication& publication;
    eventstore::Log& log;
    eventstore::Vault& vault;
    const api::Placement& placement;
    const eventstore::Ancestry& ancestry;
    const Clock& clock;
    Bytes deployment;            // of the log's genesis, 16 bytes
    eventstore::Signer* signer;  // null: this node signs nothing
    const eventstore::SignerClaims& claims;
    const api::RemoteSigner* remote;  // null: there is no other node
    transfer::Issuers transfer_issuers;
    api::CommandSink& sink;
    std::chrono::seconds publish_every;
    access::AccessLog& access;
    std::function<void(const Error&)> on_fault;
    std::function<void(const Error&)> on_refused;            // of RootLog
    std::unique_ptr<eventstore::Cosignatures> cosignatures;  // null: none are kept
  };

  // All that `parts` refers to must outlive this.
  explicit Answering(Parts parts);

  // Receipts are given from here on, and logs published.
  void Start() {
    desk_.Start();
    publishing_.Start();
  }
  // Those who wait are let go. REQUIRES: the writers are drained.
  void Stop() {
    desk_.Stop();
    publishing_.Stop();
  }

  api::EngineViews& views() { return views_; }
  const api::QueryFrame& frame() const { return frame_; }
  api::ReceiptDesk& desk() { return desk_; }
  const api::ExportStart& export_start() const { return export_start_; }
  const transfer::Desk& transfers() const { return transfers_; }
  api::OwnWrites& writes() { return own_writes_; }

 private:
  api::EngineViews views_;
  const api::Opener opener_;
  api::PageTokens pages_;
  const api::TrailNames trails_;
  const transfer::Desk transfers_;
  const SystemClock real_clock_;
  const std::unique_ptr<eventstore::Cosignatures> cosignatures_;
  api::Receipts receipts_;
  const api::RootLog root_log_;
  api::ReceiptDesk desk_;
  api::OwnWrites own_writes_;
  Publishing publishing_;
  const api::QueryFrame frame_;
  const api::ExportStart export_start_;
  QueryThreads threads_;  // last: they use everything above
};

}  // namespace jalon::node
