// Whether rows hang on what a damaged MANIFEST does not say any more, read up to its damage.
//
// RocksDB flushes rows to a table, syncs it, syncs the record of the MANIFEST that names it, and
// only then removes the WAL they came from. So where that record was never synced, the WAL is still
// there. Where it was, and has rotted since, the WAL is gone: then either later rows stand in a
// later WAL, and those in between in none; or there are none, and the table is still there, named
// by nothing, with rows behind all that is left. Of a compaction it is the tables before that are
// gone: a store whose MANIFEST still names those does not open, and one that names none has a table
// there that only a compaction makes.
//
// What shows no damage is not asked about: a MANIFEST that lost whole synced records, cut at a
// record's end or zeroed up to its own. No power cut does that.
//
// Thread safety: one call at a time, and nobody else has the store open.
#pragma once

#include <string>

namespace rocksdb {
class Status;
struct Options;
}  // namespace rocksdb

namespace jalon::eventstore::rocks {

// OK if none does; Corruption if some do, or if that cannot be told. Changes nothing.
// REQUIRES: each write puts a row, and no later one of the same write removes it.
rocksdb::Status CheckNoRowLeftOut(const rocksdb::Options& options, const std::string& folder);

}  // namespace jalon::eventstore::rocks
