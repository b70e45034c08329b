// What a stopped server left on its disk, read without it.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "services/api/sealed_testing.h"
#include "tests/faults/history_checker.h"

namespace jalon::faults {

struct LeftBehind {
  Held held;                // every request id in the log, at every place it stands; the heads
  api::SealedCount sealed;  // in every event, under the keys that are there
};

// REQUIRES: no server runs on the data folder.
Result<LeftBehind> ReadLeftBehind(const std::string& data);

}  // namespace jalon::faults
