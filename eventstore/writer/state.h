// The writer's state: rows of aggregates, folded from counted records only, and an overlay of
// records in flight.
//
// A row is an immutable value behind a shared pointer: deciding reads it, evolving replaces it. So
// the overlay of in-flight records is a map of newer pointers, and counting a record moves a
// pointer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace jalon::eventstore {

// One aggregate's state. The application defines the types and how they become bytes.
class Row {
 public:
  virtual ~Row() = default;
  virtual std::unique_ptr<Row> Clone() const = 0;
  virtual void Encode(std::string* bytes) const = 0;
  // Rough size in memory, bytes: what the row cache counts.
  virtual size_t Weight() const = 0;
};
using RowPtr = std::shared_ptr<const Row>;

// What decide reads. Keys begin with the tenant.
class StateView {
 public:
  virtual ~StateView() = default;
  // The row, or null. Valid as long as the returned pointer is held.
  virtual RowPtr Find(std::string_view key) = 0;
};

// What evolve changes: the row of `key`, made by `make` if it is not there. The reference is valid
// until the next call.
class StateEdit {
 public:
  virtual ~StateEdit() = default;
  virtual RowPtr Find(std::string_view key) = 0;
  virtual Row& Edit(std::string_view key, std::unique_ptr<Row> (*make)()) = 0;
  virtual void Erase(std::string_view key) = 0;
};

}  // namespace jalon::eventstore
