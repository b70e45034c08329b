// A stay as the view student_progress keeps one: what happened, what is to be made up, each with
// the event it comes from. Rows of their own have its plan (plan_row.h) and sealed words
// (words_row.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/placement/v1/supervision.pb.h"
#include "jalon/type/v1/training.pb.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"
#include "projections/views/plan_row.h"

namespace jalon::projections {

// What was said to have become of an activity of the plan.
struct OutcomeFacts {
  std::string activity;  // code
  type::v1::OutcomeKind kind = type::v1::OUTCOME_KIND_UNSPECIFIED;
  type::v1::OutcomeCause cause = type::v1::OUTCOME_CAUSE_UNSPECIFIED;
  Fact reported;

  void Fields(auto& archive) { archive(activity, kind, cause, reported); }
  bool operator==(const OutcomeFacts&) const = default;
};

// What the school makes up for one activity of this stay. At most one per activity.
struct MakeUpFacts {
  std::string activity;
  std::vector<std::string> modules;
  type::v1::MakeUpState state = type::v1::MAKE_UP_STATE_UNSPECIFIED;
  type::v1::DischargeCause discharge = type::v1::DISCHARGE_CAUSE_UNSPECIFIED;
  PersonId owner_id;
  uint32_t due_on = 0;
  uint32_t closed_on = 0;  // completed or discharged; 0: owed
  Fact required;
  Fact latest;  // the same as required where nothing followed

  void Fields(auto& archive) {
    archive(activity, modules, state, discharge, owner_id, due_on, closed_on, required, latest);
  }
  bool operator==(const MakeUpFacts&) const = default;
};

// The company's answer to a version of the training plan.
struct PlanAnswer {
  uint32_t plan_version = 0;
  bool accepted = false;  // otherwise declined
  Fact answered;

  void Fields(auto& archive) { archive(plan_version, accepted, answered); }
  bool operator==(const PlanAnswer&) const = default;
};

// A tutor or a school supervisor, from a day on, until the next one's.
struct AssignedPerson {
  PersonId person_id;
  uint32_t from_on = 0;
  Fact assigned;

  void Fields(auto& archive) { archive(person_id, from_on, assigned); }
  bool operator==(const AssignedPerson&) const = default;
};

// Supervision proposed by one side, and agreed once the other assented.
struct SupervisionFacts {
  uint32_t proposal_number = 0;
  bool by_company = false;
  type::v1::ContactKind contact = type::v1::CONTACT_KIND_UNSPECIFIED;
  uint32_t contact_count = 0;  // in each period
  uint32_t period_days = 0;
  Fact proposed;
  Fact agreed;  // on the earliest day; none: not yet

  void Fields(auto& archive) {
    archive(proposal_number, by_company, contact, contact_count, period_days, proposed, agreed);
  }
  bool operator==(const SupervisionFacts&) const = default;
};

struct PreparationFacts {
  std::vector<placement::v1::PreparationTopic> topics;
  bool late = false;  // held after the start: does not clear R22
  Fact held;

  void Fields(auto& archive) { archive(topics, late, held); }
  bool operator==(const PreparationFacts&) const = default;
};

// The stay started without these: open until they are supplied.
struct DeviationFacts {
  std::vector<uint32_t> missing;  // jalon.refusal.v1.RefusalReason
  Fact recorded;

  void Fields(auto& archive) { archive(missing, recorded); }
  bool operator==(const DeviationFacts&) const = default;
};

struct DayFacts {
  uint32_t worked_on = 0;
  uint32_t logged_minutes = 0;
  uint32_t confirmed_minutes = 0;  // 0: not confirmed

  void Fields(auto& archive) { archive(worked_on, logged_minutes, confirmed_minutes); }
  bool operator==(const DayFacts&) const = default;
};

// More was logged than planned and added, at the time.
struct OverrunFacts {
  uint32_t planned_minutes = 0;  // planned and added
  uint32_t logged_minutes = 0;
  Fact noted;

  void Fields(auto& archive) { archive(planned_minutes, logged_minutes, noted); }
  bool operator==(const OverrunFacts&) const = default;
};

struct AdditionFacts {
  uint32_t minutes = 0;
  std::vector<ModuleShare> shares;
  Fact granted;

