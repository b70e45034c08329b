// Clients' histories against a log on Kafka that nobody writes any more.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "tests/faults/history_checker.h"
#include "tests/faults/left_behind.h"

namespace jalon::faults {

struct Judged {
  Verdict verdict;
  LeftBehind left;
  uint32_t partitions = 0;
};

// `log`: kafka://HOST:PORT/PREFIX. `vault`: the data folder of its vault, which must have ended.
// Several servers wrote it. What no key opens is a fault too.
Result<Judged> JudgeKafka(const std::string& log, const std::string& vault,
                          const std::vector<History>& clients,
                          std::set<std::string> may_be_refused);

// "12 acknowledged, 3 refused, 0 unknown, 0 lost, 0 doubled", and what else was counted.
std::string CountsOf(const Judged& judged);

}  // namespace jalon::faults
