// Where a school is kept: what the system partition knows of it.
#pragma once

#include <cstdint>

#include "services/domain/model/keys.h"

namespace jalon::domain {

struct PlacementState {
  static constexpr RowKind kKind = RowKind::kPlacement;

  uint32_t partition = 0;

  void Fields(auto& archive) { archive(partition); }
  bool operator==(const PlacementState&) const = default;
};

}  // namespace jalon::domain
