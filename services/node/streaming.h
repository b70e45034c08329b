// The methods that answer with a stream: the public feed, and exports of trails.
#pragma once

#include <functional>

#include "services/api/feed_door.h"
#include "services/api/trail_door.h"
#include "services/node/answering.h"
#include "services/node/callers.h"
#include "services/node/data_folder.h"
#include "services/node/query_threads.h"

namespace jalon::node {

// Thread safety: every call may come from any thread.
class Streaming {
 public:
  // All must outlive it.
  struct Parts {
    DataFolder& folder;
    const Clock& real_clock;
    Callers& callers;
    const api::Placement& placement;
    Answering& answering;
    const api::RemoteSigner* remote;  // null: there is no other node
    std::function<void(const Error&)> on_fault;
  };
  explicit Streaming(const Parts& parts);

  // What serves the method. Both must outlive it.
  api::RawStreamHandler HandlerOf(const api::StreamSpec& spec, const api::Queries& queries);

  // What begins exports for other nodes.
  const api::TrailDoor& trails() const { return trails_; }

  // Ends every stream; one that comes later ends at once.
  void EndAll();

 private:
  QueryThreads feed_threads_;
  QueryThreads export_threads_;
  api::FeedDoor feed_;
  api::TrailDoor trails_;
};

}  // namespace jalon::node
