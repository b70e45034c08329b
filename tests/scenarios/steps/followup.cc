// Make-up and follow-up, in school.
#include <fmt/format.h>

#include <set>

#include "jalon/duty/v1/duty_service.pb.h"
#include "jalon/followup/v1/follow_up_service.pb.h"
#include "services/domain/model/keys.h"
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

// R14: what is owed and not planned has no owner but the school.
void Owes(Step& step) {
  Stage& stage = step.stage();
  const Bytes stay_id = StayNamed(stage, step["stay"]);
  duty::v1::ListMakeUpsRequest request;
  request.set_student_id(std::string(domain::StudentOf(stay_id)));
  request.add_states(type::v1::MAKE_UP_STATE_REQUIRED);
  duty::v1::ListMakeUpsResponse response;
  const Result<Answer> answer =
      stage.world().Query(stage.Caller("jean", "coordinator"), request, &response);
  if (!answer) throw StepFailed{answer.error().message};
  if (!answer->accepted) throw StepFailed{"the query was " + Described(*answer)};
  const Words named = step.List("activities");
  std::set<std::string> wanted(named.begin(), named.end());
  for (const duty::v1::MakeUpRow& row : response.make_ups()) {
    if (row.stay_id() != stay_id || wanted.erase(row.activity()) == 0) {
      throw StepFailed{fmt::format("the make-up of {} is owed too", row.activity())};
    }
    if (row.state() != type::v1::MAKE_UP_STATE_REQUIRED || !row.owner_id().empty()) {
      throw StepFailed{fmt::format("somebody owns the make-up of {}", row.activity())};
    }
  }
  for (const std::string& activity : wanted) {
    throw StepFailed{fmt::format("no make-up of {} is owed", activity)};
  }
}

}  // namespace

void AddFollowUpSteps(StepTable& steps) {
  steps.Given("<who> plans the make-up of <activities...> of <stay>", Plan);
  steps.Given("<who> completes the make-up of <activities...> of <stay>", Complete);
  steps.Then("the school owes the make-up of <activities...> of <stay>", Owes);
  steps.Given("<who> follows up observation|observations <numbers...> of <stay>", FollowUp);
}

}  // namespace jalon::scenarios
