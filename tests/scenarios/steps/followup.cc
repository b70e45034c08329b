// Make-up and follow-up, in school.
#include <fmt/format.h>

#include "jalon/followup/v1/follow_up_service.pb.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

// "of a2 a3 of s1", and a line "a2 of s2" for each other stay.
template <typename Command>
void TakeMakeUps(Step& step, Command& command) {
  Stage& stage = step.stage();
  const auto add = [&](const Words& activities, const std::string& stay) {
    for (const std::string& activity : activities) {
      auto& row = *command.add_rows();
      row.set_stay_id(StayNamed(stage, stay));
      row.set_activity(activity);
    }
  };
  add(step.List("activities"), step["stay"]);
  for (Line& line : step.details()) {
    if (const auto more = line.Is("<activities...> of <stay>")) {
      add(more->List("activities"), (*more)["stay"]);
    }
  }
}

void Plan(Step& step) {
  Stage& stage = step.stage();
  followup::v1::PlanMakeUp command;
  TakeMakeUps(step, command);
  command.set_place(type::v1::PLACE_SCHOOL);
  command.set_owner_id(stage.Id(Named::kPerson, step["who"]));
  command.set_due_on(domain::AddDays(stage.Today(), 14));
  command.set_planned_on(TakeDate(step, 0));
  for (Line& clause : step.clauses()) {
    if (clause.Is("at the company")) command.set_place(type::v1::PLACE_COMPANY);
    if (const auto owner = clause.Is("seen to by <owner>")) {
      command.set_owner_id(stage.Id(Named::kPerson, (*owner)["owner"]));
    }
    if (const auto due = clause.Is("by <date>")) command.set_due_on(DateNamed((*due)["date"]));
  }
  step.Send(step["who"], command);
}

void Complete(Step& step) {
  followup::v1::CompleteMakeUp command;
  TakeMakeUps(step, command);
  command.mutable_done_at_school()->set_done_on(TakeDateOrToday(step));
  for (Line& clause : step.clauses()) {
    if (const auto otherwise = clause.Is("achieved otherwise by <evidence>")) {
      command.mutable_achieved_otherwise()->set_achieved_on(TakeDateOrToday(step));
      command.mutable_achieved_otherwise()->set_evidence_ref((*otherwise)["evidence"]);
    }
    if (clause.Is("without saying how")) command.clear_how();
  }
  for (auto& row : *command.mutable_rows()) {
    if (!TakeReason(step, row.mutable_reason())) row.clear_reason();
  }
  step.Send(step["who"], command);
}

void FollowUp(Step& step) {
  followup::v1::RecordFollowUp command;
  command.set_stay_id(StayNamed(step.stage(), step["stay"]));
  for (const std::string& number : step.List("numbers")) {
    command.add_observation_numbers(NumberNamed(number));
  }
  command.set_place(type::v1::PLACE_SCHOOL);
  for (Line& clause : step.clauses()) {
    if (clause.Is("at the company")) command.set_place(type::v1::PLACE_COMPANY);
  }
  command.set_held_on(TakeDateOrToday(step));
  command.mutable_words()->mutable_clear()->set_text("We talked about it.");
  step.Send(step["who"], command);
}

}  // namespace

void AddFollowUpSteps(StepTable& steps) {
  steps.Given("<who> plans the make-up of <activities...> of <stay>", Plan);
  steps.Given("<who> completes the make-up of <activities...> of <stay>", Complete);
  steps.Given("<who> follows up observation|observations <numbers...> of <stay>", FollowUp);
}

}  // namespace jalon::scenarios
