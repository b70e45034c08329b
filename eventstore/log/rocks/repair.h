// Cuts a damaged tail that nobody was told of: what 'jalon log repair --cut-tail' does.
//
// A power cut may leave the last, never acknowledged bytes of the WAL half written. A start refuses
// a bad checksum there as anywhere, since it cannot know what the bytes were. The witness, and the
// checkpoints of state and views, do: if all of them lie before the damage, nothing acknowledged is
// behind it. Since each group is synced before the next is written, what is cut is one group at
// most: whole groups behind the damage show that it is no torn tail. The same may befall the last
// record of the MANIFEST (eventstore/rocks/manifest_tail.h): then every entry is read, since none
// may hang on it.
//
// Thread safety: one call at a time; it locks the log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/log/classify.h"
#include "eventstore/log/rocks/options.h"

namespace jalon::eventstore {

// Somebody who has counted a partition up to there.
struct NamedWitness {
  std::string name;  // for people: "state of partition 3"
  Partition partition;
  ChainHead head;
};

// A tail that nobody was told of.
struct TornTail {
  uint64_t entries_kept = 0;
  uint64_t entries_witnessed = 0;  // of those kept, how many the log's own witness saw durable
  uint64_t bytes_cut = 0;          // of the WAL and the MANIFEST
  bool tables = false;             // the MANIFEST is cut, so tables that it named may go
  std::string damage;              // what a start refuses
};

struct CutReport {
  TornTail tail;
  std::string evidence;  // the folder that keeps the damaged files as they were
};

// What RepairCutTail would cut; changes nothing, and fails as that does.
Result<TornTail> FindTornTail(const std::string& folder, const std::vector<NamedWitness>& witnesses,
                              const RocksLogOptions& options = {});

// Cuts the log in `folder` where its WAL or its MANIFEST is damaged, if every witness lies before.
// Keeps the files as they were in a folder under `cuts/`, and adds a line to `cuts/history`.
// FAILED_PRECONDITION LOG_SOUND if there is nothing to cut, LOG_IN_USE; DATA_LOSS
// LOG_BEHIND_WITNESS if a witness lies behind the damage, LOG_CORRUPT if the damage is not in the
// last group of the WAL or the last record of the MANIFEST: then nothing was changed.
Result<CutReport> RepairCutTail(const std::string& folder,
                                const std::vector<NamedWitness>& witnesses, const Clock& clock,
                                const RocksLogOptions& options = {});

}  // namespace jalon::eventstore
