// A log whose entries say where they belong, so that a test knows what each must be.
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "eventstore/log/log.h"
#include "eventstore/log/rocks/rocks_log.h"

namespace jalon::eventstore::testing {

inline constexpr uint32_t kNumberedPartitions = 3;

// How many entries, the genesis included, each partition must have at least.
using Heads = std::array<uint64_t, kNumberedPartitions>;

// The entry that belongs at this place: its text and a padding that depends on it.
std::string NumberedText(uint32_t partition, uint64_t offset);

Birth NumberedBirth();

// Appends so many entries to each partition, one by one or in one call, and waits until they are
// durable.
void AppendNumbered(Log& log, uint64_t count, bool one_by_one);

// Empty if the log serves at least `heads`, and each entry is what belongs there, read partition by
// partition and followed all at once. "refused: ..." if reading fails; "lost: ..." otherwise.
std::string CheckNumbered(Log& log, const Heads& heads);

// What a follower in a child has seen, per partition; the parent reads it after the kill.
struct Seen {
  std::array<std::atomic<uint64_t>, kNumberedPartitions> heads;
  std::atomic<uint64_t> appended = 0;
};
Heads HeadsOf(const Seen& seen);

// Opens the log, checks it against what was seen before, and writes on for ever from one thread per
// partition.
std::string WriteOn(const std::string& folder, const RocksLogOptions& options, Seen& seen);

// Opens and checks; writes on; opens and checks again. "refused: ..." if opening fails.
std::string OpenAndCheck(const std::string& folder, const Heads& heads,
                         const RocksLogOptions& options = {});

}  // namespace jalon::eventstore::testing
