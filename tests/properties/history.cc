#include "tests/properties/history.h"

#include <algorithm>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "jalon/evaluation/v1/evaluation_service.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/followup/v1/follow_up_service.pb.h"
#include "jalon/placement/v1/placement_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"
#include "services/domain/local_date.h"

namespace jalon::properties {
uint32_t History::SomeDay() {
  return domain::AddDays(cast_.Today(), -static_cast<int32_t>(Chance(0.7) ? 0 : Draw(4)));
}

Move History::Next() {
  Move move = NextAct();
  return move.who.IsCompany() && Chance(0.15) ? KeyedIn(std::move(move)) : move;
}

Move History::NextAct() {
  if (Chance(0.25)) {
    const auto days = std::chrono::hours(24) * static_cast<int>(1 + Draw(4));
    JALON_CHECK(cast_.world.Advance(days).has_value());
  }
  if (stays_.empty() || Chance(0.08)) return Chance(0.5) ? Assign() : Schedule();
  if (Chance(0.03)) return Enrol();
  if (Chance(0.06)) return Evaluate();
  if (Chance(0.02)) return Policy();
  if (Chance(0.06)) return Company();
  if (Chance(0.06)) return Version();
  return AboutStay(OneOf(stays_));
}

// Mostly what is due in the stay's phase, and now and then what is not.
Move History::AboutStay(const HistoryStay& stay) {
  const bool out_of_turn = Chance(0.1);
  if (out_of_turn ? Chance(0.2) : stay.phase == HistoryStay::Phase::kPlanned) {
    return Chance(0.6) ? Arrange(stay) : Start(stay);
  }
  if (out_of_turn ? Chance(0.6) : stay.phase == HistoryStay::Phase::kRunning) {
    switch (Draw(8)) {
      case 0:
        return LogHours(stay);
      case 1:
        return Arrange(stay);
      case 2:
      case 3:
        return Feedback(stay);
      case 4:
        return End(stay);
      default:
        return Outcomes(stay);
    }
  }
  switch (Draw(5)) {
    case 0:
      return Feedback(stay);
    case 1:
      return Outcomes(stay);
    default:
      return MakeUp(stay);
  }
}

// A student goes into alternance or out of it, whatever is assigned.
Move History::Enrol() {
  roster::v1::EnrolStudents enrol;
  auto& row = *enrol.add_rows();
  row.set_student_id(OneOf(cast_.students).person_id);
  *row.mutable_programme() = cast_.programme;
  row.set_in_alternance(Chance(0.6));
  return By(cast_.jean, enrol);
}

Move History::Assign() {
  placement::v1::AssignSequence assign;
  const CastSequence& sequence = OneOf(cast_.sequences);
  assign.set_sequence_id(sequence.id);
  auto& row = *assign.add_rows();
  row.set_student_id(OneOf(cast_.students).person_id);
  if (Chance(0.15)) {
    row.add_release_modules(kModules[Draw(2)]);
    row.mutable_release_reason()->mutable_clear()->set_text("Known");
  }
  return By(cast_.jean, assign);
}

Move History::Schedule() {
  placement::v1::ScheduleStays schedule;
  auto& row = *schedule.add_rows();
  const CastSequence& sequence = OneOf(cast_.sequences);
  row.set_student_id(OneOf(cast_.students).person_id);
  row.set_sequence_id(sequence.id);
  row.set_company_id(cast_.company_id);
  row.set_starts_on(SomeDay());
  row.set_ends_on(domain::AddDays(cast_.Today(), 20));
  for (const CastActivity& activity : sequence.activities) {
    if (Chance(0.7)) {
      auto& planned = *row.add_activities();
      planned.set_activity(activity.code);
      planned.set_planned_minutes(static_cast<uint32_t>(60 * (1 + Draw(8))));
    }
  }
  if (Chance(0.1)) row.add_activities()->set_activity(sequence.later);
  if (Chance(0.2)) {
    auto& prescribed = *row.add_prescribed();
    prescribed.set_module(Chance(0.9) ? kPrescribedModule : kModules[0]);
    prescribed.set_planned_minutes(static_cast<uint32_t>(60 * (1 + Draw(4))));
  }
  return By(cast_.jean, schedule);
}

Move History::Arrange(const HistoryStay& stay) {
  switch (Draw(5)) {
    case 0: {
      placement::v1::AcceptTrainingPlan accept;
      accept.set_answer(placement::v1::PLAN_ANSWER_ACCEPTED);
      auto& row = *accept.add_rows();
      row.set_stay_id(stay.id);
      row.set_plan_version(1);
      return By(cast_.sylvie, accept, true);
    }
    case 1: {
      placement::v1::AssignTutor assign;
      assign.set_tutor_id(Tutor().person_id);
      assign.set_from_on(SomeDay());
      assign.add_rows()->set_stay_id(stay.id);
      return By(cast_.jean, assign, true);
    }
    case 2: {
      placement::v1::AssignSchoolSupervisor assign;
      assign.set_supervisor_id(cast_.maude.person_id);
      assign.add_rows()->set_stay_id(stay.id);
      return By(cast_.jean, assign, true);
    }
    case 3: {
      placement::v1::AgreeSupervision agree;
      auto& row = *agree.add_rows();
      row.set_stay_id(stay.id);
      if (Chance(0.4)) {
        agree.mutable_rhythm()->set_kind(type::v1::CONTACT_KIND_VISIT);
        agree.mutable_rhythm()->set_count(1);
        agree.mutable_rhythm()->set_period_days(14);
        row.mutable_terms()->mutable_clear()->set_accompaniment("Beside");
        row.mutable_terms()->mutable_clear()->set_supervision("Daily");
      } else {
        row.set_proposal_number(static_cast<uint32_t>(1 + (Chance(0.8) ? 0 : 1)));
      }
      // A proposal of one side is mostly assented to by the other.
      const bool proposes = row.proposal_number() == 0;
      return By(Chance(0.8) == proposes ? cast_.maude : cast_.sylvie, agree, true);
    }
    default: {
      placement::v1::RecordPreparation prepare;
      prepare.set_held_on(SomeDay());
      prepare.add_topics(placement::v1::PREPARATION_TOPIC_ATTITUDES);
      prepare.add_rows()->set_stay_id(stay.id);
      return By(cast_.maude, prepare, true);
    }
  }
}

Move History::Start(const HistoryStay& stay) {
  stay::v1::StartStay start;
  start.set_stay_id(stay.id);
  start.set_started_on(SomeDay());
  if (Chance(0.6)) start.mutable_deviation_reason()->mutable_clear()->set_text("There already");
  return By(Chance(0.8) ? cast_.jean : cast_.maude, start);
}

Move History::LogHours(const HistoryStay& stay) {
  if (Chance(0.2)) {
    stay::v1::GrantAdditionalHours grant;
    grant.set_stay_id(stay.id);
    grant.set_minutes(60);
    grant.add_activities(OneOf(stay.activities));
    grant.mutable_reason()->mutable_clear()->set_text("As needed");
    return By(cast_.jean, grant, true);
  }
  stay::v1::LogHours log;
  log.set_stay_id(stay.id);
  auto& day = Chance(0.8) ? *log.add_days() : *log.add_confirmed_days();
  day.set_worked_on(SomeDay());
  day.set_minutes(static_cast<uint32_t>(60 * (1 + Draw(12))));
  return By(Chance(0.5) ? cast_.students[stay.student] : cast_.maude, log, true);
}

Move History::Outcomes(const HistoryStay& stay) {
  feedback::v1::RecordActivityOutcomes record;
  record.set_stay_id(stay.id);
  for (const std::string& activity : stay.activities) {
    if (!Chance(0.4)) continue;
    auto& outcome = *record.add_outcomes();
    outcome.set_activity(activity);
    outcome.set_outcome(static_cast<type::v1::OutcomeKind>(1 + Draw(3)));
    outcome.set_performed_on(SomeDay());
    outcome.set_cause(type::v1::OUTCOME_CAUSE_TIME);
  }
  if (record.outcomes().empty()) {
    auto& outcome = *record.add_outcomes();
    outcome.set_activity(Chance(0.1) ? "zz" : stay.activities.front());
    outcome.set_outcome(type::v1::OUTCOME_KIND_COMPLETED);
    outcome.set_performed_on(SomeDay());
  }
  return By(Chance(0.5) ? Tutor() : cast_.maude, record);
}

Move History::Feedback(const HistoryStay& stay) {
  const std::string objective = Chance(0.7) ? "o0" : "o1";
  switch (Draw(4)) {
    case 0: {
      feedback::v1::ReportFormativeEstimate estimate;
      estimate.set_stay_id(stay.id);
      estimate.set_objective(objective);
      estimate.set_observed_on(SomeDay());
      estimate.mutable_words()->mutable_clear()->set_word("with help");
      return By(Tutor(), estimate, true);
    }
    case 1: {
      feedback::v1::SubmitTutorReport report;
      report.set_stay_id(stay.id);
      report.set_kind(Chance(0.6) ? type::v1::TUTOR_REPORT_KIND_FINAL
                                  : type::v1::TUTOR_REPORT_KIND_INTERIM);
      for (const char* code : {"o0", "o1"}) {
        if (Chance(0.6)) report.add_not_observed(code);
      }
      report.mutable_words()->mutable_clear()->set_text("So it went");
      return By(Tutor(), report, true);
    }
    case 2: {
      followup::v1::RecordFollowUp follow_up;
      follow_up.set_stay_id(stay.id);
      follow_up.add_observation_numbers(static_cast<uint32_t>(1 + Draw(2)));
      follow_up.set_place(type::v1::PLACE_SCHOOL);
      follow_up.set_held_on(cast_.Today());
      follow_up.mutable_words()->mutable_clear()->set_text("We talked");
      return By(cast_.maude, follow_up, true);
    }
    default: {
      feedback::v1::ObserveAttitude observe;
      observe.set_stay_id(stay.id);
      observe.set_observed_on(SomeDay());
      observe.mutable_words()->mutable_clear()->set_text("On time");
      return By(Chance(0.5) ? Tutor() : cast_.maude, observe, true);
    }
  }
}

Move History::End(const HistoryStay& stay) {
  stay::v1::EndStay end;
  end.set_stay_id(stay.id);
  end.set_ended_on(SomeDay());
  end.set_kind(Chance(0.7) ? type::v1::STAY_END_KIND_AS_PLANNED : type::v1::STAY_END_KIND_EARLY);
  end.set_cause(type::v1::STAY_END_CAUSE_STUDENT_LEFT);
  end.set_presume_not_performed(Chance(0.6));
  return By(cast_.maude, end);
}

Move History::MakeUp(const HistoryStay& stay) {
  if (Chance(0.5)) {
    followup::v1::PlanMakeUp plan;
    plan.set_owner_id(cast_.maude.person_id);
    plan.set_place(type::v1::PLACE_SCHOOL);
    plan.set_due_on(domain::AddDays(cast_.Today(), 10));
    for (const std::string& activity : stay.activities) {
      auto& row = *plan.add_rows();
      row.set_stay_id(stay.id);
      row.set_activity(activity);
    }
    return By(cast_.maude, plan);
  }
  followup::v1::CompleteMakeUp complete;
  auto& row = *complete.add_rows();
  row.set_stay_id(stay.id);
  row.set_activity(OneOf(stay.activities));
  if (Chance(0.7)) {
    complete.mutable_done_at_school()->set_done_on(SomeDay());
  } else {
    complete.mutable_achieved_otherwise()->set_achieved_on(SomeDay());
    complete.mutable_achieved_otherwise()->set_evidence_ref("DOC-1");
    row.mutable_reason()->mutable_clear()->set_text("Shown");
  }
  return By(cast_.maude, complete);
}

Move History::Evaluate() {
  const size_t student = Draw(cast_.students.size());
  const std::string& module = kModules[Chance(0.9) ? Draw(2) : 2];
  const auto result = Chance(0.3) ? type::v1::EVALUATION_RESULT_SUCCESS
                                  : static_cast<type::v1::EvaluationResult>(1 + Draw(3));
  return {.who = Chance(0.9) ? cast_.maude : cast_.luc,
          .command = WholeEvaluation(cast_, student, module, SomeDay(), result),
          .header = {},
          .silent = false};
}

Move History::Policy() {
  school::v1::SetPolicy set;
  set.set_effective_on(cast_.Today());
  const bool make_up = Chance(0.5);
  set.mutable_setting()->set_key(make_up ? "makeup_gate" : "report_gate");
  set.mutable_setting()->set_choice(make_up ? (Chance(0.5) ? "PLANNED" : "COMPLETED")
                                            : (Chance(0.5) ? "ON" : "OFF"));
  return By(cast_.jean, set);
}

void History::Note(const Move& move, const scenarios::Answer& answer) {
  if (!answer.accepted || answer.repeated) return;
  for (HistoryStay& stay : stays_) {
    if (const auto* start = dynamic_cast<const stay::v1::StartStay*>(move.command.get())) {
      if (start->stay_id() == stay.id) stay.phase = HistoryStay::Phase::kRunning;
    }
    if (const auto* end = dynamic_cast<const stay::v1::EndStay*>(move.command.get())) {
      if (end->stay_id() == stay.id) stay.phase = HistoryStay::Phase::kOver;
    }
  }
  if (move.command->GetDescriptor() != placement::v1::ScheduleStays::descriptor()) return;
  const auto& schedule = static_cast<const placement::v1::ScheduleStays&>(*move.command);
  for (const auto& created : answer.result.created()) {
    HistoryStay& stay = stays_.emplace_back();
    stay.id = created.id();
    const auto& row = schedule.rows(static_cast<int>(created.row()));
    for (size_t i = 0; i < cast_.students.size(); ++i) {
      if (cast_.students[i].person_id == row.student_id()) stay.student = i;
    }
    for (size_t i = 0; i < cast_.sequences.size(); ++i) {
      if (cast_.sequences[i].id == row.sequence_id()) stay.sequence = i;
    }
    stay.activities = cast_.oracle.Planned(stay.id);
  }
}

std::shared_ptr<google::protobuf::Message> WholeEvaluation(const Cast& cast, size_t student,
                                                           const std::string& module, uint32_t on,
                                                           type::v1::EvaluationResult result) {
  auto command = std::make_shared<evaluation::v1::RecordSummativeEvaluation>();
  command->set_student_id(cast.students[student].person_id);
  command->set_module(module);
  command->set_sat_from_on(on);
  command->set_sat_to_on(on);
  *command->mutable_criteria()->mutable_programme() = cast.programme;
  command->mutable_criteria()->set_module(module);
  command->set_result(result);
  for (const std::string& item : cast.oracle.Accomplished(command->student_id(), module)) {
    auto& basis = *command->add_basis();
    basis.set_kind(evaluation::v1::BASIS_KIND_STAY_ACTIVITY);
    const size_t space = item.find(' ');
    JALON_CHECK(FromHex(item.substr(0, space), basis.mutable_stay_id()));
    basis.set_activity(item.substr(space + 1));
  }
  return command;
}

}  // namespace jalon::properties
