// The bytes of the access log: entries one after the other, each of which names the one before it.
//
// A segment holds the entries from the one that names its file:
//
//   access/00000000000000000001.entries   per entry: its length (u32, little-endian), the first 8
//                                         bytes of its SHA-256, and its bytes, an encoded
//                                         jalon.access.v1.AccessEntry
//   access/chain                          three lines of text:
//                                           jalon access chain 1
//                                           first 1 0000…0000
//                                           head 4711 9f3a…
//
// `previous` of an entry is the SHA-256 of the bytes of the entry before it, without what stands
// before those; of entry 1, 32 zero bytes. `first` is the oldest entry that is kept, and what it
// names as the one before it: older segments were dropped. `head` is the last entry that was
// synced, and its hash; more may follow it, and of those only may the last be half there.
//
// A chain says that nothing within it was changed, dropped or put elsewhere since its head was
// known. Whoever may write to the folder can make all of it anew, so keep the head somewhere else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/base/result.h"
#include "jalon/access/v1/access_entry.pb.h"

namespace jalon::access {

inline constexpr size_t kEntryBytesMax = 16 * 1024;
inline constexpr size_t kEntryHeadBytes = 12;  // length and check, before each
// Of whom one entry may tell that something was opened: more need more entries.
inline constexpr size_t kSubjectsPerEntryMax = 256;

// An entry and what names it.
struct Link {
  uint64_t seq = 0;
  Hash hash{};

  bool operator==(const Link&) const = default;
};

// Where the log begins and how far it is synced.
struct Chain {
  Link first{.seq = 1, .hash = {}};  // the hash of what stood before it
  Link head;                         // seq 0: nothing was synced yet

  bool operator==(const Chain&) const = default;
};

std::string ChainText(const Chain& chain);
// None if the text is no chain.
std::optional<Chain> ParseChain(std::string_view text);

std::string ChainPath(const std::string& folder);
std::string SegmentPath(const std::string& folder, uint64_t first_seq);

// Appends the entry with its length, and returns the hash of its bytes. REQUIRES: its bytes are at
// most kEntryBytesMax.
Hash AppendEntry(const v1::AccessEntry& entry, std::string* to);

// One entry in the bytes of a segment.
struct Stored {
  v1::AccessEntry entry;
  Hash hash{};
  size_t end = 0;  // where the next one begins
};
// The entry that begins there; none: the bytes end, or are no entry.
std::optional<Stored> ReadEntry(std::string_view segment, size_t at);

// By number, the segments of a folder. UNAVAILABLE ACCESS_LOG_UNAVAILABLE if it cannot be read.
Result<std::vector<uint64_t>> SegmentsIn(const std::string& folder);
// The first `bytes_max` bytes of a file; none: it is not there.
Result<std::optional<std::string>> ReadWhole(const std::string& path, size_t bytes_max = SIZE_MAX);

std::unexpected<Error> Unavailable(const std::string& what, int error_number);

}  // namespace jalon::access
