// A stay of one student in one company, with the make-up that comes of it.
//
//   PLANNED ──StartStay──▶ STARTED ──EndStay──▶ ENDED        readiness is derived, never stored
//
// A stay of another school, which a transfer told, is one that ended there: of no company and no
// sequence of this school.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/type/v1/training.pb.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/plan_ref.h"
#include "services/domain/reason.h"

namespace jalon::domain {

// Somebody holds a duty of a stay, such as tutor, from a day until somebody else does.
struct DutyHolder {
  Bytes person_id;
  uint32_t from_on = 0;
  FactRef fact;

  void Fields(auto& archive) { archive(person_id, from_on, fact); }
  bool operator==(const DutyHolder&) const = default;
};

// Those who held one duty of a stay, by first day; of two from the same day the last one counts.
struct Duty {
  std::vector<DutyHolder> holders;

  const DutyHolder* HolderOn(uint32_t date) const;
  bool Held(std::string_view person_id, uint32_t date) const {
    const DutyHolder* holder = HolderOn(date);
    return holder != nullptr && holder->person_id == person_id;
  }
  bool EverHeld(std::string_view person_id) const {
    return std::ranges::find(holders, person_id, &DutyHolder::person_id) != holders.end();
  }
  // Holds it on that day, or will from a later one.
  bool HoldsOrWill(std::string_view person_id, uint32_t date) const {
    return Held(person_id, date) || std::ranges::any_of(holders, [&](const DutyHolder& holder) {
             return holder.person_id == person_id && holder.from_on > date;
           });
  }
  // The first day on which somebody else holds it, after the last day that the person does; 0: the
  // person still holds it, or never did.
  uint32_t SucceededOn(std::string_view person_id) const;
  void Hand(DutyHolder holder);

  void Fields(auto& archive) { archive(holders); }
  bool operator==(const Duty&) const = default;
};

// The company's last answer to the training plan (R5).
struct PlanAnswer {
  uint32_t plan_version = 0;  // 0: no answer
  bool accepted = false;
  Bytes signatory_id;
  FactRef fact;

  void Fields(auto& archive) { archive(plan_version, accepted, signatory_id, fact); }
  bool operator==(const PlanAnswer&) const = default;
};

// How both sides came to agree on accompaniment and supervision (R19).
struct Supervision {
  uint32_t proposal_count = 0;
  uint32_t school_proposal = 0;   // the last number proposed by the school; 0: none
  uint32_t company_proposal = 0;  // the last number proposed by the company; 0: none
  Bytes school_proposer;          // whose the school's last proposal is
  Bytes company_proposer;
  uint32_t agreed_proposal = 0;  // the number both sides assent to; 0: none
  FactRef agreed;                // the last second assent
  FactRef first_agreed;          // the one of the earliest day: supervision is agreed since then

  void Agree(uint32_t proposal, const FactRef& assent) {
    if (agreed_proposal == 0 || assent.occurred_on < first_agreed.occurred_on) {
      first_agreed = assent;
    }
    agreed_proposal = proposal;
    agreed = assent;
  }

  void Fields(auto& archive) {
    archive(proposal_count, school_proposal, company_proposal, school_proposer, company_proposer,
            agreed_proposal, agreed, first_agreed);
  }
  bool operator==(const Supervision&) const = default;
};

// What became of a planned activity (R5).
struct Outcome {
  type::v1::OutcomeKind kind = type::v1::OUTCOME_KIND_UNSPECIFIED;  // unspecified: not known
  type::v1::OutcomeCause cause = type::v1::OUTCOME_CAUSE_UNSPECIFIED;
  FactRef fact;

  bool Accomplished() const {
    return kind == type::v1::OUTCOME_KIND_COMPLETED || kind == type::v1::OUTCOME_KIND_PARTLY;
  }
  bool Presumed() const { return cause == type::v1::OUTCOME_CAUSE_PRESUMED; }

  void Fields(auto& archive) { archive(kind, cause, fact); }
  bool operator==(const Outcome&) const = default;
};

// The hours of one day, in minutes.
struct LoggedDay {
  uint32_t worked_on = 0;
  uint16_t logged = 0;
  uint16_t confirmed = 0;  // 0: not confirmed

