// The contract of the public feed as a page for people, made from the protos: each event, each
// field that leaves with what its comment says, and each that never does.
#pragma once

#include <string>

#include "eventstore/base/result.h"

namespace jalon::projections {

// Markdown, which begins with `preface`. `sources` is what protoc makes of
// jalon/feed/v1/feed_event.proto and all it imports: an encoded FileDescriptorSet with the
// comments. INVALID_ARGUMENT CONTRACT_UNREADABLE if it is none.
Result<std::string> ContractPage(const std::string& preface, const std::string& sources);

}  // namespace jalon::projections
