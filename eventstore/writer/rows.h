// The rows of a partition: as counted, and as the records in flight will leave them.
//
// Every record in flight holds the rows it made, as immutable values. Deciding reads the newest
// one; counting the record makes its rows the counted ones without evolving again; dropping the
// records in flight forgets them. So nothing that did not count ever reaches counted state.
//
// Counted rows are a bounded cache over the state store: least recently used first, rows changed
// since the last flush never.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/writer/application.h"
#include "eventstore/writer/state.h"
#include "eventstore/writer/state_store.h"

namespace jalon::eventstore {

// One aggregate's place in the cache. Only RowTable looks inside.
struct RowSlot {
  const std::string* key = nullptr;  // the application's
  std::shared_ptr<Row> counted;      // null: there is none
  RowPtr newest;                     // where pending > 0; null: erased in flight
  uint32_t pending = 0;              // records in flight that changed it
  bool dirty = false;                // changed since the last flush
  size_t weight = 0;                 // of `counted` and its key, bytes
  uint64_t edit = 0;                 // the last edit that touched it
  size_t edit_index = 0;             // its place among that edit's versions
  RowSlot* newer = nullptr;          // the clean list, by last use; null where not in it
  RowSlot* older = nullptr;
};

// A row as one record leaves it; no row: erased.
struct RowVersion {
  RowSlot* slot = nullptr;
  std::shared_ptr<Row> row;
};
using RowVersions = std::vector<RowVersion>;

class RowEdit;

class RowTable final : public StateView {
 public:
  RowTable(Partition partition, StateStore& store, const Application& application,
           size_t bytes_max);
  ~RowTable() override;
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  // The newest row: what decide reads.
  RowPtr Find(std::string_view key) override;

  // The versions of a record that is now in flight; retracted ones never were, in any order, once
  // `Restore` went over all that stay, oldest first.
  void Add(const RowVersions& versions);
  void Retract(const RowVersions& versions);
  void Restore(const RowVersions& versions);
  // The oldest record in flight counted: its versions are counted rows now.
  void Count(RowVersions versions);
  // The versions of a counted record that was not in flight here. REQUIRES: nothing is in flight.
  void Set(RowVersions versions);

  // A read of the store that failed since the table was made: what was found since is not to be
  // relied on. Empty reason: none.
  const Error& failure() const { return failure_; }

  // The cache holds too much that only a flush can release.
  bool WantsFlush() const { return dirty_bytes_ > bytes_max_ / 2; }
  bool dirty() const { return !dirty_.empty(); }
  // Appends every row changed since the last flush; Flushed says that they are stored.
  void Changes(std::vector<RowChange>* changes) const;
  void Flushed();
  // Forgets the coldest clean rows beyond the bound. Not called while an edit is open.
  void Trim();

  size_t bytes() const { return bytes_; }

 private:
  friend class RowEdit;

  struct KeyHash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): std asks for it
    size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  };

  RowSlot& SlotOf(std::string_view key);
  void Load(RowSlot& slot);
  static size_t Weigh(const RowSlot& slot);
  void SetCounted(RowSlot& slot, std::shared_ptr<Row> row);
  void Link(RowSlot& slot);
  void Unlink(RowSlot& slot);

  const Partition partition_;
  StateStore& store_;
  const Application& application_;
  const size_t bytes_max_;
  std::unordered_map<std::string, RowSlot, KeyHash, std::equal_to<>> slots_;
  RowSlot clean_;  // ring of rows that may be forgotten: newer is the coldest, older the hottest
  std::vector<RowSlot*> dirty_;
  size_t bytes_ = 0;
  size_t dirty_bytes_ = 0;
  uint64_t edits_ = 0;
  Error failure_;
};

// The edit of one record, seen by Application::Evolve. Changes nothing in the table until its
// versions are given to Add or Set, except that `in_place` may take a counted row out of it: then
// the versions must be given to Set, or the table not be used again.
class RowEdit final : public StateEdit {
 public:
  // `in_place`: a counted row that nobody else holds is changed, not copied.
  RowEdit(RowTable& table, bool in_place);

  RowPtr Find(std::string_view key) override;
  Row& Edit(std::string_view key, std::unique_ptr<Row> (*make)()) override;
  void Erase(std::string_view key) override;

  RowVersions Take() { return std::move(versions_); }

 private:
  RowVersion* Version(RowSlot& slot);
  RowVersion& NewVersion(RowSlot& slot);
  std::shared_ptr<Row> Copy(RowSlot& slot);

  RowTable& table_;
  const bool in_place_;
  const uint64_t number_;
  RowVersions versions_;
};

}  // namespace jalon::eventstore
