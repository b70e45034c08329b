// Where the writer's rows rest between restarts: one row per aggregate and the checkpoint they are
// current as of, always written together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/classify.h"

namespace jalon::eventstore {

// What the rows of a partition reflect: every record up to `head`, folded by `version`.
struct StateCheckpoint {
  ChainHead head;
  uint32_t version = 0;
  Bytes log_incarnation;
  int64_t recorded_at = 0;         // of the last counted record, microseconds
  uint64_t newest_request_ms = 0;  // no stored dedupe row has a newer request id

  bool operator==(const StateCheckpoint&) const = default;
};

struct StoredRow {
  std::string key;
  std::string value;

  bool operator==(const StoredRow&) const = default;
};

// A row to write; no value: to delete.
struct RowChange {
  std::string key;
  std::optional<std::string> value;
};

// Thread safety: calls for different partitions may come from different threads.
// Durability: Write need not be synced (the log is the truth), but must be atomic:
// after a crash a partition's rows and checkpoint are those of one and the same Write, or of an
// earlier one.
class StateStore {
 public:
  virtual ~StateStore() = default;
  virtual Result<std::optional<std::string>> Get(Partition partition, std::string_view key) = 0;
  // Rows with first <= key < last, in the order of their bytes, at most `rows_max`.
  virtual Result<std::vector<StoredRow>> Scan(Partition partition, std::string_view first,
                                              std::string_view last, size_t rows_max) = 0;
  virtual Result<void> Write(Partition partition, const std::vector<RowChange>& changes,
                             const StateCheckpoint& checkpoint) = 0;
  virtual Result<std::optional<StateCheckpoint>> Checkpoint(Partition partition) = 0;
  // Drops the checkpoint and then every row of the partition; if the process dies in between, rows
  // without a checkpoint are left, which whoever finds none clears again.
  virtual Result<void> Clear(Partition partition) = 0;
};

}  // namespace jalon::eventstore
