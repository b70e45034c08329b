// A make-up as the view make_ups keeps one (R14).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jalon/type/v1/training.pb.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"

namespace jalon::projections {

struct MakeUpRow {
  StayId stay_id;
  std::string activity;  // code
  std::vector<std::string> modules;
  type::v1::MakeUpState state = type::v1::MAKE_UP_STATE_UNSPECIFIED;
  type::v1::OutcomeKind outcome = type::v1::OUTCOME_KIND_UNSPECIFIED;
  type::v1::OutcomeCause cause = type::v1::OUTCOME_CAUSE_UNSPECIFIED;
  PersonId owner_id;  // none: not planned, the school's
  uint32_t due_on = 0;
  SessionId session_id;
  type::v1::DischargeCause discharge = type::v1::DISCHARGE_CAUSE_UNSPECIFIED;
  uint32_t closed_on = 0;  // completed or discharged; 0: owed
  Fact required;
  Fact latest;  // the same as required where nothing followed

  bool IsOpen() const {
    return state == type::v1::MAKE_UP_STATE_REQUIRED || state == type::v1::MAKE_UP_STATE_PLANNED;
  }

  void Fields(auto& archive) {
    archive(stay_id, activity, modules, state, outcome, cause, owner_id, due_on, session_id,
            discharge, closed_on, required, latest);
  }
  bool operator==(const MakeUpRow&) const = default;
};

}  // namespace jalon::projections
