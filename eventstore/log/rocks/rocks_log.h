// The embedded log: one machine, one folder, no other server. Entries of all partitions go to one
// RocksDB, one fsync for each group of commands.
//
// The folder holds `db/`, the database (row.h), and `witness`, which says how far it was durable
// (witness.h). README.md tells what becomes of an entry if the process dies.
//
// Thread safety: as Log; Backup, CheckFiles and Stats from any thread.
// Durability: an entry is synced before it is seen. A failed write or sync ends the process.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "eventstore/log/rocks/options.h"
#include "eventstore/log/rocks/stats.h"

namespace jalon::eventstore {

class RocksLog final : public Log {
 public:
  // A new log in `folder`, with a genesis in each partition: there whole, or not at all.
  // ALREADY_EXISTS LOG_EXISTS if the folder is there.
  static Result<void> Create(const std::string& folder, const Birth& birth,
                             const RocksLogOptions& options = {});

  // Whether the folder is a backup, as Backup makes them.
  static bool IsBackup(const std::string& folder);

  // Puts what else belongs there into a new folder, before it gets its name.
  using Beside = std::function<Result<void>(const std::string& folder)>;

  // The same, each partition beginning with its genesis of these. `fill` may open the log under the
  // name that it is given, and write to it, but not keep it open.
  static Result<void> Create(const std::string& folder,
                             const std::vector<log::v1::Genesis>& geneses, const Beside& fill,
                             const RocksLogOptions& options = {});

  // Opens it for this process alone. First reads it without changing a byte, and refuses where
  // acknowledged entries are missing: DATA_LOSS LOG_CORRUPT, DATA_LOSS LOG_BEHIND_WITNESS. Also
  // NOT_FOUND LOG_NOT_BORN, FAILED_PRECONDITION LOG_IN_USE, LOG_IS_BACKUP.
  static Result<std::unique_ptr<RocksLog>> Open(const std::string& folder,
                                                const RocksLogOptions& options = {});

  // Opens it for reading, of what is there now: of a backup, or of a log whose node is stopped.
  // Append then fails FAILED_PRECONDITION LOG_READ_ONLY.
  static Result<std::unique_ptr<RocksLog>> OpenReadOnly(const std::string& folder,
                                                        const RocksLogOptions& options = {});

  // Commits what was handed over.
  ~RocksLog() override;

  Result<void> Append(Partition partition, std::vector<Blob> entries) override;
  Result<void> TakesEntries() override;
  Result<std::vector<StoredEntry>> ReadFrom(Partition partition, Offset first,
                                            ReadLimit limit) override;
  Result<std::unique_ptr<Follower>> Follow(std::vector<Start> from,
                                           std::function<void()> wake) override;
  Result<Offset> Head(Partition partition) override;

  const Birth& birth() const;
  RocksLogStats Stats() const;

  // Reads every table file from disk, past every cache, and checks its checksums; entries read
  // through the log may come from memory. DATA_LOSS LOG_CORRUPT names the file.
  Result<void> CheckFiles() const;

  // Copies the log, as of now, to a new folder, which OpenReadOnly and RestoreLog accept; what is
  // written meanwhile goes on. On one file system the tables are shared by hard links. The copy is
  // checked as Open does; verify.h reads all of it. `beside` is called after the log was copied.
  // ALREADY_EXISTS LOG_EXISTS if the folder is there.
  Result<void> Backup(const std::string& folder, const Beside& beside = nullptr);

 private:
  class Impl;
  explicit RocksLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalon::eventstore
