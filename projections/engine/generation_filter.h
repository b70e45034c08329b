// Drops the rows of dead generations whenever RocksDB compacts.
#pragma once

#include <rocksdb/compaction_filter.h>

#include <memory>
#include <set>

#include "eventstore/base/mutex.h"
#include "projections/engine/layout.h"

namespace jalon::projections {

// Which generations are dead. A generation never comes back to life.
//
// Thread safety: any thread.
class DeadGenerations {
 public:
  using Set = std::shared_ptr<const std::set<Generation>>;

  // REQUIRES: nobody reads `generation`, and what serves instead is durable.
  void Add(Generation generation);
  Set Get() const;

 private:
  mutable Mutex mutex_;
  Set dead_ JALON_GUARDED_BY(mutex_) = std::make_shared<const std::set<Generation>>();
};

// Each compaction sees the generations that were dead when it began.
class GenerationFilterFactory final : public rocksdb::CompactionFilterFactory {
 public:
  explicit GenerationFilterFactory(std::shared_ptr<const DeadGenerations> dead)
      : dead_(std::move(dead)) {}
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& context) override;
  const char* Name() const override { return "jalon.GenerationFilter"; }

 private:
  const std::shared_ptr<const DeadGenerations> dead_;
};

}  // namespace jalon::projections
