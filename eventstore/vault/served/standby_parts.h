// How a change of keys is cut into messages for the standby, and how long the standby may take.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "eventstore/vault/mirror.h"
#include "jalon/vault/v1/standby_service.pb.h"

namespace jalon::eventstore::served {

// Of rows: kPartBytesMax in each, at most; the last one has the mark.
std::vector<vault::v1::ApplyChangeRequest> PartsOf(const KeyMark& after, const Mirror::Rows& put,
                                                   const std::vector<std::string>& remove);
// What so many parts may take: an erasure in a large school sends all that the school has.
std::chrono::milliseconds PatienceFor(size_t parts);

}  // namespace jalon::eventstore::served
