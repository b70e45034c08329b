// What must hold of a command's header.
#pragma once

#include "eventstore/base/clock.h"
#include "jalon/type/v1/header.pb.h"
#include "services/domain/refusals.h"

namespace jalon::api {

// Adds everything that is wrong with the header, each with its path ("header.request_id"). `now`
// is the time that request ids are measured by.
// Thread safety: any thread.
void CheckHeader(type::v1::CommandHeader& header, Micros now, domain::Refusals* refusals);

}  // namespace jalon::api
