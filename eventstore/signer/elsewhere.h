// What a caller is told where nothing can be signed because this process is not, or is no longer,
// the one that signs.
#pragma once

#include <expected>

#include "eventstore/base/result.h"

namespace jalon::eventstore {

// UNAVAILABLE with this reason: there is no signer here.
inline constexpr const char* kSignerElsewhere = "SIGNER_ELSEWHERE";
std::unexpected<Error> SignerElsewhere();
// The same of a signer that refused as another one has claimed after it, which is to be asked; any
// other refusal as it is.
std::unexpected<Error> NotSigned(Error refusal);

}  // namespace jalon::eventstore
