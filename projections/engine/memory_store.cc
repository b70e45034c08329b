#include "projections/engine/memory_store.h"

#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/base/check.h"

namespace jalon::projections {

class MemoryViewStore::Batch final : public StoreBatch {
 public:
  void Put(std::string_view key, std::string_view value) override {
    changes.push_back({std::string(key), std::string(value)});
  }
  void Delete(std::string_view key) override { changes.push_back({std::string(key), {}}); }
  void Clear() override { changes.clear(); }

  Changes changes;
};

class MemoryViewStore::Run final : public RunWriter {
 public:
  Result<void> Put(std::string_view key, std::string_view value) override {
    return Add({std::string(key), std::string(value)});
  }
  Result<void> Delete(std::string_view key) override { return Add({std::string(key), {}}); }
  Result<void> Finish() override {
    JALON_CHECK(!changes.empty());
    return {};
  }
  uint64_t bytes() const override { return bytes_; }

  Changes changes;

 private:
  Result<void> Add(Change change) {
    JALON_CHECK(changes.empty() || changes.back().key < change.key);
    bytes_ += change.key.size() + (change.value ? change.value->size() : 0);
    changes.push_back(std::move(change));
    return {};
  }
  uint64_t bytes_ = 0;
};

class MemoryViewStore::Snap final : public StoreSnapshot {
 public:
  Snap(MemoryViewStore& store, uint64_t number) : store_(store), number_(number) {}
  ~Snap() override {
    const MutexLock lock(store_.mutex_);
    store_.snapshots_.erase(store_.snapshots_.find(number_));
  }

  Result<std::optional<std::string>> Get(std::string_view key) const override {
    const MutexLock lock(store_.mutex_);
    const auto found = store_.rows_.find(key);
    if (found == store_.rows_.end()) return std::nullopt;
    const std::optional<std::string>* value = store_.At(found->second, number_);
    return value == nullptr ? std::nullopt : *value;
  }
  Result<void> Scan(std::string_view from, std::string_view until,
                    const Visit& visit) const override {
    for (const auto& [key, value] : Range(from, until)) {
      if (!visit(key, value)) break;
    }
    return {};
  }

 private:
  // Copied, so that a visitor may read the store.
  std::vector<std::pair<std::string, std::string>> Range(std::string_view from,
                                                         std::string_view until) const {
    std::vector<std::pair<std::string, std::string>> range;
    const MutexLock lock(store_.mutex_);
    for (auto at = store_.rows_.lower_bound(from); at != store_.rows_.end(); ++at) {
      if (!until.empty() && at->first >= until) break;
      const std::optional<std::string>* value = store_.At(at->second, number_);
      if (value != nullptr && *value) range.emplace_back(at->first, **value);
    }
    return range;
  }

