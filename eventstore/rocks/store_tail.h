// Cuts the half-written end of a RocksDB of one table that syncs each write before the next, and
// puts a row with each.
//
// A power cut may leave the last, never synced record of its WAL half written. An opening refuses a
// bad checksum there as anywhere, since it cannot know what the bytes were. Nobody was told of a
// write before it was synced, so what is cut is one write at most, which nobody was told of; unless
// it had been synced and rotted since: that `check` has to know, of somebody who saw what was
// there.
//
// The same may befall the last record of its MANIFEST (manifest_tail.h), at the same time or alone:
// then no write is cut. It is cut only if no row hangs on it (rows_left_out.h), so not where it had
// been synced and rotted since: whole tables would be lost, of which `check` may not know. One with
// sound records behind its damage stays refused, and needs a copy of the whole store: also where a
// power cut left it, of several records that were to be synced at once.
//
// No copy of what is cut is kept: it may hold what has to be gone for good once it is destroyed.
//
// Thread safety: one call at a time, and nobody else has the store open.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "eventstore/base/result.h"

namespace rocksdb {
class DB;
class Status;
struct Options;
}  // namespace rocksdb

namespace jalon::eventstore::rocks {

// For whoever opens such a store, first: Corruption where sound writes lie behind damage of its
// WAL, or rows hang on a damaged record of its MANIFEST. RocksDB takes a header of zeros, and a
// record that is cut short, for the end of what was written, and would go back in silence. OK if
// there is no store.
rocksdb::Status CheckBeforeOpening(const rocksdb::Options& options, const std::string& folder);

struct Store {
  std::string folder;
  const rocksdb::Options& options;  // under which it refuses damage
  // Of the store as it is after the cut, opened read-only: what it refuses is not cut. Asked before
  // the cut, and once more after it. May be empty.
  std::function<Result<void>(rocksdb::DB&)> check = {};
  std::string otherwise;  // what to do where the damage is no torn tail
};

// An end that nobody was told of.
struct StoreTail {
  uint64_t bytes = 0;     // of the WAL and the MANIFEST
  bool has_write = true;  // false: it is of the MANIFEST alone, and every write stays
  std::string damage;     // what an opening refuses
};

// What CutStoreTail would cut; changes nothing, and fails as that does.
Result<StoreTail> FindStoreTail(const Store& store);

// NOT_FOUND STORE_MISSING; FAILED_PRECONDITION STORE_SOUND if there is nothing to cut; DATA_LOSS
// STORE_CORRUPT if the damage is not in the last write, or the last record of the MANIFEST, on
// which no row hangs; those of `check`: then nothing was changed. UNAVAILABLE STORE_UNREADABLE: the
// disk, before the cut or after. DATA_LOSS STORE_CUT_UNSOUND: it was cut, and what is left does not
// open, or `check` refuses it.
Result<StoreTail> CutStoreTail(const Store& store);

}  // namespace jalon::eventstore::rocks
