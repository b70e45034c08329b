// The rows of one view in one partition while they are folded: decoded, hot, over what the store
// holds of the same generation.
//
// A flat hash table of 8-byte slots over entries of one cache line each (short keys lie inside): a
// fold of a hot row looks up in two memory accesses and allocates nothing.
//
// Thread safety: none; belongs to whoever folds the partition.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"
#include "projections/engine/store.h"
#include "projections/engine/view.h"

namespace jalon::projections {

class RowTable final : public ViewRows {
 public:
  // The rows of `generation`. `fresh`: the store holds none of them yet, so that a row that is not
  // in memory is nowhere, until Shrink drops one. `view` and `store` must outlive the table.
  RowTable(const View& view, Generation generation, ViewStore& store, bool fresh);
  ~RowTable() override;
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  const View& view() const { return view_; }
  Generation generation() const { return generation_; }
  ViewRow& Edit(std::string_view key) override;
  const ViewRow* Find(std::string_view key) override;
  void Put(std::string_view key, std::string bytes) override;
  void Erase(std::string_view key) override;

  // The first error of reading the store. The rows are wrong from then on: nothing of them may be
  // written.
  const std::optional<Error>& fault() const { return fault_; }

  // A changed row to write: under `key`, `row`, or null where it is to be deleted.
  struct Change {
    std::string_view key;
    const ViewRow* row = nullptr;
  };
  // The rows changed since the last time, in no order; valid until the next call of anything else.
  // They are to be written now: Shrink may drop them from memory.
  std::vector<Change> TakeChanges();

  // Rough bytes in memory. Until its change is taken, or Weigh() looks, an edit is counted as if it
  // made its row grow by as much as an edit ever does.
  size_t weight() const { return weighed_ + unweighed_; }
  void Weigh();
  // Drops unchanged rows, which the store must hold by now, until the table weighs at most
  // `weight`: those not used lately first.
  void Shrink(size_t weight);

 private:
  struct Entry;
  struct Slot {
    uint32_t hash;
    uint32_t entry;
  };

  Entry& At(uint32_t index) const;
  // The index of `key`'s entry, or kNone.
  uint32_t Lookup(std::string_view key, uint32_t hash) const;
  uint32_t Insert(std::string_view key, uint32_t hash);
  void Remove(uint32_t index);
  void Grow();
  // As Lookup, but brings the row in from the store if it is there.
  uint32_t Load(std::string_view key, uint32_t hash);
  // The entry's row, decoded; null if it is erased.
  ViewRow* Decoded(Entry& entry);
  void MarkChanged(uint32_t index);
  void Weigh(Entry& entry);
  void DecodeFailed(std::string_view key);

  const View& view_;
  const Generation generation_;
  ViewStore& store_;
  bool whole_;               // every row is in memory
  std::vector<Slot> slots_;  // a power of two
  std::vector<std::unique_ptr<Entry[]>> blocks_;
  uint32_t handed_out_ = 0;  // entries ever used
  std::vector<uint32_t> free_;
  std::vector<uint32_t> changed_;
  size_t live_ = 0;
  size_t weighed_ = 0;    // of all entries, as each was weighed last
  size_t unweighed_ = 0;  // what the changes may have added since
  uint32_t hand_ = 0;     // of the clock that Shrink turns
  std::optional<Error> fault_;
};

}  // namespace jalon::projections
