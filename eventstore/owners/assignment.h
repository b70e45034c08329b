// Who should own a partition, among those who can: rendezvous hashing, so that every node comes to
// the same answer without asking, and a node that comes or goes moves its own share only.
#pragma once

#include <span>
#include <string>

#include "eventstore/base/ids.h"

namespace jalon::eventstore {

// The name with the highest SHA-256(partition as 4 bytes, little endian ‖ name), compared as bytes;
// empty if there are none. The order of the names does not matter.
std::string ShouldOwn(Partition partition, std::span<const std::string> names);

}  // namespace jalon::eventstore
