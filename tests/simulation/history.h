// What the clients of a run saw, and what a fresh reader of the log counts: all that the checker is
// given. It knows nothing of writers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/writer/counter_testing.h"

namespace jalon::eventstore::simulation {

using testing::CounterChange;

// A command of one client under one request id, however often it is sent.
struct Operation {
  std::string request_id;
  std::vector<CounterChange> changes;
};

struct Answer {
  Outcome::Kind kind = Outcome::Kind::kFailed;
  uint64_t seq = 0;  // accepted: its position; refused, nothing to do: the state decided on
  int64_t recorded_at = 0;
  std::string reply;
  std::string refused_key;    // refused: the first counter that would have left its range
  int64_t refused_value = 0;  // and what it was at
  std::string reason;         // failed
  Micros given_at{};          // by the writer
};

// One sending of an operation to one node.
struct Attempt {
  size_t operation = 0;
  uint64_t writer = 0;  // that answered it
  Micros sent_at{};
  std::optional<Answer> answer;
  std::optional<Micros> received_at;  // nothing: the answer was lost, or there was none
};

struct RecordedChange {
  std::string key;
  int64_t delta = 0;
  uint64_t version = 0;
};

// One counted record; a barrier has neither request id nor changes.
struct Record {
  uint64_t seq = 0;
  int64_t recorded_at = 0;
  std::string request_id;
  std::string reply;
  std::vector<RecordedChange> changes;
};

// Acknowledged entries were cut off the log, by intent.
struct Cut {
  Micros at{};
  bool told = false;                        // every reader that had read more is told, once
  uint64_t last_seq = 0;                    // the last one counted before the cut
  std::map<uint64_t, uint64_t> seen_ahead;  // writers that had counted more then: up to which seq
};

struct History {
  std::vector<Operation> operations;
  std::vector<Attempt> attempts;
  std::vector<Record> log;
  std::optional<Cut> cut;
};

}  // namespace jalon::eventstore::simulation
