// What a process says when a library ends it: RocksDB does so with a bare assertion where a disk is
// full while it writes.
#pragma once

#include <string>

namespace jalon::node {

// From now on an abort says how much is free on the disk of `path`, and what to do. Once in a
// process, before it has threads.
void LeaveLastWords(const std::string& path);

}  // namespace jalon::node
