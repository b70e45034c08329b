// A school is registered in two steps, each of which a retry completes: its placement in the system
// partition, and then the command in the partition that this gives.
//
// If the process dies in between, the placement is there and the school is not: the same request id
// finds the placement accepted and goes on, and so does any other registration of the school.
//
// Thread safety: any thread.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "eventstore/writer/application.h"
#include "services/domain/request.h"

namespace jalon::api {

bool IsRegistration(const domain::Request& request);

// Where it wants the school to be, if it says so; nothing of any other command.
std::optional<Partition> WantedPartition(const domain::Request& request);

// The request id of the placement: of the same time, and always the same for the same command.
Bytes PlacementRequestId(std::string_view request_id);

// What the system partition is given to decide. `registration` holds a domain::Request of
// RegisterSchool, and stays as it is.
eventstore::Submission PlacementOf(const eventstore::Submission& registration,
                                   std::function<void(eventstore::Outcome)> done);

// Where the school is, by the reply of the system partition; nothing if that is none.
std::optional<Partition> PlacedAt(std::string_view reply);

}  // namespace jalon::api
