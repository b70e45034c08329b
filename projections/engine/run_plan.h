// How the rows of several tables become sorted runs: put in order, cut into pieces of about equal
// size, each piece one run. Pieces can be written in parallel.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "projections/engine/row_table.h"
#include "projections/engine/store.h"

namespace jalon::projections {

// The rows of one generation to write, and its checkpoint if it has come to its end.
struct RunPart {
  Generation generation{};
  std::string checkpoint;                 // empty: none
  std::vector<RowTable::Change> changes;  // ascending once Sort was called

  // Takes what `table` has changed; the table must not be touched until all is written.
  void Take(RowTable& table);
  void Sort();
};

class RunPlan {
 public:
  // REQUIRES: parts are sorted, in ascending order of generations, and outlive the plan.
  RunPlan(const std::vector<RunPart>& parts, size_t rows_per_run);

  size_t runs() const { return cuts_.size() - 1; }
  // Writes one run. Thread safety: any thread, each run once.
  Result<std::unique_ptr<RunWriter>> Write(size_t run, ViewStore& store) const;

 private:
  // A place between two rows: of part `part`, before its row `row`, where a checkpoint counts as
  // the first row.
  struct Cut {
    size_t part;
    size_t row;
  };
  const std::vector<RunPart>& parts_;
  std::vector<Cut> cuts_;
};

}  // namespace jalon::projections
