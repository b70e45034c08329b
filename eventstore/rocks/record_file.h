// Looks into RocksDB's record files, the WAL and the MANIFEST, behind their damage, where RocksDB
// does not.
//
// Format (RocksDB's): blocks of 32 KiB; in them records of
//   masked CRC-32C (4) ‖ length (2) ‖ type (1) ‖ bytes     all little-endian
// of type FULL, or FIRST, MIDDLE ... LAST where one batch goes beyond its block. The check covers
// type and bytes. A batch of the WAL begins with
//   number of its first row (8) ‖ how many rows (4)        both little-endian
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"

namespace jalon::eventstore::rocks {

struct RecordDamage {
  uint64_t bytes = 0;  // from the first damaged record to the end; 0: every record is sound
  // Whether a batch begins behind that record. Where none does, the damage is within the last batch
  // that was written.
  bool batch_behind = false;

  bool operator==(const RecordDamage&) const = default;
};

// The damage of the database's WAL files, taken as one.
Result<RecordDamage> FindWalDamage(const std::string& database_path);
// That of the MANIFEST that its CURRENT names, whose records are of the same format: each is a
// change of what files there are.
Result<RecordDamage> FindManifestDamage(const std::string& database_path);
// RocksDB numbers rows from 1 on, in the order in which they were written. The last one of which
// the WAL files hold all from `behind` on, before their damage; `behind` if they go no further, and
// nothing if later rows are there, and not those in between.
Result<std::optional<uint64_t>> LastRowInWal(const std::string& database_path, uint64_t behind);
// The damage of one such file.
RecordDamage DamageIn(std::string_view records);

}  // namespace jalon::eventstore::rocks
