// The disk a benchmark writes to, and what it can do by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/bench/words.h"

namespace jalon::bench {

// An empty folder of that name in the one that --data names. Nothing on a file system in memory,
// where durable figures would mean nothing: that is said on standard error.
std::optional<std::string> FreshFolder(const Words& given, const std::string& name);

// Median time of a 4 KiB write and fdatasync in `folder`, microseconds.
double FdatasyncP50Us(const std::string& folder);

// Records per second that RocksDB alone stores: synced batches of 1,000 records of `record_bytes`.
double RocksBatchesPerSecond(const std::string& folder, size_t record_bytes, uint32_t batches);

}  // namespace jalon::bench
