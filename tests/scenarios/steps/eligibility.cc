// What queries answer about eligibility and readiness, as a `then` looks at it.
#include <fmt/format.h>

#include <algorithm>

#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/domain/reasons.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

constexpr const char* kEligibility = "GetSummativeEligibility";
constexpr const char* kReadiness = "GetStartReadiness";

std::string NameOf(const google::protobuf::Message& request) {
  const std::string name = request.GetDescriptor()->name();
  return name.substr(0, name.size() - std::string_view("Request").size());
}

using RefusalList = google::protobuf::RepeatedPtrField<refusal::v1::Refusal>;

template <typename Request, typename Response>
Response Ask(Stage& stage, const Request& request) {
  Response response;
  const Result<Answer> answer =
      stage.world().Query(stage.Caller("jean", "coordinator"), request, &response);
  if (!answer) throw StepFailed{answer.error().message};
  if (!answer->accepted) throw StepFailed{"the query was " + Described(*answer)};
  return response;
}

std::string Listed(const RefusalList& findings) {
  std::string text;
  for (const refusal::v1::Refusal& finding : findings) {
    text += fmt::format("\n    {}{}{}", domain::ReasonName(finding.reason()),
                        finding.cause().empty() ? "" : " since ", finding.cause());
    for (const std::string& subject : finding.subjects()) text += " " + subject;
  }
  return text.empty() ? "\n    nothing" : text;
}

// "850-568", "s1", or "s1/a2": an id under the name that the scenario gave it.
bool IsSubject(const Stage& stage, const std::string& subject, const std::string& name) {
  const std::vector<std::string> spellings = stage.Spellings(name);
  return std::ranges::find(spellings, subject) != spellings.end();
}

// "STAY_NOT_ENDED (R18) since NOT_STARTED for s2": exactly one such finding, with its events.
size_t FindLine(Stage& stage, Line& line, const RefusalList& findings, const char* query,
                bool with_events) {
  const auto match = line.Is("<reason> [<rule>] [since <cause>] [for <subject>]");
  if (!match) throw StepFailed{fmt::format("line {} names no reason", line.line())};
  const domain::RefusalReason reason = domain::ReasonNamed((*match)["reason"]);
  const std::string& own_rule = domain::OptionOf(reason).rule();
  const std::string rule = own_rule.empty() ? "" : "(" + own_rule + ")";
  if ((*match)["rule"] != rule) {
    throw StepFailed{fmt::format("line {}: the rule is {}", line.line(), rule)};
  }
  for (int i = 0; i < findings.size(); ++i) {
    const refusal::v1::Refusal& finding = findings[i];
    if (finding.reason() != reason || finding.cause() != (*match)["cause"]) continue;
    const bool about = !match->Has("subject") ||
                       std::ranges::any_of(finding.subjects(), [&](const std::string& subject) {
                         return IsSubject(stage, subject, (*match)["subject"]);
                       });
    if (!about) continue;
    if (with_events && finding.events().empty()) {
      throw StepFailed{fmt::format("line {}: it cites no event", line.line())};
    }
    stage.shown.emplace(query, reason);
    return static_cast<size_t>(i);
  }
  throw StepFailed{
      fmt::format("line {}: there is none such; there is{}", line.line(), Listed(findings))};
}

// The lines name all findings, each once.
void CheckAll(Step& step, const RefusalList& findings, const char* query, bool with_events) {
  std::vector<bool> named(static_cast<size_t>(findings.size()));
  for (Line& line : step.details()) {
    named[FindLine(step.stage(), line, findings, query, with_events)] = true;
  }
  if (std::ranges::count(named, false) > 0) {
    throw StepFailed{"the lines do not name all of it:" + Listed(findings)};
  }
}

progress::v1::ModuleEligibility Eligibility(Step& step) {
  progress::v1::GetSummativeEligibilityRequest request;
  request.set_student_id(step.stage().Id(Named::kPerson, step["student"]));
  request.set_module(step["module"]);
  request.set_on(TakeDate(step, 0));
  const auto response = Ask<progress::v1::GetSummativeEligibilityRequest,
                            progress::v1::GetSummativeEligibilityResponse>(step.stage(), request);
  if (response.modules_size() != 1) throw StepFailed{"the query answers of no module"};
  return response.modules(0);
}

