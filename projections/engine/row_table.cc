#include "projections/engine/row_table.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "projections/engine/key_bytes.h"

namespace jalon::projections {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr size_t kEntriesPerBlock = 1024;
constexpr size_t kFirstSlots = 16;
// What an edit may add to its row: a fact and what it says.
constexpr size_t kEditBytes = 96;

// A row that was only ever set to bytes.
class BytesRow final : public ViewRow {
 public:
  explicit BytesRow(std::string bytes) : bytes_(std::move(bytes)) {}
  void Encode(std::string* bytes) const override { bytes->append(bytes_); }
  size_t Weight() const override { return sizeof *this + bytes_.capacity(); }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace

// One cache line. A key too long for it lies on the heap.
struct RowTable::Entry {
  static constexpr size_t kInline = 40;
  enum class State : uint8_t { kFree, kDecoded, kBytes, kErased };

  std::unique_ptr<ViewRow> row;  // null: erased
  uint32_t hash = 0;
  uint32_t weighed = 0;  // bytes
  uint16_t key_size = 0;
  State state = State::kFree;
  bool changed : 1 = false;
  bool stored : 1 = false;  // the store may hold a row under this key
  bool used : 1 = false;    // since the clock's hand came by
  std::array<char, kInline> key_bytes;

  ~Entry() { Free(); }

  std::string_view key() const {
    if (key_size <= kInline) return {key_bytes.data(), key_size};
    const char* heap = nullptr;
    std::memcpy(static_cast<void*>(&heap), key_bytes.data(), sizeof heap);
    return {heap, key_size};
  }
  void SetKey(std::string_view key) {
    key_size = static_cast<uint16_t>(key.size());
    char* bytes = key_bytes.data();
    if (key.size() > kInline) {
      bytes = new char[key.size()];
      std::memcpy(key_bytes.data(), static_cast<const void*>(&bytes), sizeof bytes);
    }
    key.copy(bytes, key.size());
  }
  void Free() {
    if (key_size > kInline) delete[] key().data();
    key_size = 0;
    weighed = 0;
    row.reset();
    state = State::kFree;
    changed = stored = used = false;
  }
  size_t Weight() const { return sizeof *this + sizeof(Slot) + (row ? row->Weight() : 0); }
};

RowTable::RowTable(const View& view, Generation generation, ViewStore& store, bool fresh)
    : view_(view),
      generation_(generation),
      store_(store),
      whole_(fresh),
      slots_(kFirstSlots, Slot{0, kNone}) {}

RowTable::~RowTable() = default;

RowTable::Entry& RowTable::At(uint32_t index) const {
  return blocks_[index / kEntriesPerBlock][index % kEntriesPerBlock];
}

uint32_t RowTable::Lookup(std::string_view key, uint32_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask; slots_[at].entry != kNone; at = (at + 1) & mask) {
    if (slots_[at].hash == hash && At(slots_[at].entry).key() == key) return slots_[at].entry;
  }
  return kNone;
}

uint32_t RowTable::Insert(std::string_view key, uint32_t hash) {
  JALON_CHECK(!key.empty() && key.size() <= UINT16_MAX);
  if ((live_ + 1) * 4 > slots_.size() * 3) Grow();
  uint32_t index = handed_out_;
  if (!free_.empty()) {
    index = free_.back();
    free_.pop_back();
  } else {
    if (index % kEntriesPerBlock == 0) {
      blocks_.push_back(std::make_unique<Entry[]>(kEntriesPerBlock));
    }
    ++handed_out_;
  }
  Entry& entry = At(index);
  entry.SetKey(key);
  entry.hash = hash;
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].entry != kNone) at = (at + 1) & mask;
  slots_[at] = {hash, index};
  ++live_;
  Weigh(entry);
  return index;
}

void RowTable::Remove(uint32_t index) {
  const size_t mask = slots_.size() - 1;
  size_t hole = At(index).hash & mask;
  while (slots_[hole].entry != index) hole = (hole + 1) & mask;
  // Close the hole: whoever had to step over it moves back.
  for (size_t at = (hole + 1) & mask; slots_[at].entry != kNone; at = (at + 1) & mask) {
    const size_t home = slots_[at].hash & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {0, kNone};
  weighed_ -= At(index).weighed;
  At(index).Free();
  free_.push_back(index);
  --live_;
}

void RowTable::Grow() {
  std::vector<Slot> larger(slots_.size() * 2, Slot{0, kNone});
  const size_t mask = larger.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.entry == kNone) continue;
    size_t at = slot.hash & mask;
    while (larger[at].entry != kNone) at = (at + 1) & mask;
    larger[at] = slot;
  }
  slots_ = std::move(larger);
}

