// Who clears a reason, and by which command: what people are told to do next.
//
// Thread safety: any thread.
#pragma once

#include <google/protobuf/repeated_field.h>

#include "jalon/refusal/v1/refusal.pb.h"
#include "services/domain/reason.h"

namespace jalon::domain {

// The commands that clear the reason, as the contract lists them, each with those of the reason's
// roles that it allows. A command that is yet to come is for all of them.
const google::protobuf::RepeatedPtrField<refusal::v1::Clearing>& ClearingOf(RefusalReason reason);

}  // namespace jalon::domain
