// What eligibility is computed from: plain facts about one student in one programme. The writer
// fills them from its state, a query from the rows of its view; nothing here knows which.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/type/v1/prior.pb.h"
#include "jalon/type/v1/training.pb.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/module_minutes.h"

namespace jalon::domain {

// Invariants: a FactRef with seq 0 stands for an event that did not happen, or is of no concern.
struct EligibilityFacts {
  // An activity of an assigned sequence version.
  struct SequenceActivity {
    std::string code;
    std::vector<std::string> modules;  // those that its objectives lie in
  };
  // An assigned sequence.
  struct Assignment {
    Bytes sequence_id;
    type::v1::SequenceType type = type::v1::SEQUENCE_TYPE_UNSPECIFIED;
    bool active = true;
    std::vector<std::string> modules;  // its targets for this student: without the released ones
    std::vector<SequenceActivity> activities;
    FactRef assigned;
  };
  // An activity as a stay plans it, and what became of it.
  struct PlannedActivity {
    std::string code;
    std::vector<ModuleMinutes> shares;  // the modules it touches, each with its planned time
    type::v1::OutcomeKind outcome = type::v1::OUTCOME_KIND_UNSPECIFIED;
    FactRef outcome_fact;
  };
  // A resource gap that is open at the company of a stay.
  struct Gap {
    std::vector<std::string> activities;
    FactRef reported;
  };
  struct Stay {
    Bytes stay_id;
    Bytes sequence_id;
    type::v1::SequenceType type = type::v1::SEQUENCE_TYPE_UNSPECIFIED;
    type::v1::StayState state = type::v1::STAY_STATE_UNSPECIFIED;
    uint32_t ended_on = 0;  // once ENDED
    std::vector<PlannedActivity> plan;
    std::vector<ModuleMinutes> added;  // additional hours (R4)
    bool final_report = false;
    FactRef scheduled;
    FactRef started;
    FactRef ended;
    FactRef open_deviation;  // it started without something that still lacks
    FactRef overrun;         // more is logged than planned and added
    std::vector<Gap> open_gaps;
  };
  struct MakeUp {
    Bytes stay_id;
    Bytes sequence_id;  // of the stay
    std::string activity;
    std::vector<std::string> modules;  // those that the activity touches
    type::v1::MakeUpState state = type::v1::MAKE_UP_STATE_UNSPECIFIED;
    uint32_t completed_on = 0;  // once COMPLETED
    FactRef required;
    FactRef latest;  // its last event
  };
  // One attempt at a module's summative evaluation.
  struct Attempt {
    std::string module;
    uint32_t number = 0;  // from 1
    type::v1::EvaluationResult result = type::v1::EVALUATION_RESULT_UNSPECIFIED;
    uint32_t sat_from_on = 0;
    uint32_t sat_to_on = 0;
    bool stands = true;  // neither annulled nor superseded
    FactRef recorded;
    std::vector<FactRef> open_reviews;
  };
  // What was brought along from elsewhere: at most one for a module.
  struct PriorResult {
    std::string module;
    type::v1::PriorResultOrigin origin = type::v1::PRIOR_RESULT_ORIGIN_UNSPECIFIED;
    type::v1::EvaluationResult result = type::v1::EVALUATION_RESULT_UNSPECIFIED;
    uint32_t attempts = 0;  // elsewhere; of a failure, the next one is a retake
    FactRef recorded;
  };

  bool enrolment_open = true;
  bool in_alternance = false;
  FactRef enrolled;
  FactRef enrolment_closed;
  bool elements_known = true;          // of the pinned programme version
  std::vector<ModuleMinutes> modules;  // of the pinned programme version, with their allotted time
  std::vector<Assignment> assignments;
  std::vector<Stay> stays;
  std::vector<MakeUp> make_ups;
  std::vector<Attempt> attempts;  // of each module, the first one first
  std::vector<PriorResult> prior_results;
};

// The school's policy on the day of the first sitting, as far as eligibility asks.
struct EligibilityPolicy {
  uint32_t policy_version = 0;        // of the school's policy as a whole; 0: the defaults
  bool makeup_must_be_done = true;    // makeup_gate = COMPLETED
  bool report_must_be_there = false;  // report_gate = ON
  FactRef makeup_gate_set;            // the events behind the two, where the school set them
  FactRef report_gate_set;
};

}  // namespace jalon::domain