  void Fields(auto& archive) { archive(minutes, shares, granted); }
  bool operator==(const AdditionFacts&) const = default;
};

// The estimate of an objective reported last. Its words: WordsKey.
struct EstimateFacts {
  std::string objective;
  bool not_observed = false;
  uint32_t scale_version = 0;
  Bytes actor;  // an encoded jalon.type.v1.Actor
  Fact reported;

  void Fields(auto& archive) { archive(objective, not_observed, scale_version, actor, reported); }
  bool operator==(const EstimateFacts&) const = default;
};

struct ReportFacts {
  type::v1::TutorReportKind kind = type::v1::TUTOR_REPORT_KIND_UNSPECIFIED;
  std::vector<std::string> not_observed;  // objectives, by code
  Bytes actor;                            // an encoded jalon.type.v1.Actor
  Fact submitted;

  void Fields(auto& archive) { archive(kind, not_observed, actor, submitted); }
  bool operator==(const ReportFacts&) const = default;
};

struct StayRow {
  StayId stay_id;
  SequenceId sequence_id;
  CompanyId company_id;
  GroupId group_id;
  uint32_t sequence_version = 0;
  type::v1::SequenceType type = type::v1::SEQUENCE_TYPE_UNSPECIFIED;
  std::string programme_code;
  uint32_t starts_on = 0;  // planned
  uint32_t ends_on = 0;    // planned
  uint32_t plan_version = 0;
  type::v1::StayState state = type::v1::STAY_STATE_UNSPECIFIED;
  uint32_t started_on = 0;  // 0: not started
  uint32_t ended_on = 0;    // 0: not ended
  type::v1::StayEndKind end_kind = type::v1::STAY_END_KIND_UNSPECIFIED;
  type::v1::StayEndCause end_cause = type::v1::STAY_END_CAUSE_UNSPECIFIED;
  Fact scheduled;
  Fact started;
  Fact ended;
  Fact transferred;                    // it was a stay of another school; none: one of this school
  std::string issuing_school;          // its code
  Bytes known_as;                      // whichever school tells it, 16 bytes
  std::vector<std::string> wordings;   // of its activities, in the plan's order
  Hash plan_digest{};                  // the plan's row: PlanKey
  std::vector<OutcomeFacts> outcomes;  // as reported; of an activity the last one stands
  std::vector<PlanAnswer> plan_answers;
  std::vector<AssignedPerson> tutors;  // as assigned
  std::vector<AssignedPerson> supervisors;
  std::vector<SupervisionFacts> supervision;
  std::vector<PreparationFacts> preparations;
  std::vector<DeviationFacts> deviations;
  std::vector<DayFacts> days;  // ascending
  std::vector<OverrunFacts> overruns;
  std::vector<AdditionFacts> additions;
  std::vector<EstimateFacts> estimates;  // one per objective, by first report
  std::vector<ReportFacts> reports;
  std::vector<MakeUpFacts> make_ups;

  // Not in the row's bytes: who reads the plan's row beside puts it here. Until then it is empty.
  PlanPtr plan = NoPlan();

  // Planned, logged and confirmed time, in minutes.
  uint32_t PlannedMinutes() const;
  uint32_t AddedMinutes() const;
  uint32_t LoggedMinutes() const;
  uint32_t ConfirmedMinutes() const;
  // Activities of the plan without an outcome.
  uint32_t UnaccountedCount() const;
  // What stands for each activity of the plan, in its order; null: nothing was reported.
  std::vector<const OutcomeFacts*> Outcomes() const;
  // The activity of the plan, or the make-up, of that code, or null.
  const ActivityFacts* FindActivity(std::string_view code) const;
  const MakeUpFacts* FindMakeUp(std::string_view code) const;

  void Fields(auto& archive) {
    archive(stay_id, sequence_id, company_id, group_id, sequence_version, type, programme_code,
            starts_on, ends_on, plan_version, state, started_on, ended_on, end_kind, end_cause,
            scheduled, started, ended, transferred, issuing_school, known_as, wordings, plan_digest,
            outcomes, plan_answers, tutors, supervisors, supervision, preparations, deviations,
            days, overruns, additions, estimates, reports, make_ups);
  }
  bool operator==(const StayRow&) const = default;
};

// Who of `people` it is on `date`: the last one assigned from that day or an earlier one; null:
// nobody.
const AssignedPerson* AssignedOn(const std::vector<AssignedPerson>& people, uint32_t date);

}  // namespace jalon::projections
