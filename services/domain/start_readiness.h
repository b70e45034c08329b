// What a stay still needs before it starts (R5, R10, R13, R19, R22): one pure function for
// StartStay and for GetStartReadiness, over plain facts that either can fill.
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "services/domain/refusals.h"

namespace jalon::domain {

// Invariants: a FactRef with seq 0 stands for an event that did not happen.
struct StartReadinessFacts {
  // The school made sure of the company's resources for the sequence version, on the day of the
  // fact.
  struct Attestation {
    uint32_t until_on = 0;  // the last day on which it counts
    FactRef fact;
  };
  // An open gap at the company that touches activities of the plan.
  struct Gap {
    uint32_t number = 0;
    std::vector<std::string> activities;  // of the plan
    bool mitigated = false;
    FactRef reported;
  };

  uint32_t plan_version = 0;
  FactRef scheduled;
  // The company's last answer to the plan.
  uint32_t answered_plan_version = 0;  // 0: none
  bool accepted = false;
  FactRef answered;
  // Who holds the duty on the day of the start.
  bool has_tutor = false;
  bool has_supervisor = false;
  bool supervision_agreed = false;  // the assent of both sides
  FactRef agreed;                   // the first time
  // The first day that the start would take beside the planned ones and on which the company has no
  // seat left (CompanyState::FirstFullDayOfStart), and the declaration that says so. 0: none.
  uint32_t full_on = 0;
  FactRef full;
  std::vector<Attestation> attestations;
  std::vector<Gap> gaps;
  uint32_t prepared_on = 0;  // the first preparation; 0: none
  FactRef prepared;
  // Policy preparation_gate = REFUSE.
  bool preparation_required = false;
};

struct StartReadiness {
  std::vector<Violation> lacking;   // each refuses the start
  std::vector<Violation> warnings;  // worth knowing; they refuse nothing

  bool ready() const { return lacking.empty(); }
};

// What a start on `on` (local date, yyyymmdd) lacks, by rule. What is dated later than `on` was not
// there yet.
StartReadiness ReadinessToStart(const StartReadinessFacts& facts, uint32_t on);

// Of the reasons that a stay started without (its deviation), those not supplied since. What came
// after the start counts here, but for a preparation: that one does not clear R22.
std::vector<RefusalReason> StillLacking(const StartReadinessFacts& facts, uint32_t started_on,
                                        const std::vector<RefusalReason>& start_lacked);

}  // namespace jalon::domain
