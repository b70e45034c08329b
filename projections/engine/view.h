// The contract of a view: a pure fold of counted records into rows, a key layout that begins with
// the tenant, and a version.
//
// The engine follows the log, hands each view the events of counted records in order, writes its
// rows and its checkpoint in one batch, rebuilds it beside and swaps. A view owns no thread, reads
// no clock and opens no seal.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "eventstore/base/ids.h"

namespace jalon::projections {

// One event of a counted record. Views point into the record's stored bytes and are valid during
// the fold of that record only.
struct EventView {
  Seq seq;             // of its record
  uint32_t index = 0;  // in its record
  int64_t recorded_at = 0;
  std::string_view tenant;
  uint32_t type = 0;  // field number in jalon.event.v1.EventBody
  uint32_t aggregate_kind = 0;
  std::string_view aggregate;
  uint64_t version = 0;
  std::string_view subject;
  uint32_t occurred_on = 0;
  std::string_view actor;    // encoded jalon.log.v1.Actor: of the event, else of its record
  std::string_view payload;  // the encoded event message
  // What only a view of the log's own bytes needs.
  std::string_view stored = {};  // the event whole, as the log holds it (jalon.log.v1.Event)
  bool is_leaf = false;          // it says its place in a trail
  Offset offset{};               // of the entry
};

// A view's row while folding: the view's own type, kept in memory between folds and encoded only
// when it is written. row_of.h makes one of a plain struct.
class ViewRow {
 public:
  virtual ~ViewRow() = default;
  // Appends the row's bytes. Equal rows give equal bytes.
  virtual void Encode(std::string* bytes) const = 0;
  // Rough size in memory, bytes.
  virtual size_t Weight() const = 0;
};

// The rows of one view in one partition, as a fold sees them. Keys begin with the tenant and are
// not empty.
class ViewRows {
 public:
  virtual ~ViewRows() = default;
  // The row of `key` to read and change, decoded by View::Decode or made empty by View::Make. Valid
  // until the record is folded.
  virtual ViewRow& Edit(std::string_view key) = 0;
  // The row, or null if it is not there. Valid until the record is folded.
  virtual const ViewRow* Find(std::string_view key) = 0;
  // Sets the row to these bytes, whatever was there: the cheap way for rows that a fold only
  // writes.
  virtual void Put(std::string_view key, std::string bytes) = 0;
  virtual void Erase(std::string_view key) = 0;

  // No sound log holds this event here: the partition stops as DIVERGED, saying `why`, a literal
  // that goes on from "the entry at offset 7 …". The rows are not used any more.
  void Refuse(const char* why) { refused_ = why; }
  // Null: nothing was refused.
  const char* refused() const { return refused_; }

 private:
  const char* refused_ = nullptr;
};

// Thread safety: const and pure; folds of different partitions run in parallel.
class View {
 public:
  virtual ~View() = default;
  virtual std::string_view Name() const = 0;  // snake_case, unique
  // Raised with any change of fold, keys or values: another version is rebuilt beside.
  virtual uint32_t Version() const = 0;
  // Whether the fold looks at events of this type: others are not even decoded for it.
  virtual bool Wants(uint32_t type) const = 0;
  // Total and deterministic: an event that cannot be is refused, and nothing else is an error.
  virtual void Fold(const EventView& event, ViewRows& rows) const = 0;
  virtual std::unique_ptr<ViewRow> Make(std::string_view key) const = 0;
  // Null if the bytes are no row of this version.
  virtual std::unique_ptr<ViewRow> Decode(std::string_view key, std::string_view bytes) const = 0;
};

}  // namespace jalon::projections