uint32_t RowTable::Load(std::string_view key, uint32_t hash) {
  const uint32_t found = Lookup(key, hash);
  if (found != kNone || whole_) return found;
  Result<std::optional<std::string>> stored = store_.Get(RowStoreKey(generation_, key));
  if (!stored) {
    if (!fault_) fault_ = stored.error();
    return kNone;
  }
  if (!*stored) return kNone;
  std::unique_ptr<ViewRow> row = view_.Decode(key, **stored);
  if (row == nullptr) {
    DecodeFailed(key);
    return kNone;
  }
  const uint32_t index = Insert(key, hash);
  Entry& entry = At(index);
  entry.row = std::move(row);
  entry.state = Entry::State::kDecoded;
  entry.stored = true;
  Weigh(entry);
  return index;
}

ViewRow* RowTable::Decoded(Entry& entry) {
  entry.used = true;
  if (entry.state == Entry::State::kBytes) {
    auto row = view_.Decode(entry.key(), static_cast<BytesRow&>(*entry.row).bytes());
    if (row == nullptr) {
      DecodeFailed(entry.key());
      row = view_.Make(entry.key());
    }
    entry.row = std::move(row);
    entry.state = Entry::State::kDecoded;
    Weigh(entry);
  }
  return entry.row.get();
}

ViewRow& RowTable::Edit(std::string_view key) {
  const uint32_t hash = HashKey(key);
  uint32_t index = Load(key, hash);
  if (index == kNone) index = Insert(key, hash);
  Entry& entry = At(index);
  ViewRow* row = Decoded(entry);
  if (row == nullptr) {
    entry.row = view_.Make(entry.key());
    entry.state = Entry::State::kDecoded;
    row = entry.row.get();
    Weigh(entry);
  }
  unweighed_ += kEditBytes;
  MarkChanged(index);
  return *row;
}

const ViewRow* RowTable::Find(std::string_view key) {
  const uint32_t index = Load(key, HashKey(key));
  return index == kNone ? nullptr : Decoded(At(index));
}

void RowTable::Put(std::string_view key, std::string bytes) {
  const uint32_t hash = HashKey(key);
  uint32_t index = Lookup(key, hash);
  if (index == kNone) {
    index = Insert(key, hash);
    At(index).stored = !whole_;
  }
  Entry& entry = At(index);
  entry.row = std::make_unique<BytesRow>(std::move(bytes));
  entry.state = Entry::State::kBytes;
  Weigh(entry);
  MarkChanged(index);
}

void RowTable::Erase(std::string_view key) {
  const uint32_t hash = HashKey(key);
  uint32_t index = Lookup(key, hash);
  if (index == kNone) {
    if (whole_) return;
    index = Insert(key, hash);
    At(index).stored = true;
  }
  At(index).row.reset();
  At(index).state = Entry::State::kErased;
  MarkChanged(index);
}

void RowTable::MarkChanged(uint32_t index) {
  Entry& entry = At(index);
  if (entry.changed) return;
  entry.changed = true;
  changed_.push_back(index);
}

std::vector<RowTable::Change> RowTable::TakeChanges() {
  Weigh();
  std::vector<Change> changes;
  changes.reserve(changed_.size());
  for (const uint32_t index : changed_) {
    Entry& entry = At(index);
    entry.changed = false;
    if (entry.row == nullptr && !entry.stored) continue;  // came and went in memory
    entry.stored = entry.row != nullptr;
    changes.push_back({entry.key(), entry.row.get()});
  }
  changed_.clear();
  return changes;
}

void RowTable::Weigh() {
  for (const uint32_t index : changed_) Weigh(At(index));
  unweighed_ = 0;
}

void RowTable::Weigh(Entry& entry) {
  const size_t weight = entry.Weight();
  weighed_ += weight - entry.weighed;
  entry.weighed = static_cast<uint32_t>(weight);
}

void RowTable::Shrink(size_t weight) {
  // Twice around at most: the first round takes the marks of use away.
  for (uint64_t steps = 2ull * handed_out_; this->weight() > weight && steps != 0; --steps) {
    hand_ = hand_ + 1 < handed_out_ ? hand_ + 1 : 0;
    Entry& entry = At(hand_);
    if (entry.state == Entry::State::kFree || entry.changed) continue;
    if (entry.used) {
      entry.used = false;
      continue;
    }
    whole_ = whole_ && entry.state == Entry::State::kErased;
    Remove(hand_);
  }
}

void RowTable::DecodeFailed(std::string_view key) {
  if (fault_) return;
  fault_ = Error{Code::kDataLoss,
                 "INTERNAL",
                 fmt::format("view {}: the row {} of generation {} is no row of version {}; delete "
                             "the folder of views: they are rebuilt from the log",
                             view_.Name(), ToHex(key), generation_.value, view_.Version()),
                 {}};
}

}  // namespace jalon::projections
