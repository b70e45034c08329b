// What the last command came to.
#include <fmt/format.h>

#include <algorithm>

#include "services/domain/event_type.h"
#include "services/domain/reasons.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

using domain::RefusalReason;

RefusalReason ReasonOf(const std::string& name) {
  const RefusalReason reason = domain::ReasonNamed(name);
  if (reason == 0) throw StepFailed{fmt::format("'{}' is no reason", name)};
  return reason;
}

// A reason behind which a rule stands is named with it: "refused NO_TARGET (R1)".
void CheckRule(const refusal::v1::Refusal& refusal, const std::string& stated) {
  const std::string& own = domain::OptionOf(refusal.reason()).rule();
  const std::string& rule = refusal.rule().empty() ? own : refusal.rule();
  if (stated == (rule.empty() ? "" : "(" + rule + ")")) return;
  throw StepFailed{fmt::format("the rule is {}", rule.empty() ? "none" : rule)};
}

bool HasSubject(const Stage& stage, const refusal::v1::Refusal& refusal, const std::string& name) {
  for (const std::string& spelling : stage.Spellings(name)) {
    for (const std::string& subject : refusal.subjects()) {
      if (subject.find(spelling) != std::string::npos) return true;
    }
  }
  return false;
}

// Finds the reason among `refusals` and checks its rule, subjects and cause.
void Find(Step& step, const auto& refusals) {
  const RefusalReason reason = ReasonOf(step["reason"]);
  step.stage().expected.named.insert(reason);
  const std::string described = Described(step.stage().last());
  const auto cause = step["cause"];
  const auto found = std::ranges::find_if(refusals, [&](const refusal::v1::Refusal& refusal) {
    return refusal.reason() == reason && (cause.empty() || refusal.cause() == cause);
  });
  if (found == refusals.end()) throw StepFailed{"it was " + described};
  CheckRule(*found, step["rule"]);
  for (const std::string& subject : step.List("subjects")) {
    if (!HasSubject(step.stage(), *found, subject)) {
      throw StepFailed{fmt::format("'{}' is none of its subjects: it was {}", subject, described)};
    }
  }
}

void Refused(Step& step) {
  const Answer& answer = step.stage().last();
  if (answer.accepted) throw StepFailed{"it was " + Described(answer)};
  Find(step, answer.refusal.refusals());
}

const Answer& MustBeAccepted(Step& step) {
  const Answer& answer = step.stage().last();
  if (!answer.accepted) throw StepFailed{"it was " + Described(answer)};
  return answer;
}

void Warned(Step& step) {
  std::vector<refusal::v1::Refusal> notices;
  for (const auto& warning : MustBeAccepted(step).result.warnings()) {
    notices.push_back(warning.notice());
  }
  Find(step, notices);
}

void NothingIsWarned(Step& step) {
  const auto& warnings = MustBeAccepted(step).result.warnings();
  if (!warnings.empty()) throw StepFailed{"something was: " + warnings.begin()->ShortDebugString()};
}

void RowRefused(Step& step) {
  const uint32_t row = NumberNamed(step["row"]) - 1;
  for (const auto& refused : MustBeAccepted(step).result.refused_rows()) {
    if (refused.row() == row) return Find(step, refused.refusals());
  }
  throw StepFailed{"it was " + Described(step.stage().last())};
}

void RowsAccepted(Step& step) {
  const uint32_t rows = MustBeAccepted(step).result.accepted_rows();
  if (rows != NumberNamed(step["count"])) throw StepFailed{fmt::format("{} were", rows)};
}

void NothingIsWritten(Step& step) {
  if (MustBeAccepted(step).result.has_position()) throw StepFailed{"something was"};
}

// Counts the events of that type in the record of the last command.
void Records(Step& step, uint32_t wanted) {
  const Result<std::vector<log::v1::Event>> events =
      step.stage().world().EventsOf(MustBeAccepted(step));
  if (!events) throw StepFailed{events.error().message};
  std::string all;
  uint32_t count = 0;
  for (const log::v1::Event& event : *events) {
    const std::string_view name = domain::EventName(event.type());
    count += name == step["event"] ? 1 : 0;
    all.append(" ").append(name);
  }
  if (count != wanted) throw StepFailed{"it records:" + all};
}

void SameAnswer(Step& step) {
  const Answer& answer = MustBeAccepted(step);
  const Answer& first = step.stage().First(step["label"]);
  if (!answer.repeated || answer.result.SerializeAsString() != first.result.SerializeAsString()) {
    throw StepFailed{"it is another answer: " + Described(answer)};
  }
}

}  // namespace

void AddAnswerSteps(StepTable& steps) {
  steps.Then("accepted", [](Step& step) { MustBeAccepted(step); });
  steps.Then("refused <reason> [<rule>] [since <cause>] [for <subjects...>]", Refused);
  steps.Then("warned <reason> [<rule>] [since <cause>] [for <subjects...>]", Warned);
  steps.Then("nothing is warned", NothingIsWarned);
  steps.Then("row <row> refused <reason> [<rule>] [since <cause>] [for <subjects...>]", RowRefused);
  steps.Then("<count> row|rows accepted", RowsAccepted);
  steps.Then("nothing is written", NothingIsWritten);
  steps.Then("it records <event>", [](Step& step) { Records(step, 1); });
  steps.Then("it records <count> <event>", [](Step& step) {
    Records(step, step["count"] == "no" ? 0 : NumberNamed(step["count"]));
  });
  steps.Then("the same answer as request <label>", SameAnswer);
}

}  // namespace jalon::scenarios
