#include "eventstore/trail/entry.h"

#include "eventstore/base/wire.h"

namespace jalon::trail {
namespace {

using wire::Field;
using wire::Reader;
using wire::Type;

// Field numbers of jalon.log.v1.Event and TrailEntry.
constexpr uint32_t kTenant = 1;
constexpr uint32_t kTrail = 9;
constexpr uint32_t kKey = 1;
constexpr uint32_t kIndex = 2;
constexpr uint32_t kRecordedAt = 3;

bool ReadTrail(std::string_view bytes, Place* place) {
  Reader reader(bytes);
  for (Field field; reader.Next(&field);) {
    if (field.Is(kKey, Type::kBytes)) {
      place->key = field.bytes;
    } else if (field.Is(kIndex, Type::kVarint)) {
      place->index = field.number;
    } else if (field.Is(kRecordedAt, Type::kVarint)) {
      place->recorded_at = field.I64();
    }
  }
  return reader.ok() && !place->key.empty();
}

}  // namespace

std::optional<Place> PlaceOf(std::string_view entry) {
  Place place;
  bool is_leaf = false;
  Reader reader(entry);
  for (Field field; reader.Next(&field);) {
    if (field.Is(kTenant, Type::kBytes)) {
      place.tenant = field.bytes;
    } else if (field.Is(kTrail, Type::kBytes)) {
      if (is_leaf || !ReadTrail(field.bytes, &place)) return std::nullopt;  // one place, not two
      is_leaf = true;
    }
  }
  if (!reader.ok() || !is_leaf) return std::nullopt;
  return place;
}

}  // namespace jalon::trail
