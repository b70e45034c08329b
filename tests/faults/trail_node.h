// A node as far as trails go, over one disk: a log, the views that fold it, and a signer with its
// memory, in the folders in which a server has them. It reports, publishes and signs as a server
// does, and releases what it signed.
//
// Thread safety: one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/signer/rocks/rocks_signer_memory.h"
#include "eventstore/signer/signer.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/rocks_store.h"
#include "projections/trail/trails_testing.h"
#include "services/api/placement.h"
#include "services/api/queries/engine_views.h"
#include "services/api/queries/receipts.h"
#include "services/api/queries/registry.h"
#include "services/api/queries/root_log.h"
#include "services/api/queries/vault_testing.h"
#include "tests/faults/log_trees.h"
#include "tests/faults/released.h"

namespace jalon::faults {

class TrailNode {
 public:
  struct Options {
    rocksdb::Env* env = nullptr;  // null: the disk as it is
    bool log_syncs = true;
  };

  // A log of which nobody has seen anything, and a signer that has signed nothing.
  static Result<void> Create(const std::string& data);
  // Opens what is there, and makes views where there are none; then claims. The errors of opening
  // the log, the views, the signer's memory, and of Projector::Open, in this order.
  static Result<std::unique_ptr<TrailNode>> Open(const std::string& data, const Options& options);

  // Appends a record with one to three entries, of trails of one school; it waits for nothing.
  void Report(std::mt19937_64& random);
  // Appends what has grown to the root log. Errors: those of reading.
  Result<void> Publish();
  // Folds what is durable now; all that was appended.
  Result<void> Fold();
  Result<void> FoldAll();

  // Errors, of all: those of reading and signing; then nothing was released.
  // Receipts of all records that are durable and have none yet, folded or not; those of the last
  // records again, after a start.
  Result<void> ReleaseReceipts(const ReleasedFile& to);
  // A trail's checkpoint; nothing where it has no entry.
  Result<void> ReleaseTrail(const Bytes& school, const Bytes& company, const ReleasedFile& to);
  Result<void> ReleaseRoot(const ReleasedFile& to);
  // Of everything.
  Result<void> ReleaseAll(const ReleasedFile& to);

  // That the log of that origin goes on, at `size`, from what it was: from the views.
  Result<trail::Proof> ConsistencyProof(const std::string& origin, uint64_t old_size,
                                        uint64_t size);

  const std::vector<Bytes> schools{projections::testing::kSchoolA, projections::testing::kSchoolB};
  const std::vector<Bytes> companies{projections::testing::kGarage, projections::testing::kBakery};

  eventstore::RocksLog& log() { return *log_; }
  eventstore::SignerMemory& memory() { return *memory_; }
  // How many entries the views had to fold once more at the start.
  uint64_t folds_again() const { return folds_again_; }
  size_t owed() const { return owed_.size(); }

 private:
  // Where the tree of a signed log is.
  struct Tree {
    Partition partition;
    Bytes scope;
    std::string_view view;
    Bytes name;
  };

  TrailNode(std::unique_ptr<eventstore::RocksLog> log,
            std::unique_ptr<projections::RocksViewStore> store, const eventstore::SigningKey& key,
            std::unique_ptr<eventstore::SignerMemory> memory);
  Result<void> Begin();
  // Up to where the views of a partition are.
  Result<Seq> Reflected(Partition partition);

  const std::unique_ptr<eventstore::RocksLog> log_;
  const Bytes deployment_ = log_->birth().cluster_id;
  const Partition system_{log_->birth().partition_count};
  const std::unique_ptr<projections::RocksViewStore> store_;
  const std::unique_ptr<const projections::ViewSet> views_;
  projections::Projector projector_;
  api::EngineViews engine_{projector_.publication()};
  eventstore::SignerMemory* const memory_;
  eventstore::Signer signer_;
  const api::TrailNames names_{.deployment = deployment_, .signer = &signer_};
  api::Placement placement_{log_->birth().partition_count, system_};
  api::Receipts receipts_;
  api::RootLog root_log_{{.views = engine_, .placement = placement_, .names = names_}};
  projections::testing::LogWriter writer_{*log_};
  std::map<std::pair<Bytes, Bytes>, uint64_t> sizes_;  // of the trails, by school and company
  std::map<std::string, Tree> trees_;                  // by origin
  std::vector<api::ReceiptsWanted> owed_;
  uint64_t folds_again_ = 0;

  const api::Queries queries_ = api::AllQueries();
  api::TestVault vault_;
  const api::Opener opener_{vault_};
  const SystemClock clock_;
  const api::PageTokens pages_{vault_, clock_};
  api::Definitions definitions_;
};

}  // namespace jalon::faults
