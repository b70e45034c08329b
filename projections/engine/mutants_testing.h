// Stores that are wrong on purpose, or fail: a test shows that each is caught.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "projections/engine/store.h"

namespace jalon::projections::testing {

// Passes everything on.
class DelegatingStore : public ViewStore {
 public:
  explicit DelegatingStore(ViewStore& inner) : inner_(inner) {}
  std::unique_ptr<StoreBatch> NewBatch() override { return inner_.NewBatch(); }
  Result<void> Write(StoreBatch& batch) override { return inner_.Write(batch); }
  Result<std::optional<std::string>> Get(std::string_view key) override { return inner_.Get(key); }
  std::shared_ptr<const StoreSnapshot> Snapshot() override { return inner_.Snapshot(); }
  Result<std::unique_ptr<RunWriter>> NewRun() override { return inner_.NewRun(); }
  Result<void> Ingest(std::vector<std::unique_ptr<RunWriter>> runs) override {
    return inner_.Ingest(std::move(runs));
  }
  Generation NewGeneration() override { return inner_.NewGeneration(); }
  void Retire(Generation generation) override { inner_.Retire(generation); }
  Result<void> Collect() override { return inner_.Collect(); }
  Result<void> Flush(bool wait) override { return inner_.Flush(wait); }
  GenerationSize SizeOf(Generation generation) override { return inner_.SizeOf(generation); }

 protected:
  ViewStore& inner_;
};

// Mutant: a rebuild's rows are ingested without their checkpoint.
class IngestsWithoutCheckpoint final : public DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<std::unique_ptr<RunWriter>> NewRun() override {
    JALON_ASSIGN_OR_RETURN(auto run, inner_.NewRun());
    return std::make_unique<Run>(std::move(run));
  }
  Result<void> Ingest(std::vector<std::unique_ptr<RunWriter>> runs) override {
    std::vector<std::unique_ptr<RunWriter>> inner;
    inner.reserve(runs.size());
    for (auto& run : runs) inner.push_back(std::move(static_cast<Run&>(*run).inner));
    return inner_.Ingest(std::move(inner));
  }

 private:
  class Run final : public RunWriter {
   public:
    explicit Run(std::unique_ptr<RunWriter> run) : inner(std::move(run)) {}
    Result<void> Put(std::string_view key, std::string_view value) override {
      if (key.size() == kGenerationBytes) return {};
      return inner->Put(key, value);
    }
    Result<void> Delete(std::string_view key) override { return inner->Delete(key); }
    Result<void> Finish() override { return inner->Finish(); }
    uint64_t bytes() const override { return inner->bytes(); }

    std::unique_ptr<RunWriter> inner;
  };
};

// Mutant: the directories, which hold the checkpoints, lie apart from the rows: each kind of key
// has memtables of its own, as in another column family.
class KeepsCheckpointsApart final : public DelegatingStore {
 public:
  KeepsCheckpointsApart(ViewStore& rows, ViewStore& directories)
      : DelegatingStore(rows), directories_(directories) {}

  std::unique_ptr<StoreBatch> NewBatch() override {
    auto batch = std::make_unique<Batch>();
    batch->rows = inner_.NewBatch();
    batch->directories = directories_.NewBatch();
    return batch;
  }
  Result<void> Write(StoreBatch& batch) override {
    JALON_RETURN_IF_ERROR(directories_.Write(*static_cast<Batch&>(batch).directories));
    return inner_.Write(*static_cast<Batch&>(batch).rows);
  }
  Result<std::optional<std::string>> Get(std::string_view key) override {
    return IsDirectory(key) ? directories_.Get(key) : inner_.Get(key);
  }
  Result<void> Flush(bool wait) override {
    JALON_RETURN_IF_ERROR(inner_.Flush(wait));
    return directories_.Flush(wait);
  }

 private:
  static bool IsDirectory(std::string_view key) { return GenerationOf(key) == Generation{0}; }
  class Batch final : public StoreBatch {
   public:
    void Put(std::string_view key, std::string_view value) override {
      (IsDirectory(key) ? directories : rows)->Put(key, value);
    }
    void Delete(std::string_view key) override {
      (IsDirectory(key) ? directories : rows)->Delete(key);
    }
    void Clear() override {
      rows->Clear();
      directories->Clear();
    }
    std::unique_ptr<StoreBatch> rows, directories;
  };

  ViewStore& directories_;
};

// A disk on which the rows of some generations cannot be read.
class LosesGenerations final : public DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<std::optional<std::string>> Get(std::string_view key) override {
    const std::optional<Generation> generation = GenerationOf(key);
    if (key.size() > kGenerationBytes && generation && lost.contains(*generation)) {
      return Fail(Code::kDataLoss, "STORE_FAILED", "a row cannot be read");
    }
    return inner_.Get(key);
  }

  std::set<Generation> lost;
};

// A disk that fails from some moment on.
class StopsWriting final : public DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<void> Write(StoreBatch& batch) override {
    if (failed) return Fail(Code::kDataLoss, "STORE_FAILED", "the disk is gone");
    return inner_.Write(batch);
  }

  bool failed = false;
};

}  // namespace jalon::projections::testing
