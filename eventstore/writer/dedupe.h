// The accepted requests of a partition: what a repeat is told, and that it is one.
//
// A request is known from the moment its record is encoded (in flight), for good once that record
// counts (a row of the state), until its id is too old to be executed at all: then the row is
// pruned, by the log's own time. Refused requests are not remembered.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/writer/state_store.h"

namespace jalon::eventstore {

struct AcceptedRequest {
  Seq seq;
  Micros recorded_at{};
  Hash body_mac{};
  std::string reply;
};

class Dedupe {
 public:
  struct Known {
    AcceptedRequest request;
    bool in_flight = false;
  };
  // One request held in memory; valid until Flushed or Forget.
  using Node = std::pair<const std::string, Known>;

  Dedupe(Partition partition, StateStore& store);

  // The newest request id that the store may hold, milliseconds (StateCheckpoint).
  uint64_t newest_stored_ms() const { return newest_stored_ms_; }
  void set_newest_stored_ms(uint64_t millis) { newest_stored_ms_ = millis; }

  // The request, or null; valid until the next call.
  Result<const Known*> Find(std::string_view tenant, std::string_view request_id);

  // A request whose record is now in flight. REQUIRES: Find gave null.
  Node* Add(std::string_view tenant, std::string_view request_id, AcceptedRequest request);
  // Its record counts; or never will.
  void Count(Node* node);
  void Forget(Node* node);
  // A request whose record counts and was not in flight here.
  void Set(std::string_view tenant, std::string_view request_id, AcceptedRequest request);

  size_t unflushed_bytes() const { return unflushed_bytes_; }
  // Appends the rows of requests counted since the last flush, and the deletion of up to
  // `prune_max` that are too old at `log_time`; Flushed says that they are stored.
  Result<void> Changes(Micros log_time, size_t prune_max, std::vector<RowChange>* changes);
  void Flushed();

 private:
  const Partition partition_;
  StateStore& store_;
  std::unordered_map<std::string, Known> known_;  // by stored key: in flight or not yet flushed
  std::vector<Node*> unflushed_;
  size_t unflushed_bytes_ = 0;
  uint64_t newest_stored_ms_ = 0;
  std::string pruned_to_;  // nothing is stored before this key
  Known found_;            // what Find read from the store
  std::string key_;        // scratch
};

}  // namespace jalon::eventstore
