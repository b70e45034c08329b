// The door for queries: token, parse, check, then the frame that answers (queries/frame.h).
//
// Thread safety: any thread. If the process dies here, nothing happened: a query changes nothing.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "eventstore/base/clock.h"
#include "services/api/method_table.h"
#include "services/api/peer/remote_signer.h"
#include "services/api/queries/frame.h"
#include "services/api/raw_service.h"
#include "services/token/cache.h"

namespace jalon::api {

class QueryDoor {
 public:
  // All must outlive the door and every call in it.
  struct Parts {
    const Clock& clock;       // the frame's
    const Clock& real_clock;  // of deadlines
    token::Cache& tokens;
    const QueryFrame& frame;
    // Answers what only the node that signs can; null: there is no other node.
    const RemoteSigner* remote = nullptr;
  };
  explicit QueryDoor(const Parts& parts) : parts_(parts) {}

  // The handler of one query's method. Both must outlive it.
  RawHandler HandlerOf(const QuerySpec& spec, const QueryMethod& method);
  // Answers a query that another node was asked, of those whose handlers were made. Its token is
  // verified here; it is never handed on.
  void Answer(const node::v1::AnswerQueryRequest& asked, Micros patience,
              const RemoteSigner::Answered& answered) const;

 private:
  friend class QueryCall;

  struct Known {
    const QuerySpec* spec = nullptr;
    const QueryMethod* method = nullptr;
  };

  const Parts parts_;
  std::map<std::string, Known, std::less<>> known_;  // by path; complete before the first call
};

}  // namespace jalon::api
