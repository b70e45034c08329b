// The door for queries: token, parse, check, then the frame that answers (queries/frame.h).
//
// Thread safety: any thread. If the process dies here, nothing happened: a query changes nothing.
#pragma once

#include "eventstore/base/clock.h"
#include "services/api/method_table.h"
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
    const QueryFrame& frame;              // which notes what it refuses
    access::AccessLog* access = nullptr;  // of what is refused before; null: none is kept here
  };
  explicit QueryDoor(const Parts& parts) : parts_(parts) {}

  // The handler of one query's method. Both must outlive it.
  RawHandler HandlerOf(const QuerySpec& spec, const QueryMethod& method);

 private:
  friend class QueryCall;

  const Parts parts_;
};

}  // namespace jalon::api
