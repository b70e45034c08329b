#include "projections/engine/rebuild_lane.h"

#include <string>

#include "eventstore/base/archive.h"
#include "eventstore/base/check.h"

namespace jalon::projections {

RebuildLane::RebuildLane(Partition partition, Offset end, ViewStore& store, const ViewSet& views)
    : partition_(partition),
      end_(end),
      store_(store),
      views_(views),
      tables_(views.size()),
      rows_(views.size(), nullptr) {}

void RebuildLane::Build(size_t view) {
  JALON_CHECK(tables_[view] == nullptr);
  tables_[view] = std::make_unique<RowTable>(views_[view], store_.NewGeneration(), store_, true);
  rows_[view] = tables_[view].get();
}

Result<uint64_t> RebuildLane::Fold(const std::vector<eventstore::StoredEntry>& entries) {
  uint64_t events = 0;
  for (const eventstore::StoredEntry& entry : entries) {
    JALON_ASSIGN_OR_RETURN(
        const Step step, FoldEntry(cursor_, partition_, entry.offset, *entry.bytes, views_, rows_));
    events += step.events;
  }
  for (const auto& table : tables_) {
    if (table != nullptr && table->fault()) return std::unexpected(*table->fault());
  }
  return events;
}

size_t RebuildLane::weight() const {
  size_t weight = 0;
  for (const auto& table : tables_) weight += table == nullptr ? 0 : table->weight();
  return weight;
}

void RebuildLane::Weigh() {
  for (const auto& table : tables_) {
    if (table != nullptr) table->Weigh();
  }
}

Result<void> RebuildLane::Spill() {
  std::vector<RunPart> parts;
  for (const auto& table : tables_) {
    if (table == nullptr) continue;
    RunPart& part = parts.emplace_back();
    part.Take(*table);
    part.Sort();
    if (part.changes.empty()) parts.pop_back();
  }
  std::vector<std::unique_ptr<RunWriter>> runs;
  const RunPlan plan(parts, SIZE_MAX);
  for (size_t run = 0; run < plan.runs(); ++run) {
    JALON_ASSIGN_OR_RETURN(runs.emplace_back(), plan.Write(run, store_));
  }
  if (!runs.empty()) JALON_RETURN_IF_ERROR(store_.Ingest(std::move(runs)));
  for (const auto& table : tables_) {
    if (table != nullptr) table->Shrink(0);
  }
  return {};
}

std::vector<RunPart> RebuildLane::TakeParts() {
  std::vector<RunPart> parts;
  for (size_t view = 0; view < views_.size(); ++view) {
    if (tables_[view] == nullptr) continue;
    RunPart& part = parts.emplace_back();
    part.Take(*tables_[view]);
    Encode(GenerationCheckpoint{std::string(views_[view].Name()), views_[view].Version(),
                                partition_, cursor_},
           &part.checkpoint);
  }
  return parts;
}

std::vector<BuiltGeneration> RebuildLane::Built() const {
  std::vector<BuiltGeneration> built;
  for (size_t view = 0; view < views_.size(); ++view) {
    if (tables_[view] != nullptr) built.push_back({view, partition_, tables_[view]->generation()});
  }
  return built;
}

}  // namespace jalon::projections
