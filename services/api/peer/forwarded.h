// A command and its outcome as they travel from the node that took it to the one that owns its
// school's partition, and back.
//
// Thread safety: any thread.
#pragma once

#include "eventstore/writer/application.h"
#include "jalon/node/v1/node_service.pb.h"
#include "services/domain/request.h"

namespace jalon::api {

// How the node answers that knows the school to be kept in another partition.
inline constexpr const char* kPlacedElsewhere = "PLACED_ELSEWHERE";

// All of a submission but `done`; it is left as it is.
node::v1::ForwardRequest EncodeForward(const eventstore::Submission& submission,
                                       Partition partition);

node::v1::ForwardResponse EncodeOutcome(const eventstore::Outcome& outcome);
// UNAVAILABLE OUTCOME_UNKNOWN as a failed outcome, where the response says nothing.
eventstore::Outcome DecodeOutcome(const node::v1::ForwardResponse& response);

}  // namespace jalon::api
