// How far a log was published in the root log: what the system partition knows of it.
#pragma once

#include <cstdint>

#include "eventstore/base/hash.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

// Under an empty origin, `size` is how many times something was published: the root log's version.
struct PublishedLogState {
  static constexpr RowKind kKind = RowKind::kPublishedLog;

  uint64_t size = 0;
  Hash root{};

  void Fields(auto& archive) { archive(size, root); }
  bool operator==(const PublishedLogState&) const = default;
};

}  // namespace jalon::domain
