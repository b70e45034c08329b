// The witness: a small mapped file beside the database that says how far the log was durable. A
// start refuses a log that ends before it, or holds another entry there: RocksDB alone opens well
// on some damaged files with acknowledged rows gone.
//
// Two slots of 64 bytes, at 0 and 512, written in turn; the valid one with the higher number
// counts:
//
//   "jalonwit" (8) ‖ commit number (8, big-endian) ‖ hash (32) ‖ check (16)
//
// `hash` is the SHA-256 of that row: its key, then its value (row.h). `check` is the first half of
// the SHA-256 of the 48 bytes before it.
//
// Durability: written after each group's fsync, not synced itself: it survives the process, and
// after a power cut it may be older than the log, never newer.
// Thread safety: none; one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "eventstore/base/hash.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore::rocks {

struct Testimony {
  uint64_t commit = 0;
  Hash hash{};

  bool operator==(const Testimony&) const = default;
};

class Witness {
 public:
  static Result<void> Create(const std::string& path, const Testimony& first);
  // Locks the file: FAILED_PRECONDITION LOG_IN_USE if another process has it. DATA_LOSS LOG_CORRUPT
  // if neither slot is valid or the file is not there.
  static Result<std::unique_ptr<Witness>> Open(const std::string& path);
  // What a witness says, without locking it.
  static Result<Testimony> Read(const std::string& path);
  ~Witness();

  const Testimony& Last() const { return last_; }
  void Write(const Testimony& testimony);

 private:
  Witness(int file, char* slots, const Testimony& last) : file_(file), slots_(slots), last_(last) {}

  const int file_;
  char* const slots_;  // the mapped file
  Testimony last_;
  int turn_ = 0;
};

}  // namespace jalon::eventstore::rocks
