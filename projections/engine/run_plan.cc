#include "projections/engine/run_plan.h"

#include <string_view>
#include <utility>

#include "projections/engine/key_bytes.h"

namespace jalon::projections {
namespace {

size_t RowsOf(const RunPart& part) {
  return part.changes.size() + (part.checkpoint.empty() ? 0 : 1);
}

}  // namespace

void RunPart::Take(RowTable& table) {
  generation = table.generation();
  changes = table.TakeChanges();
}

void RunPart::Sort() {
  std::vector<std::string_view> keys;
  keys.reserve(changes.size());
  for (const RowTable::Change& change : changes) keys.push_back(change.key);
  std::vector<RowTable::Change> sorted;
  sorted.reserve(changes.size());
  for (const uint32_t index : OrderOf(keys)) sorted.push_back(changes[index]);
  changes = std::move(sorted);
}

RunPlan::RunPlan(const std::vector<RunPart>& parts, size_t rows_per_run) : parts_(parts) {
  cuts_.push_back({0, 0});
  size_t rows = 0;
  for (size_t part = 0; part < parts.size(); ++part) {
    for (size_t row = 0; row < RowsOf(parts[part]);) {
      const size_t take = std::min(rows_per_run - rows, RowsOf(parts[part]) - row);
      row += take;
      rows += take;
      if (rows < rows_per_run) continue;
      cuts_.push_back({part, row});
      rows = 0;
    }
  }
  if (rows != 0) cuts_.push_back({parts.size(), 0});
}

Result<std::unique_ptr<RunWriter>> RunPlan::Write(size_t run, ViewStore& store) const {
  JALON_ASSIGN_OR_RETURN(std::unique_ptr<RunWriter> writer, store.NewRun());
  const Cut end = cuts_[run + 1];
  std::string bytes;
  size_t first = cuts_[run].row;
  for (size_t at = cuts_[run].part; at < parts_.size() && at <= end.part; ++at, first = 0) {
    const RunPart& part = parts_[at];
    const size_t last = at == end.part ? end.row : RowsOf(part);
    const size_t before = part.checkpoint.empty() ? 0 : 1;
    for (size_t row = first; row < last; ++row) {
      if (row < before) {
        JALON_RETURN_IF_ERROR(writer->Put(GenerationKey(part.generation), part.checkpoint));
        continue;
      }
      const RowTable::Change& change = part.changes[row - before];
      const std::string key = RowStoreKey(part.generation, change.key);
      if (change.row == nullptr) {
        JALON_RETURN_IF_ERROR(writer->Delete(key));
        continue;
      }
      bytes.clear();
      change.row->Encode(&bytes);
      JALON_RETURN_IF_ERROR(writer->Put(key, bytes));
    }
  }
  JALON_RETURN_IF_ERROR(writer->Finish());
  return writer;
}

}  // namespace jalon::projections
