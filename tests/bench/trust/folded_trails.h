// Trails as a node holds them: a log, the view that folds it, and a signer, each at rest in a
// folder; and the handler of TrailService.GetInclusionProof over them, without gRPC.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "eventstore/base/ids.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/rocks_store.h"
#include "services/api/queries/engine_views.h"
#include "services/api/queries/registry.h"
#include "services/api/queries/vault_testing.h"

namespace jalon::bench {

// The company of that number: trails lie in the order of companies' ids, which are random.
Bytes CompanyOf(uint64_t number);

// Makes trails, as the records of a writer: a hundred entries each, of `payload_bytes` on average.
class TrailLog {
 public:
  // A log in a new folder below `folder`.
  static void Create(const std::string& folder);
  explicit TrailLog(const std::string& folder);

  // So many entries more for a company that has none.
  void Append(const Bytes& company, uint64_t entries);
  // What Append left for a full record.
  void Flush();

 private:
  std::unique_ptr<eventstore::RocksLog> log_;
  projections::testing::LogWriter writer_;
  std::vector<log::v1::Event> record_;
};

// What a call took, in microseconds.
struct Taken {
  double wall_us = 0;
  double cpu_us = 0;  // of its thread: the same on a machine that others use too
};

// What a process that serves them has open. It folds to the end of the log first.
class FoldedTrails {
 public:
  explicit FoldedTrails(const std::string& folder);
  ~FoldedTrails();

  // The handler's time for one proof in the trail as it is now, which is answered with its signed
  // checkpoint: from the look at the views until the answer is put together. The process aborts
  // unless the proof verifies.
  Taken Prove(const Bytes& company, uint64_t index);

 private:
  std::unique_ptr<eventstore::RocksLog> log_;
  std::unique_ptr<projections::RocksViewStore> store_;
  std::unique_ptr<const projections::ViewSet> views_;
  std::unique_ptr<projections::Projector> projector_;
  std::unique_ptr<api::EngineViews> engine_;
  std::unique_ptr<eventstore::Signer> signer_;

  const api::Queries queries_ = api::AllQueries();
  api::TestVault vault_;
  const api::Opener opener_{vault_};
  const SystemClock clock_;
  const api::PageTokens tokens_{vault_, clock_};
  api::Definitions definitions_;
};

// Tells the system to keep no page of the files below `folder` in memory.
void DropCached(const std::string& folder);

}  // namespace jalon::bench
