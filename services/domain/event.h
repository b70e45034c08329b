// An event as evolve gets it: its envelope, and its place in the log.
#pragma once

#include <cstdint>
#include <string_view>

#include "jalon/log/v1/log.pb.h"
#include "services/domain/model/fact.h"

namespace jalon::domain {

// Valid while the event is evolved.
struct Event {
  const log::v1::Event& envelope;
  const log::v1::Actor& actor;  // the event's own, or that of its record
  uint64_t seq = 0;             // of its record
  uint32_t index = 0;           // in its record
  int64_t recorded_at = 0;

  std::string_view aggregate() const { return envelope.aggregate(); }
  std::string_view subject() const { return envelope.subject(); }
  uint64_t version() const { return envelope.version(); }
  uint32_t occurred_on() const { return envelope.occurred_on(); }

  FactRef Ref() const {
    return {.seq = seq,
            .index = index,
            .type = envelope.type(),
            .occurred_on = envelope.occurred_on(),
            .recorded_at = recorded_at};
  }
};

}  // namespace jalon::domain
