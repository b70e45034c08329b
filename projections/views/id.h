// Ids as rows hold them: fixed bytes inside the row, no allocation.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace jalon::projections {

// An id of kSize bytes; all zero: none.
template <size_t kSize>
struct Id {
  std::array<uint8_t, kSize> bytes{};

  // The id those bytes are; none if they are fewer. Total, as folds must be.
  static Id Of(std::string_view from) {
    Id id;
    if (from.size() >= kSize) std::copy_n(from.begin(), kSize, id.bytes.begin());
    return id;
  }
  bool IsNone() const { return *this == Id{}; }
  // The bytes, even if they are all zero: for keys.
  std::string_view View() const { return {reinterpret_cast<const char*>(bytes.data()), kSize}; }
  // As a field of a message: empty for none.
  std::string Str() const { return IsNone() ? std::string() : std::string(View()); }

  void Fields(auto& archive) { archive(bytes); }
  auto operator<=>(const Id&) const = default;
};

using PersonId = Id<8>;  // student, tutor, member of the school's staff
using CompanyId = Id<8>;
using SequenceId = Id<8>;
using CohortId = Id<8>;
using GroupId = Id<8>;
using SessionId = Id<8>;
using StayId = Id<16>;  // student (8) ‖ 8 random bytes

inline PersonId StudentOf(const StayId& stay) { return PersonId::Of(stay.View()); }

}  // namespace jalon::projections
