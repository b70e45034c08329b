// A signer's memory in a RocksDB of its own, synced.
//
// Rows: origin → size (8, big endian) ‖ root (32). Example: 100,000 trails are 15 MB on disk, and
// none of it needs to be in memory.
#pragma once

#include <memory>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/rocks/store_tail.h"
#include "eventstore/signer/signer_memory.h"

namespace rocksdb {
class Env;
}

namespace jalon::eventstore {

class RocksSignerMemory : public SignerMemory {
 public:
  // It has never been told anything.
  virtual Result<bool> IsEmpty() = 0;
};

// Opens one that is there: one that was lost is never begun anew. UNAVAILABLE SIGNER_UNAVAILABLE,
// here and from every call, if the disk does not do what it must; after a write that failed every
// other one fails too. `env`, for tests: a disk that is watched or fails; it outlives the memory.
Result<std::unique_ptr<RocksSignerMemory>> OpenRocksSignerMemory(const std::string& folder,
                                                                 rocksdb::Env* env = nullptr);
// Makes an empty one in a folder that is there, or opens what is in it. Otherwise as above.
// Durability: its name survives a crash once it returned.
Result<std::unique_ptr<RocksSignerMemory>> MakeRocksSignerMemory(const std::string& folder,
                                                                 rocksdb::Env* env = nullptr);

// Cuts the half-written end that a power cut left of one that nobody has open; with `dry_run` only
// says what it would cut. Errors: those of rocks::CutStoreTail.
//
// It is one write at most, of which nothing was released. If that had been synced, and has rotted
// since, the memory falls back to the one before: the log has all that was signed then, and is
// signed on from there. Only together with a log that lost entries too would it be signed twice.
// Where only its MANIFEST is damaged it is no write at all: what is remembered stays.
Result<rocks::StoreTail> RepairSignerMemory(const std::string& folder, bool dry_run);

}  // namespace jalon::eventstore
