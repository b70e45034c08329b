// What depends on the type of a sequence, in one table: rules ask the table, never the type.
#pragma once

#include "jalon/type/v1/training.pb.h"

namespace jalon::domain {

struct SequenceTypeRules {
  bool company_may_propose_content;  // R6: the school approves it by publishing
  bool has_modes;                    // R9: a mode per target and the school's complement
  bool inside_allotted_hours;        // R3, R8: otherwise its hours are added to the programme's
  bool makes_up_and_gates;           // R14, R17, R18: make-up, and the evaluation comes after it
};

// An unspecified type has the rules of DEVELOPMENT, the strictest.
constexpr SequenceTypeRules RulesOf(type::v1::SequenceType type) {
  switch (type) {
    case type::v1::SEQUENCE_TYPE_OBSERVATION:
      return {.company_may_propose_content = false,
              .has_modes = false,
              .inside_allotted_hours = true,
              .makes_up_and_gates = false};
    case type::v1::SEQUENCE_TYPE_IMPLEMENTATION:
      return {.company_may_propose_content = true,
              .has_modes = false,
              .inside_allotted_hours = false,
              .makes_up_and_gates = false};
    default:
      return {.company_may_propose_content = false,
              .has_modes = true,
              .inside_allotted_hours = true,
              .makes_up_and_gates = true};
  }
}

}  // namespace jalon::domain
