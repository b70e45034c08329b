// Reads a damaged MANIFEST up to where it is sound, where nothing sound lies behind.
//
// A power cut may leave the last, never synced record of the MANIFEST half written, as it may that
// of the WAL (store_tail.h). RocksDB tolerates one that is cut short and refuses one whose checksum
// is wrong, however it is told to recover: it drops what lies behind damage in a WAL only. Of what
// the database holds nothing hangs on such a record: RocksDB removes no file, and reports no flush,
// before the record that says so is synced.
//
// Thread safety: any thread.
#pragma once

#include <memory>

namespace rocksdb {
class Env;
}

namespace jalon::eventstore::rocks {

// The file system of `base` but for the reading of a MANIFEST; base must outlive it, and it the
// database. One with sound records behind its damage is read as it is, and so refused. A database
// that is opened with this to be written gets a new MANIFEST, and so is rid of the damage.
std::unique_ptr<rocksdb::Env> UpToManifestDamage(rocksdb::Env* base);

// The same, and there is no WAL: what is read is what the tables hold that the MANIFEST names. Only
// for what is opened read-only.
std::unique_ptr<rocksdb::Env> UpToManifestDamageWithoutWal(rocksdb::Env* base);

}  // namespace jalon::eventstore::rocks
