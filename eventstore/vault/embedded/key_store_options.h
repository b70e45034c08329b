// How the key store's RocksDB is opened, by whoever opens it.
#pragma once

#include <rocksdb/options.h>

namespace jalon::eventstore {

// Refuses damage, and makes a store that is not there.
rocksdb::Options KeyStoreOptions();

}  // namespace jalon::eventstore
