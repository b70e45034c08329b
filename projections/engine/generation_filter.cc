#include "projections/engine/generation_filter.h"

namespace jalon::projections {
namespace {

class GenerationFilter final : public rocksdb::CompactionFilter {
 public:
  explicit GenerationFilter(DeadGenerations::Set dead) : dead_(std::move(dead)) {}

  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice&, std::string*,
              bool*) const override {
    const std::optional<Generation> generation = GenerationOf({key.data(), key.size()});
    return generation && dead_->contains(*generation);
  }
  const char* Name() const override { return "jalon.GenerationFilter"; }

 private:
  const DeadGenerations::Set dead_;
};

}  // namespace

void DeadGenerations::Add(Generation generation) {
  const MutexLock lock(mutex_);
  auto more = std::make_shared<std::set<Generation>>(*dead_);
  more->insert(generation);
  dead_ = std::move(more);
}

DeadGenerations::Set DeadGenerations::Get() const {
  const MutexLock lock(mutex_);
  return dead_;
}

std::unique_ptr<rocksdb::CompactionFilter> GenerationFilterFactory::CreateCompactionFilter(
    const rocksdb::CompactionFilter::Context&) {
  DeadGenerations::Set dead = dead_->Get();
  if (dead->empty()) return nullptr;
  return std::make_unique<GenerationFilter>(std::move(dead));
}

}  // namespace jalon::projections
