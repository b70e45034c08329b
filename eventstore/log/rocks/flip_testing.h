// Flips bits of a small log's files, one at a time, and sees whether it notices.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "eventstore/log/rocks/numbered_testing.h"

namespace jalon::eventstore::testing {

// A closed log's files by their path in its folder.
using Files = std::map<std::string, std::string>;

struct SmallLog {
  Files files;
  Heads heads{};            // all of it was acknowledged
  std::string old_witness;  // the witness before the last writes, as a power cut may leave it
};

// Some tens of entries in table files of several ages, some in the WAL. Made in a child process.
SmallLog MakeSmallLog();

Files ReadFiles(const std::string& folder);
void WriteFiles(const Files& files, const std::string& folder);

struct Verdicts {
  uint64_t served = 0, refused = 0, aborted = 0;
  std::vector<std::string> lost;  // which flip, and what was wrong

  uint64_t Flips() const { return served + refused + aborted + lost.size(); }
  void Add(const Verdicts& more);
};

// Opens the log with that bit flipped, in a child process, and counts what became of it.
void Flip(const SmallLog& log, const std::string& file, uint64_t bit, RocksLogOptions options,
          Verdicts* verdicts);

// `count` bits spread evenly over the file, or all of them if it has fewer.
Verdicts FlipSome(const SmallLog& log, const std::string& file, uint64_t count,
                  const RocksLogOptions& options = {});

// The log's only WAL, and which of its bytes are what.
std::string WalOf(const SmallLog& log);
struct WalLayout {
  std::vector<uint64_t> headers;  // each record's checksum, length and type
  std::vector<uint64_t> payload;  // records' own bytes
};
WalLayout WalBytes(const SmallLog& log);

}  // namespace jalon::eventstore::testing
