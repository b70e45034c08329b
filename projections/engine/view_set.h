// The views that one process folds, and which events go to which of them.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "projections/engine/view.h"

namespace jalon::projections {

// Event types are small numbers; a larger one is unknown by definition.
inline constexpr uint32_t kEventTypesMax = 1024;
using EventTypes = std::bitset<kEventTypesMax>;

// Thread safety: immutable.
class ViewSet {
 public:
  // `known` are the types that this binary knows: any other in a record that it may read is
  // corruption.
  // REQUIRES: names are unique.
  ViewSet(std::vector<std::unique_ptr<const View>> views, const EventTypes& known);

  size_t size() const { return views_.size(); }
  const View& operator[](size_t index) const { return *views_[index]; }
  std::optional<size_t> IndexOf(std::string_view name) const;

  bool Knows(uint32_t type) const { return type < kEventTypesMax && known_[type]; }
  // The indexes of the views that want events of this type.
  std::span<const uint16_t> Wanting(uint32_t type) const { return wanting_[type]; }

 private:
  std::vector<std::unique_ptr<const View>> views_;
  EventTypes known_;
  std::array<std::vector<uint16_t>, kEventTypesMax> wanting_;
};

}  // namespace jalon::projections
