// Entries read from disk: in commit order for several partitions, or along its runs for one.
//
// Thread safety: none; a Scan belongs to one reader.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "eventstore/log/read_budget.h"
#include "eventstore/log/rocks/database.h"
#include "eventstore/log/rocks/ring.h"

namespace jalon::eventstore::rocks {

// Makes blobs of copied bytes, many to one allocation; they live as long as any of them is held.
class BlobChunks {
 public:
  Blob Copy(std::string_view bytes);

 private:
  static constexpr size_t kChunk = 128;
  std::shared_ptr<std::vector<std::string>> chunk_;
};

// An entry that must be there is not, or is not where it belongs.
Error MissingEntry(uint64_t commit);

class Scan {
 public:
  // Sees what is in the database now; it must outlive the scan.
  explicit Scan(const Database& database);

  // Appends what the cursor wants, up to commit number `end`, and moves it on. DATA_LOSS if an
  // entry is damaged or missing.
  Result<void> Read(Cursor& cursor, uint64_t end, ReadBudget& budget,
                    std::vector<StoredEntry>* entries);
  // Appends what the partition has from `*next` on, and moves that on.
  Result<void> Read(Partition partition, uint64_t* next, uint64_t end, ReadBudget& budget,
                    std::vector<StoredEntry>* entries);

 private:
  Result<bool> MoveTo(uint64_t commit);
  Result<Row> RowAt(uint64_t commit) const;
  Result<bool> FindRun(Partition partition, uint64_t offset);

  const std::unique_ptr<rocksdb::Iterator> runs_;  // before entries_: a run's entries are there
  const std::unique_ptr<rocksdb::Iterator> entries_;
  uint64_t at_ = UINT64_MAX;  // where entries_ stands
  Run run_;                   // where runs_ stands
  BlobChunks blobs_;
};

}  // namespace jalon::eventstore::rocks
