// What folds share: an event's place as a Fact, and its payload's fields read in place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/wire.h"
#include "jalon/event/v1/event_body.pb.h"
#include "projections/engine/view.h"
#include "projections/views/fact.h"

namespace jalon::projections {

using event::v1::EventBody;

inline Fact FactOf(const EventView& event) {
  return {event.seq.value, event.index, event.type, event.occurred_on, event.recorded_at};
}

// Calls `read` for each field of a message, in the order they stand; stops at malformed bytes,
// which the log's hash chain rules out.
template <typename Read>
void ForEachField(std::string_view message, Read read) {
  wire::Reader reader(message);
  for (wire::Field field; reader.Next(&field);) read(field);
}

// An enum's value as the field holds it.
template <typename Enum>
Enum EnumOf(const wire::Field& field) {
  return static_cast<Enum>(static_cast<int32_t>(field.number));
}

// Appends the numbers of a repeated field, packed as proto3 writes them, or one by one.
template <typename Number>
void AppendNumbers(const wire::Field& field, std::vector<Number>* numbers) {
  if (field.type == wire::Type::kVarint) {
    numbers->push_back(static_cast<Number>(field.number));
    return;
  }
  uint64_t number = 0;
  int shift = 0;
  for (const char byte : field.bytes) {
    if (shift < 64) number |= static_cast<uint64_t>(static_cast<uint8_t>(byte) & 0x7f) << shift;
    shift += 7;
    if ((static_cast<uint8_t>(byte) & 0x80) != 0) continue;
    numbers->push_back(static_cast<Number>(number));
    number = 0;
    shift = 0;
  }
}

}  // namespace jalon::projections
