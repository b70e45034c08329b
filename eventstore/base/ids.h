// Numbers that must not be mixed up, as types of their own.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace jalon {

// A number of one kind. `Tag` only tells kinds apart.
template <typename Tag, typename Number>
struct Strong {
  Number value = 0;

  constexpr auto operator<=>(const Strong&) const = default;
  constexpr Strong Next() const { return Strong{static_cast<Number>(value + 1)}; }
};

using Partition = Strong<struct PartitionTag, uint32_t>;  // from 0
using Offset = Strong<struct OffsetTag, uint64_t>;  // place in a partition, void records included
using Seq = Strong<struct SeqTag, uint64_t>;        // counted records only, from 1
using Epoch = Strong<struct EpochTag, uint64_t>;    // claims of a partition, from 1

// Raw bytes of a fixed meaning: request id (16), tenant (opaque), school id (16), person id (8).
using Bytes = std::string;

}  // namespace jalon

template <typename Tag, typename Number>
struct std::hash<jalon::Strong<Tag, Number>> {
  size_t operator()(const jalon::Strong<Tag, Number>& id) const noexcept {
    return std::hash<Number>{}(id.value);
  }
};
