// What every call brings beside its message: who, by when, in which language, in which trace.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "services/api/language.h"
#include "services/token/cache.h"

namespace jalon::api {

inline constexpr std::chrono::seconds kDeadlineMax{10};

// A call's principal is here and nowhere else: gRPC's AuthContext belongs to the connection, which
// other callers share.
struct Call {
  Language language = Language::kEnglish;
  token::ClaimsPtr claims;  // null where the method is open to all and no token came
  std::string token;        // as it came; empty without one
  Micros remaining{};       // until the deadline; at most kDeadlineMax
  std::string trace;        // 25 bytes, or empty
};

// Reads the call's metadata but for the deadline, and verifies its token. UNAUTHENTICATED without a
// good one, unless `open`. `call->language` is set whatever comes.
Result<void> ReadCaller(const grpc::CallbackServerContext& context, token::Cache& tokens, bool open,
                        Call* call);

// The same of a call that must have a deadline. INVALID_ARGUMENT DEADLINE_REQUIRED without a
// deadline.
// Thread safety: any thread.
Result<void> ReadCall(const grpc::CallbackServerContext& context, token::Cache& tokens,
                      const Clock& real_clock, bool open, Call* call);

// The 25 bytes (trace id, span id, flags) of a traceparent header of version 00; empty if it is not
// exactly one, or all zero.
std::string ParseTraceParent(std::string_view header);

}  // namespace jalon::api