  void Fields(auto& archive) { archive(worked_on, logged, confirmed); }
  bool operator==(const LoggedDay&) const = default;
};

// What the school makes up for one activity (R14). At most one exists per stay and activity.
struct MakeUp {
  uint64_t version = 0;
  uint32_t activity = 0;  // its place in the plan
  type::v1::MakeUpState state = type::v1::MAKE_UP_STATE_UNSPECIFIED;
  uint32_t completed_on = 0;
  Bytes session_id;  // 8 bytes, once planned or done in a session
  FactRef required;
  FactRef latest;
  bool closed_with_enrolment = false;  // it was owed when the enrolment ended

  bool IsOpen() const {
    return state == type::v1::MAKE_UP_STATE_REQUIRED || state == type::v1::MAKE_UP_STATE_PLANNED;
  }

  void Fields(auto& archive) {
    archive(version, activity, state, completed_on, session_id, required, latest,
            closed_with_enrolment);
  }
  bool operator==(const MakeUp&) const = default;
};

// What is known of an objective's estimate: that there is one. The words stay sealed in the log.
enum class Estimated : uint8_t { kNo = 0, kWord = 1, kNotObserved = 2 };

struct Stay {
  Bytes id;  // 16 bytes: student_id ‖ 8 bytes
  uint64_t version = 0;
  type::v1::StayState state = type::v1::STAY_STATE_UNSPECIFIED;
  type::v1::SequenceType type = type::v1::SEQUENCE_TYPE_UNSPECIFIED;
  Bytes sequence_id;
  uint32_t sequence_version = 0;
  std::string programme_code;
  Bytes company_id;
  Bytes group_id;
  uint32_t starts_on = 0;
  uint32_t ends_on = 0;
  uint32_t plan_version = 0;
  PlanRef plan;
  FactRef scheduled;
  FactRef transferred;  // it was a stay of another school; none: it is one of this school
  Bytes known_as;       // 16 bytes, of a stay of another school

  // What a start needs.
  PlanAnswer answer;
  Duty tutor;
  Duty supervisor;
  Supervision supervision;
  uint32_t prepared_on = 0;  // the first preparation held in time; 0: none
  FactRef prepared;

  uint32_t started_on = 0;
  FactRef started;
  std::vector<RefusalReason> start_lacked;  // it started without these
  FactRef deviation;

  std::vector<LoggedDay> days;  // ascending
  uint32_t logged_minutes = 0;
  std::vector<ModuleMinutes> added;  // additional hours (R4)
  FactRef overrun;                   // the last time that the logged hours came to be over
  std::vector<Outcome> outcomes;     // one for each activity of the plan
  std::vector<Estimated> estimates;  // one for each objective of the plan
  FactRef final_report;
  uint32_t observation_count = 0;
  std::vector<uint32_t> open_observations;  // by number, ascending
  uint32_t last_fact_on = 0;  // the last day on which something of the workplace is recorded

  uint32_t ended_on = 0;
  type::v1::StayEndKind end_kind = type::v1::STAY_END_KIND_UNSPECIFIED;
  FactRef ended;
  std::vector<MakeUp> make_ups;  // in the order of the plan

  bool IsPlanned() const { return state == type::v1::STAY_STATE_PLANNED; }
  bool IsStarted() const { return state == type::v1::STAY_STATE_STARTED; }
  bool IsEnded() const { return state == type::v1::STAY_STATE_ENDED; }
  bool IsCancelled() const { return state == type::v1::STAY_STATE_CANCELLED; }

  const Outcome* FindOutcome(std::string_view activity) const;
  const MakeUp* FindMakeUp(std::string_view activity) const;
  const LoggedDay* FindDay(uint32_t worked_on) const;
  uint32_t AddedMinutes() const;
  // Planned and added.
  uint32_t AllowedMinutes() const { return plan->PlannedMinutes() + AddedMinutes(); }
  bool IsOverrun() const { return logged_minutes > AllowedMinutes(); }

  void Fields(auto& archive) {
    archive(id, version, state, type, sequence_id, sequence_version, programme_code, company_id,
            group_id, starts_on, ends_on, plan_version, plan, scheduled, transferred, known_as,
            answer, tutor, supervisor, supervision, prepared_on, prepared, started_on, started,
            start_lacked, deviation, days, logged_minutes, added, overrun, outcomes, estimates,
            final_report, observation_count, open_observations, last_fact_on, ended_on, end_kind,
            ended, make_ups);
  }
  bool operator==(const Stay&) const = default;
};

}  // namespace jalon::domain
