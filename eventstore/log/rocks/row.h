// The bytes of the log's two tables. Numbers are big-endian, so that keys sort as numbers do.
//
//   entries   commit number (8)                    → partition (4) ‖ offset (8) ‖ entry
//   runs      partition (4) ‖ first offset (8)     → first commit number (8) ‖ count (4)
//
// Commit numbers count all entries of all partitions from 0 without a gap, in the order they were
// written. A run is what one group of commits holds of one partition: neighbours in both numbers.
//
// Worked example. A log of 2 partitions is born: commit 0 is the genesis of partition 0, commit 1
// that of partition 1. Then one group brings two entries "ab" and "c" to partition 1:
//
//   entries  00 00 00 00 00 00 00 02 → 00 00 00 01  00 00 00 00 00 00 00 01  61 62
//            00 00 00 00 00 00 00 03 → 00 00 00 01  00 00 00 00 00 00 00 02  63
//   runs     00 00 00 01  00 00 00 00 00 00 00 01 → 00 00 00 00 00 00 00 02  00 00 00 02
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "eventstore/base/ids.h"

namespace jalon::eventstore::rocks {

// Writes `number` at `out`, and reads it from `at` on, where all its bytes are.
template <typename Number>
void StoreBigEndian(Number number, char* out) {
  static_assert(std::endian::native == std::endian::little);
  const Number swapped = std::byteswap(number);
  std::memcpy(out, &swapped, sizeof swapped);
}
template <typename Number>
Number LoadBigEndian(std::string_view bytes, size_t at = 0) {
  Number swapped;
  std::memcpy(&swapped, &bytes[at], sizeof swapped);
  return std::byteswap(swapped);
}

using EntryKey = std::array<char, 8>;
using EntryHead = std::array<char, 12>;  // what stands before the entry's own bytes
using RunKey = std::array<char, 12>;
using RunValue = std::array<char, 12>;

template <size_t kSize>
std::string_view View(const std::array<char, kSize>& bytes) {
  return {bytes.data(), bytes.size()};
}

inline EntryKey EncodeEntryKey(uint64_t commit) {
  EntryKey key;
  StoreBigEndian(commit, key.data());
  return key;
}
inline EntryHead EncodeEntryHead(Partition partition, Offset offset) {
  EntryHead head;
  StoreBigEndian(partition.value, head.data());
  StoreBigEndian(offset.value, head.data() + 4);
  return head;
}
inline RunKey EncodeRunKey(Partition partition, Offset first) {
  return EncodeEntryHead(partition, first);  // the same two numbers
}

struct Row {
  Partition partition;
  Offset offset;
  std::string_view entry;
};
struct Run {
  Partition partition;
  Offset first;
  uint64_t first_commit = 0;
  uint32_t count = 0;

  uint64_t End() const { return first.value + count; }
};

inline RunValue EncodeRunValue(const Run& run) {
  RunValue value;
  StoreBigEndian(run.first_commit, value.data());
  StoreBigEndian(run.count, value.data() + 8);
  return value;
}

// Nothing if the bytes have another length than these have.
inline std::optional<uint64_t> DecodeEntryKey(std::string_view key) {
  if (key.size() != sizeof(EntryKey)) return std::nullopt;
  return LoadBigEndian<uint64_t>(key);
}
inline std::optional<Row> DecodeRow(std::string_view value) {
  if (value.size() < sizeof(EntryHead)) return std::nullopt;
  return Row{Partition{LoadBigEndian<uint32_t>(value)}, Offset{LoadBigEndian<uint64_t>(value, 4)},
             value.substr(sizeof(EntryHead))};
}
inline std::optional<Run> DecodeRun(std::string_view key, std::string_view value) {
  if (key.size() != sizeof(RunKey) || value.size() != sizeof(RunValue)) return std::nullopt;
  return Run{Partition{LoadBigEndian<uint32_t>(key)}, Offset{LoadBigEndian<uint64_t>(key, 4)},
             LoadBigEndian<uint64_t>(value), LoadBigEndian<uint32_t>(value, 8)};
}

}  // namespace jalon::eventstore::rocks
