// For tests of the feed: a log with one event of every type, each of whose fields holds something.
#pragma once

#include <string>
#include <vector>

#include "jalon/log/v1/log.pb.h"
#include "projections/engine/engine_testing.h"
#include "projections/feed/feed.h"

namespace jalon::projections::testing {

// The numbers of all event types that a school's partition may hold, and of those that leave.
std::vector<uint32_t> AllEventTypes();
std::vector<uint32_t> LeavingEventTypes();

// An event of that type. Texts and bytes in it are canaries: CanaryOf their field's full name.
log::v1::Event FullEvent(uint32_t type, int variant = 0);
std::string CanaryOf(const google::protobuf::FieldDescriptor& field);

// Everything that the feed says of a partition.
std::vector<FeedRecord> FeedOf(eventstore::Log& log, const eventstore::Birth& birth,
                               Partition partition);

}  // namespace jalon::projections::testing
