// Assignments, stays, and what is arranged before a stay.
#include <fmt/format.h>

#include "jalon/placement/v1/placement_service.pb.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

using placement::v1::ScheduleStaysRow;

// "released from 850-573 since "recognised before""
void TakeRelease(Line& line, placement::v1::AssignSequenceRow& row) {
  if (const auto released = line.Is("released from <modules...>")) {
    for (const std::string& module : released->List("modules")) *row.add_release_modules() = module;
  }
  TakeReason(line, row.mutable_release_reason());
  if (!row.release_reason().has_clear()) row.clear_release_reason();
}

void Assign(Step& step) {
  Stage& stage = step.stage();
  placement::v1::AssignSequence command;
  command.set_sequence_id(stage.Id(Named::kSequence, step["sequence"]));
  for (const std::string& name : step.List("students")) {
    command.add_rows()->set_student_id(stage.Id(Named::kPerson, name));
  }
  for (Line& clause : step.clauses()) {
    for (auto& row : *command.mutable_rows()) TakeRelease(clause, row);
    if (const auto version = clause.Is("version <number>")) {
      command.set_sequence_version(NumberNamed((*version)["number"]));
    }
  }
  for (Line& line : step.details()) {
    const auto student = line.Is("student <name>");
    if (!student) continue;
    placement::v1::AssignSequenceRow& row = *command.add_rows();
    row.set_student_id(stage.Id(Named::kPerson, (*student)["name"]));
    for (Line& clause : line.clauses) TakeRelease(clause, row);
  }
  command.set_assigned_on(TakeDate(step, 0));
  step.Send(step["who"], command);
}

// What a clause says of the stay to schedule.
void TakeSchedule(Stage& stage, Line& clause, ScheduleStaysRow& row) {
  if (const auto period = clause.Is("from <from> until <until>")) {
    row.set_starts_on(DateNamed((*period)["from"]));
    row.set_ends_on(DateNamed((*period)["until"]));
  }
  if (const auto planned = clause.Is("activity <activity> <number> <unit>")) {
    placement::v1::ActivityToPlan& activity = *row.add_activities();
    activity.set_activity((*planned)["activity"]);
    activity.set_planned_minutes(MinutesNamed((*planned)["number"], (*planned)["unit"]));
  } else if (const auto only = clause.Is("only activity|activities <activities...>")) {
    for (const std::string& code : only->List("activities")) {
      row.add_activities()->set_activity(code);
    }
  }
  if (const auto prescribed = clause.Is("prescribed <number> <unit> of <module>")) {
    placement::v1::PrescribedHours& hours = *row.add_prescribed();
    hours.set_module((*prescribed)["module"]);
    hours.set_planned_minutes(MinutesNamed((*prescribed)["number"], (*prescribed)["unit"]));
  }
  if (const auto group = clause.Is("in group <group>")) {
    const std::string name = (*group)["group"];
    if (!stage.Knows(Named::kGroup, name)) {
      stage.Name(Named::kGroup, name, (name + "00000000").substr(0, 8));
    }
    row.set_group_id(stage.Id(Named::kGroup, name));
  }
}

void Schedule(Step& step) {
  Stage& stage = step.stage();
  placement::v1::ScheduleStays command;
  Words names;
  const auto add_row = [&](const std::string& stay, const std::string& student,
                           const std::string& company, const std::string& sequence,
                           std::vector<Line>& clauses) {
    names.push_back(stay);
    ScheduleStaysRow& row = *command.add_rows();
    row.set_student_id(stage.Id(Named::kPerson, student));
    row.set_company_id(stage.Id(Named::kCompany, company));
    row.set_sequence_id(stage.Id(Named::kSequence, sequence));
    row.set_starts_on(stage.Today());
    row.set_ends_on(domain::AddDays(stage.Today(), 25));
    for (Line& clause : clauses) TakeSchedule(stage, clause, row);
  };
  if (step.Has("stay")) {
    add_row(step["stay"], step["student"], step["company"], step["sequence"], step.clauses());
  }
  for (Line& line : step.details()) {
    if (const auto row = line.Is("stay <stay> of <student> at <company> for <sequence>")) {
      add_row((*row)["stay"], (*row)["student"], (*row)["company"], (*row)["sequence"],
              line.clauses);
    }
  }
  const Answer& answer = step.Send(step["who"], command);
  if (!answer.accepted || answer.result.dry_run()) return;
  for (const auto& created : answer.result.created()) {
    stage.Name(Named::kStay, names.at(created.row()), created.id());
  }
}

