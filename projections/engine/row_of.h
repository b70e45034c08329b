// A ViewRow of a plain struct that names its fields (eventstore/base/archive.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "eventstore/base/archive.h"
#include "projections/engine/view.h"

namespace jalon::projections {

template <typename T>
class RowOf final : public ViewRow {
 public:
  void Encode(std::string* bytes) const override { jalon::Encode(value, bytes); }
  size_t Weight() const override { return jalon::Weigh(value); }

  T value;
};

template <typename T>
std::unique_ptr<ViewRow> MakeRow() {
  return std::make_unique<RowOf<T>>();
}

template <typename T>
std::unique_ptr<ViewRow> DecodeRow(std::string_view bytes) {
  auto row = std::make_unique<RowOf<T>>();
  if (!jalon::Decode(bytes, &row->value)) return nullptr;
  return row;
}

// REQUIRES: the view's rows under `key` are of type T.
template <typename T>
T& EditRow(ViewRows& rows, std::string_view key) {
  return static_cast<RowOf<T>&>(rows.Edit(key)).value;
}
template <typename T>
const T* FindRow(ViewRows& rows, std::string_view key) {
  const ViewRow* row = rows.Find(key);
  return row == nullptr ? nullptr : &static_cast<const RowOf<T>*>(row)->value;
}
template <typename T>
void PutRow(ViewRows& rows, std::string_view key, const T& value) {
  std::string bytes;
  jalon::Encode(value, &bytes);
  rows.Put(key, std::move(bytes));
}

}  // namespace jalon::projections
