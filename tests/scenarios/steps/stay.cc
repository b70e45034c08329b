// Stays while they run: start, hours, end.
#include "jalon/stay/v1/stay_service.pb.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

void Start(Step& step) {
  stay::v1::StartStay command;
  command.set_stay_id(StayNamed(step.stage(), step["stay"]));
  command.set_started_on(TakeDateOrToday(step));
  if (!TakeReason(step, command.mutable_deviation_reason())) command.clear_deviation_reason();
  step.Send(step["who"], command);
}

// "logs 7 h in s1, on 2026-09-02": one day, or one day a line.
void LogHours(Step& step, bool confirm) {
  stay::v1::LogHours command;
  command.set_stay_id(StayNamed(step.stage(), step["stay"]));
  auto& days = confirm ? *command.mutable_confirmed_days() : *command.mutable_days();
  if (step.Has("number")) {
    stay::v1::DayHours& day = *days.Add();
    day.set_worked_on(TakeDateOrToday(step));
    day.set_minutes(MinutesNamed(step["number"], step["unit"]));
  }
  for (Line& line : step.details()) {
    if (const auto one = line.Is("<number> <unit> on <date>")) {
      stay::v1::DayHours& day = *days.Add();
      day.set_worked_on(DateNamed((*one)["date"]));
      day.set_minutes(MinutesNamed((*one)["number"], (*one)["unit"]));
    }
    // A whole stretch: "7 h each day from 2026-09-01 until 2026-09-04".
    if (const auto many = line.Is("<number> <unit> each day from <from> until <until>")) {
      const domain::LocalDate until = DateNamed((*many)["until"]);
      for (domain::LocalDate date = DateNamed((*many)["from"]); date <= until;
           date = domain::AddDays(date, 1)) {
        stay::v1::DayHours& day = *days.Add();
        day.set_worked_on(date);
        day.set_minutes(MinutesNamed((*many)["number"], (*many)["unit"]));
      }
    }
  }
  step.Send(step["who"], command);
}

void Grant(Step& step) {
  stay::v1::GrantAdditionalHours command;
  command.set_stay_id(StayNamed(step.stage(), step["stay"]));
  command.set_minutes(MinutesNamed(step["number"], step["unit"]));
  command.set_granted_on(TakeDate(step, 0));
  for (Line& clause : step.clauses()) {
    if (const auto forth = clause.Is("for activity|activities <codes...>")) {
      for (const std::string& code : forth->List("codes")) *command.add_activities() = code;
    }
    if (const auto forth = clause.Is("for objective|objectives <codes...>")) {
      for (const std::string& code : forth->List("codes")) *command.add_objectives() = code;
    }
  }
  if (!TakeReason(step, command.mutable_reason())) command.clear_reason();
  step.Send(step["who"], command);
}

void End(Step& step) {
  stay::v1::EndStay command;
  command.set_stay_id(StayNamed(step.stage(), step["stay"]));
  command.set_ended_on(TakeDateOrToday(step));
  command.set_kind(type::v1::STAY_END_KIND_AS_PLANNED);
  for (Line& clause : step.clauses()) {
    if (clause.Is("presuming the rest not performed")) command.set_presume_not_performed(true);
    if (clause.Is("early")) command.set_kind(type::v1::STAY_END_KIND_EARLY);
    if (clause.Is("early as the company closed")) {
      command.set_kind(type::v1::STAY_END_KIND_EARLY);
      command.set_cause(type::v1::STAY_END_CAUSE_COMPANY_UNAVAILABLE);
    }
  }
  step.Send(step["who"], command);
}

}  // namespace

void AddStaySteps(StepTable& steps) {
  steps.Given("<who> starts <stay>", Start);
  steps.Given("<who> logs <number> <unit> in <stay>", [](Step& step) { LogHours(step, false); });
  steps.Given("<who> logs hours in <stay>", [](Step& step) { LogHours(step, false); });
  steps.Given("<who> confirms <number> <unit> in <stay>", [](Step& step) { LogHours(step, true); });
  steps.Given("<who> confirms hours in <stay>", [](Step& step) { LogHours(step, true); });
  steps.Given("<who> grants <number> <unit> in <stay>", Grant);
  steps.Given("<who> ends <stay>", End);
}

}  // namespace jalon::scenarios
