// The registry of events as the domain asks it: jalon.event.v1.EventBody by message and by number.
#pragma once

#include <cstdint>
#include <string_view>

namespace google::protobuf {
class Descriptor;
}

namespace jalon::domain {

// What is fixed about an event.
struct EventType {
  uint32_t number = 0;  // its field in EventBody
  bool trail = false;   // a leaf of a company's trail when it is the act of a company's person
};

// REQUIRES: the message is in the registry.
EventType EventTypeOf(const google::protobuf::Descriptor* message);

// "StayEnded"; empty if there is no such number.
std::string_view EventName(uint32_t number);

}  // namespace jalon::domain
