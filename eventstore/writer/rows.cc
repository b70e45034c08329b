#include "eventstore/writer/rows.h"

#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/writer/state_keys.h"

namespace jalon::eventstore {
namespace {

// What a slot costs beside its key and row: the map's node, the lists, the allocator.
constexpr size_t kSlotBytes = 192;

// What one record adds to a row, roughly. Weighing walks through all of a row, so it is done when
// the row is loaded, made or flushed; between two flushes its growth is counted by this.
constexpr size_t kGrowthBytes = 128;

}  // namespace

RowTable::RowTable(Partition partition, StateStore& store, const Application& application,
                   size_t bytes_max)
    : partition_(partition), store_(store), application_(application), bytes_max_(bytes_max) {
  clean_.newer = &clean_;
  clean_.older = &clean_;
}

RowTable::~RowTable() = default;

RowPtr RowTable::Find(std::string_view key) {
  const RowSlot& slot = SlotOf(key);
  return slot.pending > 0 ? slot.newest : slot.counted;
}

RowSlot& RowTable::SlotOf(std::string_view key) {
  if (const auto found = slots_.find(key); found != slots_.end()) {
    RowSlot& slot = found->second;
    if (slot.newer != nullptr) {  // in use again: the last to go
      Unlink(slot);
      Link(slot);
    }
    return slot;
  }
  const auto [made, is_new] = slots_.try_emplace(std::string(key));
  RowSlot& slot = made->second;
  slot.key = &made->first;
  Load(slot);
  Link(slot);
  return slot;
}

void RowTable::Load(RowSlot& slot) {
  std::shared_ptr<Row> row;
  Result<std::optional<std::string>> stored = store_.Get(partition_, StoredRowKey(*slot.key));
  if (!stored) {
    failure_ = std::move(stored).error();
  } else if (*stored) {
    Result<std::unique_ptr<Row>> decoded = application_.DecodeRow(*slot.key, **stored, *this);
    if (decoded) {
      row = std::move(*decoded);
    } else {
      failure_ = std::move(decoded).error();
    }
  }
  slot.counted = std::move(row);
  slot.weight = Weigh(slot);
  bytes_ += slot.weight;
}

size_t RowTable::Weigh(const RowSlot& slot) {
  return kSlotBytes + slot.key->size() + (slot.counted ? slot.counted->Weight() : 0);
}

void RowTable::Add(const RowVersions& versions) {
  for (const RowVersion& version : versions) {
    RowSlot& slot = *version.slot;
    Unlink(slot);
    ++slot.pending;
    slot.newest = version.row;
  }
}

void RowTable::Retract(const RowVersions& versions) {
  for (const RowVersion& version : versions) {
    RowSlot& slot = *version.slot;
    JALON_CHECK(slot.pending > 0);
    slot.newest.reset();
    if (--slot.pending == 0 && !slot.dirty) Link(slot);
  }
}

void RowTable::Restore(const RowVersions& versions) {
  for (const RowVersion& version : versions) version.slot->newest = version.row;
}

void RowTable::Count(RowVersions versions) {
  for (RowVersion& version : versions) {
    RowSlot& slot = *version.slot;
    JALON_CHECK(slot.pending > 0);
    if (--slot.pending == 0) slot.newest.reset();
    SetCounted(slot, std::move(version.row));
  }
}

void RowTable::Set(RowVersions versions) {
  for (RowVersion& version : versions) {
    JALON_CHECK(version.slot->pending == 0);
    SetCounted(*version.slot, std::move(version.row));
  }
}

void RowTable::SetCounted(RowSlot& slot, std::shared_ptr<Row> row) {
  const bool known = slot.counted != nullptr && row != nullptr;
  slot.counted = std::move(row);
  const size_t weight = known ? slot.weight + kGrowthBytes : Weigh(slot);
  bytes_ = bytes_ - slot.weight + weight;
  if (slot.dirty) {
    dirty_bytes_ -= slot.weight;
  } else {
    Unlink(slot);
    slot.dirty = true;
    dirty_.push_back(&slot);
  }
  dirty_bytes_ += weight;
  slot.weight = weight;
}

void RowTable::Changes(std::vector<RowChange>* changes) const {
  changes->reserve(changes->size() + dirty_.size());
  for (const RowSlot* slot : dirty_) {
    RowChange& change = changes->emplace_back(StoredRowKey(*slot->key), std::nullopt);
    if (slot->counted) slot->counted->Encode(&change.value.emplace());
  }
}

void RowTable::Flushed() {
  for (RowSlot* slot : dirty_) {
    slot->dirty = false;
    const size_t weight = Weigh(*slot);
    bytes_ = bytes_ - slot->weight + weight;
    slot->weight = weight;
    if (slot->pending == 0) Link(*slot);
  }
  dirty_.clear();
  dirty_bytes_ = 0;
}

void RowTable::Trim() {
  while (bytes_ > bytes_max_ && clean_.newer != &clean_) {
    RowSlot& coldest = *clean_.newer;
    Unlink(coldest);
    bytes_ -= coldest.weight;
    slots_.erase(slots_.find(*coldest.key));
  }
}

void RowTable::Link(RowSlot& slot) {
  slot.newer = &clean_;
  slot.older = clean_.older;
  clean_.older->newer = &slot;
  clean_.older = &slot;
}

void RowTable::Unlink(RowSlot& slot) {
  if (slot.newer == nullptr) return;
  slot.newer->older = slot.older;
  slot.older->newer = slot.newer;
  slot.newer = slot.older = nullptr;
}

RowEdit::RowEdit(RowTable& table, bool in_place)
    : table_(table), in_place_(in_place), number_(++table.edits_) {}

RowPtr RowEdit::Find(std::string_view key) {
  RowSlot& slot = table_.SlotOf(key);
  if (const RowVersion* version = Version(slot)) return version->row;
  return slot.pending > 0 ? slot.newest : slot.counted;
}

Row& RowEdit::Edit(std::string_view key, std::unique_ptr<Row> (*make)()) {
  RowSlot& slot = table_.SlotOf(key);
  RowVersion* version = Version(slot);
  if (version == nullptr) {
    std::shared_ptr<Row> copy = Copy(slot);
    version = &NewVersion(slot);
    version->row = std::move(copy);
  } else if (version->row.use_count() > 1) {  // somebody still reads what Find returned
    version->row = version->row->Clone();
  }
  if (!version->row) version->row = make();
  return *version->row;
}

void RowEdit::Erase(std::string_view key) {
  RowSlot& slot = table_.SlotOf(key);
  RowVersion* version = Version(slot);
  if (version == nullptr) version = &NewVersion(slot);
  version->row.reset();
}

RowVersion* RowEdit::Version(RowSlot& slot) {
  return slot.edit == number_ ? &versions_[slot.edit_index] : nullptr;
}

RowVersion& RowEdit::NewVersion(RowSlot& slot) {
  slot.edit = number_;
  slot.edit_index = versions_.size();
  return versions_.emplace_back(&slot, nullptr);
}

std::shared_ptr<Row> RowEdit::Copy(RowSlot& slot) {
  if (slot.pending > 0) return slot.newest ? slot.newest->Clone() : nullptr;
  if (!slot.counted) return nullptr;
  if (in_place_ && slot.counted.use_count() == 1) return std::move(slot.counted);
  return slot.counted->Clone();
}

}  // namespace jalon::eventstore