void Answered(Step& step, placement::v1::PlanAnswer given) {
  placement::v1::AcceptTrainingPlan command;
  command.set_answer(given);
  command.set_answered_on(TakeDate(step, 0));
  for (const std::string& stay : step.List("stays")) {
    placement::v1::AcceptTrainingPlanRow& row = *command.add_rows();
    row.set_stay_id(StayNamed(step.stage(), stay));
    row.set_plan_version(1);
    if (TakeReason(step, row.mutable_reason())) continue;
    row.clear_reason();
  }
  for (Line& clause : step.clauses()) {
    if (const auto version = clause.Is("version <number>")) {
      for (auto& row : *command.mutable_rows()) {
        row.set_plan_version(NumberNamed((*version)["number"]));
      }
    }
    if (const auto wording = clause.Is("wording <activity> as <words>")) {
      placement::v1::ProposedWording& proposed = *command.add_proposed_wordings();
      proposed.set_activity((*wording)["activity"]);
      proposed.set_wording((*wording)["words"]);
    }
  }
  step.Send(step["who"], command);
}

template <typename Command>
void AssignPerson(Step& step, void (*set)(Command&, const Bytes&)) {
  Command command;
  set(command, step.stage().Id(Named::kPerson, step["person"]));
  for (Line& clause : step.clauses()) {
    if (const auto from = clause.Is("from <date>")) command.set_from_on(DateNamed((*from)["date"]));
  }
  for (const std::string& stay : step.List("stays")) {
    command.add_rows()->set_stay_id(StayNamed(step.stage(), stay));
  }
  step.Send(step["who"], command);
}

void SetTerms(placement::v1::AgreeSupervisionRow& row) {
  row.mutable_terms()->mutable_clear()->set_accompaniment("A mechanic beside the student.");
  row.mutable_terms()->mutable_clear()->set_supervision("The work is checked every day.");
}

void Propose(Step& step) {
  placement::v1::AgreeSupervision command;
  command.set_agreed_on(TakeDate(step, 0));
  command.mutable_rhythm()->set_kind(type::v1::CONTACT_KIND_VISIT);
  command.mutable_rhythm()->set_count(1);
  command.mutable_rhythm()->set_period_days(14);
  bool terms = true;
  for (Line& clause : step.clauses()) {
    if (clause.Is("without rhythm")) command.clear_rhythm();
    if (clause.Is("without terms")) terms = false;
  }
  for (const std::string& stay : step.List("stays")) {
    placement::v1::AgreeSupervisionRow& row = *command.add_rows();
    row.set_stay_id(StayNamed(step.stage(), stay));
    if (terms) SetTerms(row);
  }
  step.Send(step["who"], command);
}

void Assent(Step& step) {
  placement::v1::AgreeSupervision command;
  command.set_agreed_on(TakeDate(step, 0));
  uint32_t number = 1;
  bool terms = false;
  for (Line& clause : step.clauses()) {
    if (clause.Is("with other terms")) terms = true;
    if (const auto proposal = clause.Is("proposal <number>")) {
      number = NumberNamed((*proposal)["number"]);
    }
  }
  for (const std::string& stay : step.List("stays")) {
    placement::v1::AgreeSupervisionRow& row = *command.add_rows();
    row.set_stay_id(StayNamed(step.stage(), stay));
    row.set_proposal_number(number);
    if (terms) SetTerms(row);
  }
  step.Send(step["who"], command);
}

void Prepare(Step& step) {
  placement::v1::RecordPreparation command;
  command.set_held_on(TakeDateOrToday(step));
  command.add_topics(placement::v1::PREPARATION_TOPIC_ATTITUDES);
  command.add_topics(placement::v1::PREPARATION_TOPIC_TRAINEE_RIGHTS);
  for (const std::string& stay : step.List("stays")) {
    command.add_rows()->set_stay_id(StayNamed(step.stage(), stay));
  }
  step.Send(step["who"], command);
}

}  // namespace

void AddPlacementSteps(StepTable& steps) {
  steps.Given("<who> assigns <sequence> to <students...>", Assign);
  steps.Given("<who> assigns <sequence>", Assign);
  steps.Given("<who> schedules stay <stay> of <student> at <company> for <sequence>", Schedule);
  steps.Given("<who> schedules stays", Schedule);
  steps.Given("<who> accepts the plan of <stays...>",
              [](Step& step) { Answered(step, placement::v1::PLAN_ANSWER_ACCEPTED); });
  steps.Given("<who> declines the plan of <stays...>",
              [](Step& step) { Answered(step, placement::v1::PLAN_ANSWER_DECLINED); });
  steps.Given("<who> names <person> tutor of <stays...>", [](Step& step) {
    AssignPerson<placement::v1::AssignTutor>(
        step, [](auto& command, const Bytes& id) { command.set_tutor_id(id); });
  });
  steps.Given("<who> names <person> supervisor of <stays...>", [](Step& step) {
    AssignPerson<placement::v1::AssignSchoolSupervisor>(
        step, [](auto& command, const Bytes& id) { command.set_supervisor_id(id); });
  });
  steps.Given("<who> proposes the supervision of <stays...>", Propose);
  steps.Given("<who> assents to the supervision of <stays...>", Assent);
  steps.Given("<who> prepares for <stays...>", Prepare);
}

}  // namespace jalon::scenarios