  MemoryViewStore& store_;
  const uint64_t number_;
};

MemoryViewStore::MemoryViewStore() = default;
MemoryViewStore::~MemoryViewStore() = default;

std::unique_ptr<StoreBatch> MemoryViewStore::NewBatch() { return std::make_unique<Batch>(); }

const std::optional<std::string>* MemoryViewStore::At(const Versions& versions,
                                                      uint64_t number) const {
  for (auto at = versions.rbegin(); at != versions.rend(); ++at) {
    if (at->number <= number) return &at->value;
  }
  return nullptr;
}

void MemoryViewStore::Apply(const Changes& changes) {
  ++number_;
  const uint64_t oldest = snapshots_.empty() ? number_ : *snapshots_.begin();
  for (const Change& change : changes) {
    Versions& versions = rows_[change.key];
    versions.push_back({number_, change.value});
    while (versions.size() > 1 && versions[1].number <= oldest) versions.pop_front();
  }
}

Result<void> MemoryViewStore::Write(StoreBatch& batch) {
  const MutexLock lock(mutex_);
  Changes& changes = static_cast<Batch&>(batch).changes;
  Apply(changes);
  unflushed_.push_back(changes);
  return {};
}

Result<std::optional<std::string>> MemoryViewStore::Get(std::string_view key) {
  const MutexLock lock(mutex_);
  const auto found = rows_.find(key);
  return found == rows_.end() ? std::nullopt : found->second.back().value;
}

std::shared_ptr<const StoreSnapshot> MemoryViewStore::Snapshot() {
  const MutexLock lock(mutex_);
  snapshots_.insert(number_);
  return std::make_shared<Snap>(*this, number_);
}

Result<std::unique_ptr<RunWriter>> MemoryViewStore::NewRun() { return std::make_unique<Run>(); }

Result<void> MemoryViewStore::Ingest(std::vector<std::unique_ptr<RunWriter>> runs) {
  Changes all;
  for (const auto& run : runs) {
    const Changes& changes = static_cast<Run&>(*run).changes;
    all.insert(all.end(), changes.begin(), changes.end());
  }
  const MutexLock lock(mutex_);
  Apply(all);
  for (const Change& change : all) {
    if (change.value) {
      flushed_[change.key] = *change.value;
    } else {
      flushed_.erase(change.key);
    }
  }
  return {};
}

Generation MemoryViewStore::NewGeneration() {
  const MutexLock lock(mutex_);
  return std::exchange(next_, next_.Next());
}

void MemoryViewStore::Retire(Generation generation) {
  const MutexLock lock(mutex_);
  retired_.insert(generation);
}

void MemoryViewStore::Drop(Generation generation) {
  const std::string from = GenerationKey(generation);
  const std::string until = GenerationKey(generation.Next());
  rows_.erase(rows_.lower_bound(from), rows_.lower_bound(until));
  flushed_.erase(flushed_.lower_bound(from), flushed_.lower_bound(until));
}

Result<void> MemoryViewStore::Collect() {
  JALON_RETURN_IF_ERROR(Flush(true));
  const MutexLock lock(mutex_);
  for (const Generation generation : retired_) Drop(generation);
  retired_.clear();
  return {};
}

Result<void> MemoryViewStore::Flush(bool) {
  const MutexLock lock(mutex_);
  for (const Changes& changes : unflushed_) {
    for (const Change& change : changes) {
      if (change.value) {
        flushed_[change.key] = *change.value;
      } else {
        flushed_.erase(change.key);
      }
    }
  }
  unflushed_.clear();
  return {};
}

GenerationSize MemoryViewStore::SizeOf(Generation generation) {
  const MutexLock lock(mutex_);
  GenerationSize size;
  const std::string until = GenerationKey(generation.Next());
  for (auto at = rows_.lower_bound(GenerationKey(generation)); at != rows_.end(); ++at) {
    if (at->first >= until) break;
    if (!at->second.back().value) continue;
    ++size.rows;
    size.bytes += at->first.size() + at->second.back().value->size();
  }
  return size;
}

void MemoryViewStore::Crash(size_t kept) {
  const MutexLock lock(mutex_);
  JALON_CHECK(snapshots_.empty() && kept <= unflushed_.size());
  rows_.clear();
  unflushed_.resize(kept);
  for (const auto& [key, value] : flushed_) rows_[key].push_back({number_, value});
  for (const Changes& changes : unflushed_) Apply(changes);
  retired_.clear();
  std::set<Generation> serving;
  Generation last{0};
  for (const auto& [key, versions] : rows_) {
    const Generation generation = GenerationOf(key).value_or(Generation{});
    last = generation;
    if (generation.value != 0 || !versions.back().value) continue;
    Directory directory;
    JALON_CHECK(Decode(*versions.back().value, &directory));
    for (const ServingView& view : directory.views) serving.insert(view.generation);
  }
  for (uint32_t value = 1; value <= last.value; ++value) {
    if (!serving.contains(Generation{value})) retired_.insert(Generation{value});
  }
  next_ = last.Next();
}

size_t MemoryViewStore::UnflushedBatches() const {
  const MutexLock lock(mutex_);
  return unflushed_.size();
}

std::set<Generation> MemoryViewStore::Generations() const {
  const MutexLock lock(mutex_);
  std::set<Generation> generations;
  for (const auto& [key, versions] : rows_) {
    if (versions.back().value) generations.insert(GenerationOf(key).value_or(Generation{}));
  }
  generations.erase(Generation{0});
  return generations;
}

}  // namespace jalon::projections