// Whether the caller, in the role granted last, is answered; otherwise it must be NOT_FOUND.
template <typename Response, typename Request>
bool IsAnswered(Step& step, const Request& request) {
  Stage& stage = step.stage();
  Response response;
  const Result<Answer> answer = stage.world().Query(stage.Caller(step["who"]), request, &response);
  if (!answer) throw StepFailed{answer.error().message};
  if (answer->accepted) return true;
  const auto& refusals = answer->refusal.refusals();
  if (refusals.size() != 1 || refusals[0].reason() != domain::Reason::NOT_FOUND) {
    throw StepFailed{"the query was " + Described(*answer)};
  }
  stage.shown.emplace(NameOf(request), domain::Reason::NOT_FOUND);
  return false;
}

void MustSee(Step& step, bool wanted) {
  const std::string name = step["name"];
  std::vector<bool> seen;
  if (step.stage().Knows(Named::kStay, name) && !name.starts_with("unknown")) {
    placement::v1::GetStartReadinessRequest readiness;
    readiness.set_stay_id(StayNamed(step.stage(), name));
    seen.push_back(IsAnswered<placement::v1::GetStartReadinessResponse>(step, readiness));
  } else {
    progress::v1::GetSummativeEligibilityRequest eligibility;
    eligibility.set_student_id(step.stage().Id(Named::kPerson, name));
    seen.push_back(IsAnswered<progress::v1::GetSummativeEligibilityResponse>(step, eligibility));
    // A guardian asks for no hours.
    if (step.stage().Caller(step["who"]).role != type::v1::ROLE_GUARDIAN) {
      progress::v1::GetHoursLedgerRequest ledger;
      ledger.set_student_id(step.stage().Id(Named::kPerson, name));
      seen.push_back(IsAnswered<progress::v1::GetHoursLedgerResponse>(step, ledger));
    }
  }
  if (std::ranges::find(seen, !wanted) == seen.end()) return;
  throw StepFailed{fmt::format("{} {} {}", step["who"], wanted ? "does not see" : "sees", name)};
}

void MustBe(const progress::v1::ModuleEligibility& eligibility, progress::v1::Verdict verdict) {
  if (eligibility.verdict() == verdict) return;
  throw StepFailed{fmt::format("the verdict is {}, for{}",
                               progress::v1::Verdict_Name(eligibility.verdict()),
                               Listed(eligibility.reasons()))};
}

// Notes that the lines name are there; others may be.
void CheckNotes(Step& step, const progress::v1::ModuleEligibility& eligibility) {
  for (Line& line : step.details())
    FindLine(step.stage(), line, eligibility.notes(), kEligibility, false);
}

void MustBeReady(Step& step, bool wanted) {
  placement::v1::GetStartReadinessRequest request;
  request.set_stay_id(StayNamed(step.stage(), step["stay"]));
  request.set_on(TakeDate(step, 0));
  const auto response =
      Ask<placement::v1::GetStartReadinessRequest, placement::v1::GetStartReadinessResponse>(
          step.stage(), request);
  if (response.stays_size() != 1) throw StepFailed{"the query answers of no stay"};
  const placement::v1::StayReadiness& readiness = response.stays(0);
  if (readiness.ready() != wanted) {
    throw StepFailed{fmt::format("it is {}ready:{}", readiness.ready() ? "" : "not ",
                                 Listed(readiness.refusals()))};
  }
  CheckAll(step, wanted ? readiness.warnings() : readiness.refusals(), kReadiness, false);
}

}  // namespace

void AddEligibilitySteps(StepTable& steps) {
  steps.Then("<student> is eligible in <module>", [](Step& step) {
    const auto eligibility = Eligibility(step);
    MustBe(eligibility, progress::v1::VERDICT_ELIGIBLE);
    CheckNotes(step, eligibility);
  });
  steps.Then("<student> is evaluated in <module>", [](Step& step) {
    const auto eligibility = Eligibility(step);
    MustBe(eligibility, progress::v1::VERDICT_EVALUATED);
    CheckNotes(step, eligibility);
  });
  steps.Then("<student> is not eligible in <module>", [](Step& step) {
    const auto eligibility = Eligibility(step);
    MustBe(eligibility, progress::v1::VERDICT_NOT_ELIGIBLE);
    CheckAll(step, eligibility.reasons(), kEligibility, true);
  });
  steps.Then("<who> sees <name>", [](Step& step) { MustSee(step, true); });
  steps.Then("<who> does not see <name>", [](Step& step) { MustSee(step, false); });
  steps.Then("<stay> is ready to start", [](Step& step) { MustBeReady(step, true); });
  steps.Then("<stay> is not ready to start", [](Step& step) { MustBeReady(step, false); });
}

}  // namespace jalon::scenarios
