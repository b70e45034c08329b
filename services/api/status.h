// The one place where an Error or a refusal becomes a grpc::Status (AIP-193): ErrorInfo, BadRequest
// or PreconditionFailure, RetryInfo where trying again may help, LocalizedMessage, and our own
// RefusalDetail with everything that fails.
//
// The details have at most kDetailsBytesMax: a client with gRPC's default limits turns larger
// trailers into RESOURCE_EXHAUSTED. What does not fit is left out, citations first, then subjects,
// then whole reasons; `more` says how many.
#pragma once

#include <grpcpp/support/status.h>

#include "eventstore/base/result.h"
#include "services/api/language.h"
#include "services/domain/refusals.h"

namespace jalon::api {

inline constexpr size_t kDetailsBytesMax = 6 * 1024;

// Thread safety: any thread.

// REQUIRES: `refusals` has at least one reason. The first one in the order of the rules gives the
// status its code and ErrorInfo its reason.
grpc::Status ToStatus(const domain::Refusals& refusals, Language language);

// `error.reason` is a RefusalReason's name; another one is told as INTERNAL.
grpc::Status ToStatus(const Error& error, Language language);

}  // namespace jalon::api
