// What a stopped server left on its disk, read without it.
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "eventstore/vault/vault.h"
#include "services/api/sealed_testing.h"
#include "tests/faults/history_checker.h"

namespace jalon::faults {

struct LeftBehind {
  Held held;  // every request id in the log, at every place where it counts; the heads
  std::vector<Micros> voids;  // when each record was decided that does not count
  uint64_t claims = 0;
  api::SealedCount sealed;  // in every event, under the keys that are there
};

// REQUIRES: no server runs on the data folder.
Result<LeftBehind> ReadLeftBehind(const std::string& data);

// What a log holds now, whose keys that vault has.
Result<LeftBehind> ReadLog(eventstore::Log& log, const eventstore::Birth& birth,
                           eventstore::Vault& vault);

}  // namespace jalon::faults
