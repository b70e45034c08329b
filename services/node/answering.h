// What answers queries and gives receipts on this node: the frame of all queries, and what it asks.
#pragma once

#include <functional>

#include "eventstore/log/ancestry.h"
#include "eventstore/log/log.h"
#include "eventstore/signer/signer.h"
#include "eventstore/vault/vault.h"
#include "services/api/placement.h"
#include "services/api/queries/engine_views.h"
#include "services/api/queries/frame.h"
#include "services/api/queries/opener.h"
#include "services/api/queries/page_token.h"
#include "services/api/queries/receipts.h"
#include "services/api/queries/root_log.h"
#include "services/api/receipt_desk.h"
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
    std::function<void(const Error&)> on_fault;
  };

  // All of `parts` must outlive this.
  explicit Answering(const Parts& parts);

  // Receipts are given from here on.
  void Start() { desk_.Start(); }
  // Those who wait for one are let go. After Publication::Close.
  void Stop() { desk_.Stop(); }

  api::EngineViews& views() { return views_; }
  const api::TrailNames& trails() const { return trails_; }
  const api::RootLog& root_log() const { return root_log_; }
  const api::QueryFrame& frame() const { return frame_; }
  api::ReceiptDesk& desk() { return desk_; }

 private:
  api::EngineViews views_;
  const api::Opener opener_;
  api::PageTokens pages_;
  const api::TrailNames trails_;
  const api::Receipts receipts_;
  const api::RootLog root_log_;
  api::ReceiptDesk desk_;
  const api::QueryFrame frame_;
  QueryThreads threads_;  // last: they use everything above
};

}  // namespace jalon::node
