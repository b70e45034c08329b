// The disk a benchmark writes to, and what it can do by itself.
#pragma once

#include <cstdint>
#include <string>

namespace jalon::bench {

// False on a file system in memory: durable figures would mean nothing there.
bool IsOnDisk(const std::string& folder);

// Median time of a 4 KiB write and fdatasync in `folder`, microseconds.
double FdatasyncP50Us(const std::string& folder);

// Records per second that RocksDB alone stores: synced batches of 1,000 records of `record_bytes`.
double RocksBatchesPerSecond(const std::string& folder, size_t record_bytes, uint32_t batches);

}  // namespace jalon::bench
