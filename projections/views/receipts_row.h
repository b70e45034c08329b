// The entries of a partition's receipts log, as the view receipts keeps them beside its tree.
#pragma once

#include <cstdint>
#include <vector>

#include "eventstore/base/ids.h"
#include "projections/views/id.h"

namespace jalon::projections {

// An entry: which entry of which trail was accepted.
struct ReceiptedEntry {
  uint32_t event = 0;  // its index in the record
  CompanyId company_id;
  uint64_t index = 0;  // in the company's trail

  void Fields(auto& archive) { archive(event, company_id, index); }
  bool operator==(const ReceiptedEntry&) const = default;
};

// Those of one record, side by side in the receipts log.
struct ReceiptsRow {
  Bytes school_id;
  Offset offset;       // of the record, in this life of the log
  uint64_t first = 0;  // the place of the first of them in the receipts log
  std::vector<ReceiptedEntry> entries;

  void Fields(auto& archive) { archive(school_id, offset, first, entries); }
  bool operator==(const ReceiptsRow&) const = default;
};

}  // namespace jalon::projections
