// All entries and tiles of an export against its checkpoint, and which of them is to blame where
// they are not those that were signed.
//
// Thread safety: one call, which starts threads of its own.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "eventstore/trail/verify/bundle.h"
#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

// What was learnt on the way; complete only if `hold`.
struct Entries {
  bool hold = false;               // the entries are those that were signed
  std::map<uint64_t, Hash> roots;  // by size, of those wanted
  std::map<uint64_t, Hash> leaves;
};

// Reads the tree of the checkpoint, and adds what is wrong to the report.
// Fails if a file cannot be read, or the question's progress ends it.
Result<Entries> CheckEntries(const Question& question, const Checkpoint& checkpoint,
                             const Wanted& wanted, Report* report);

}  // namespace jalon::trail
