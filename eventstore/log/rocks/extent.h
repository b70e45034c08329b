// How far a log reaches, and that nothing before is missing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/rocks/database.h"
#include "eventstore/log/rocks/witness.h"

namespace jalon::eventstore::rocks {

struct Extent {
  Birth birth;
  uint64_t next_commit = 0;     // how many entries there are
  std::vector<uint64_t> heads;  // per partition: how many
};

// Measures the log and checks what can be checked without reading all of it: each partition begins
// with its genesis, all of one birth; the table files follow one another without a gap and hold as
// many entries as their numbers say; so do the entries after them; and the partitions' heads add up
// to all entries. DATA_LOSS LOG_CORRUPT otherwise. Cost: the number of files, of partitions, and of
// entries since the last flush.
Result<Extent> MeasureExtent(const Database& database);

// DATA_LOSS LOG_BEHIND_WITNESS if the log ends before that row or holds another one there.
Result<void> CheckTestimony(const Database& database, const Extent& extent,
                            const Testimony& testimony);

// What a witness would say of the log now.
Result<Testimony> Testify(const Database& database, const Extent& extent);

// Opens the database in a log's folder, measures it and asks the witness. Read-only, it changes not
// a byte.
struct Opened {
  std::unique_ptr<Database> database;
  Extent extent;
};
Result<Opened> OpenChecked(const std::string& folder, Database::Mode mode,
                           const RocksLogOptions& options, const Testimony& testimony);

}  // namespace jalon::eventstore::rocks
