// What the hours ledger says, as a `then` looks at it (R3, R4, R8).
#include <fmt/format.h>

#include <array>

#include "jalon/progress/v1/progress_service.pb.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

using progress::v1::HoursLedger;
using progress::v1::StayHours;

constexpr uint32_t kMinutesPerHour = 60;

// One column of the ledger: of all stays together, and of one where the ledger says it.
struct Column {
  std::string_view name;
  uint32_t (HoursLedger::*total)() const;
  uint32_t (StayHours::*of_stay)() const;  // null: of all stays only
};
constexpr std::array kColumns = {
    Column{"planned", &HoursLedger::planned_minutes, &StayHours::planned_minutes},
    Column{"taken", &HoursLedger::taken_minutes, &StayHours::taken_minutes},
    Column{"added", &HoursLedger::added_minutes, &StayHours::added_minutes},
    Column{"logged", &HoursLedger::logged_minutes, &StayHours::logged_minutes},
    Column{"prescribed", &HoursLedger::prescribed_minutes, nullptr},
};

HoursLedger LedgerOf(Step& step) {
  progress::v1::GetHoursLedgerRequest request;
  request.set_student_id(step.stage().Id(Named::kPerson, step["student"]));
  progress::v1::GetHoursLedgerResponse response;
  Stage& stage = step.stage();
  const Result<Answer> answer =
      stage.world().Query(stage.Caller("jean", "coordinator"), request, &response);
  if (!answer) throw StepFailed{answer.error().message};
  if (!answer->accepted) throw StepFailed{"the query was " + Described(*answer)};
  return response.ledger();
}

uint32_t MinutesIn(const HoursLedger& ledger, const Column& column, const Bytes& stay_id) {
  if (stay_id.empty()) return (ledger.*column.total)();
  if (column.of_stay == nullptr) {
    throw StepFailed{fmt::format("{} hours are of all stays only", column.name)};
  }
  for (const StayHours& stay : ledger.stays()) {
    if (stay.stay_id() == stay_id) return (stay.*column.of_stay)();
  }
  throw StepFailed{"the ledger has no such stay"};
}

// "30 h taken of s1": of all stays without the last two words.
void CheckLine(Step& step, Line& line, const HoursLedger& ledger) {
  const auto match = line.Is("<number> <unit> <column> [of <stay>]");
  if (!match) throw StepFailed{fmt::format("line {} names no hours", line.line())};
  const Bytes stay_id = match->Has("stay") ? StayNamed(step.stage(), (*match)["stay"]) : Bytes();
  for (const Column& column : kColumns) {
    if (column.name != (*match)["column"]) continue;
    const uint32_t minutes = MinutesIn(ledger, column, stay_id);
    if (minutes == MinutesNamed((*match)["number"], (*match)["unit"])) return;
    throw StepFailed{fmt::format("line {}: {} h {} min are {}", line.line(),
                                 minutes / kMinutesPerHour, minutes % kMinutesPerHour,
                                 column.name)};
  }
  throw StepFailed{
      fmt::format("line {}: the ledger has no column {}", line.line(), (*match)["column"])};
}

// Scenarios have no stays outside the allotted hours, so that each total is the sum of its rows.
void CheckSums(const HoursLedger& ledger) {
  for (const Column& column : kColumns) {
    if (column.of_stay == nullptr) continue;
    uint32_t sum = 0;
    for (const StayHours& stay : ledger.stays()) sum += (stay.*column.of_stay)();
    if (sum == (ledger.*column.total)()) continue;
    throw StepFailed{fmt::format("{} minutes are {}, but those of the stays add up to {}",
                                 (ledger.*column.total)(), column.name, sum)};
  }
}

}  // namespace

void AddHoursSteps(StepTable& steps) {
  steps.Then("the ledger of <student> shows", [](Step& step) {
    const HoursLedger ledger = LedgerOf(step);
    for (Line& line : step.details()) CheckLine(step, line, ledger);
    CheckSums(ledger);
  });
}

}  // namespace jalon::scenarios
