// What the company reports: outcomes, estimates, reports, attitudes.
#include <fmt/format.h>

#include "jalon/feedback/v1/feedback_service.pb.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

type::v1::OutcomeKind OutcomeNamed(const std::string& text) {
  if (text == "done") return type::v1::OUTCOME_KIND_COMPLETED;
  if (text == "partly") return type::v1::OUTCOME_KIND_PARTLY;
  if (text == "missed") return type::v1::OUTCOME_KIND_NOT_PERFORMED;
  throw StepFailed{fmt::format("an activity is done, partly done or missed, not '{}'", text)};
}

type::v1::OutcomeCause CauseNamed(const std::string& text) {
  if (text == "work") return type::v1::OUTCOME_CAUSE_NO_WORK;
  if (text == "resources") return type::v1::OUTCOME_CAUSE_RESOURCE_LACKING;
  if (text == "time") return type::v1::OUTCOME_CAUSE_TIME;
  if (text == "presence") return type::v1::OUTCOME_CAUSE_ABSENCE;
  throw StepFailed{fmt::format("for lack of work, resources, time or presence, not '{}'", text)};
}

void TakeCause(Line& clause, feedback::v1::ActivityOutcome& outcome) {
  if (const auto lack = clause.Is("for lack of <what>")) {
    outcome.set_cause(CauseNamed((*lack)["what"]));
  }
  if (clause.Is("as presumed")) outcome.set_cause(type::v1::OUTCOME_CAUSE_PRESUMED);
}

// "luc reports a1 a5 of s1 done", or a line for each outcome: "a2 partly, for lack of time".
void Report(Step& step) {
  feedback::v1::RecordActivityOutcomes command;
  command.set_stay_id(StayNamed(step.stage(), step["stay"]));
  const domain::LocalDate date = TakeDateOrToday(step);
  const auto add = [&](const std::string& activity, const std::string& outcome) {
    feedback::v1::ActivityOutcome& added = *command.add_outcomes();
    added.set_activity(activity);
    added.set_outcome(OutcomeNamed(outcome));
    added.set_performed_on(date);
    return &added;
  };
  for (const std::string& activity : step.List("activities")) add(activity, step["outcome"]);
  for (Line& clause : step.clauses()) {
    for (auto& outcome : *command.mutable_outcomes()) TakeCause(clause, outcome);
  }
  for (Line& line : step.details()) {
    const auto one = line.Is("<activity> <outcome>");
    if (!one) continue;
    feedback::v1::ActivityOutcome& outcome = *add((*one)["activity"], (*one)["outcome"]);
    for (Line& clause : line.clauses) {
      TakeCause(clause, outcome);
      if (const auto on = clause.Is("on <date>")) {
        outcome.set_performed_on(DateNamed((*on)["date"]));
      }
    }
  }
  step.Send(step["who"], command);
}

void Estimate(Step& step) {
  feedback::v1::ReportFormativeEstimate command;
  command.set_stay_id(StayNamed(step.stage(), step["stay"]));
  command.set_objective(step["objective"]);
  command.set_observed_on(TakeDateOrToday(step));
  if (step.Has("word")) {
    command.mutable_words()->mutable_clear()->set_word(step["word"]);
  } else {
    command.set_not_observed(true);
  }
  for (Line& clause : step.clauses()) {
    if (const auto scale = clause.Is("by the scale of policy <version>")) {
      command.set_scale_version(NumberNamed((*scale)["version"]));
    }
    if (clause.Is("without a word")) command.clear_words();
    if (clause.Is("as not observed")) command.set_not_observed(true);
  }
  step.Send(step["who"], command);
}

void Submit(Step& step) {
  feedback::v1::SubmitTutorReport command;
  command.set_stay_id(StayNamed(step.stage(), step["stay"]));
  const std::string kind = step["kind"];
  command.set_kind(kind == "final"     ? type::v1::TUTOR_REPORT_KIND_FINAL
                   : kind == "interim" ? type::v1::TUTOR_REPORT_KIND_INTERIM
                                       : type::v1::TUTOR_REPORT_KIND_SUPPLEMENT);
  command.set_reported_on(TakeDate(step, 0));
  command.mutable_words()->mutable_clear()->set_text("The stay went as it went.");
  for (Line& clause : step.clauses()) {
    if (const auto silent = clause.Is("not observed <objectives...>")) {
      for (const std::string& code : silent->List("objectives")) *command.add_not_observed() = code;
    }
  }
  step.Send(step["who"], command);
}

void Observe(Step& step) {
  feedback::v1::ObserveAttitude command;
  command.set_stay_id(StayNamed(step.stage(), step["stay"]));
  command.set_observed_on(TakeDateOrToday(step));
  command.mutable_words()->mutable_clear()->set_text(step["words"]);
  step.Send(step["who"], command);
}

}  // namespace

void AddFeedbackSteps(StepTable& steps) {
  steps.Given("<who> reports <activities...> of <stay> <outcome>", Report);
  steps.Given("<who> reports on <stay>", Report);
  steps.Given("<who> estimates <objective> of <stay> as <word>", Estimate);
  steps.Given("<who> says that <objective> of <stay> was not observed", Estimate);
  steps.Given("<who> submits the <kind> report of <stay>", Submit);
  steps.Given("<who> observes <words> in <stay>", Observe);
}

}  // namespace jalon::scenarios
