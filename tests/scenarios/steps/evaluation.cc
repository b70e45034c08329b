// The summative evaluation.
#include <fmt/format.h>

#include "jalon/evaluation/v1/evaluation_service.pb.h"
#include "tests/scenarios/steps/clauses.h"
#include "tests/scenarios/steps/names.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

using evaluation::v1::BasisItem;
using evaluation::v1::RecordSummativeEvaluation;

type::v1::EvaluationResult ResultNamed(const std::string& text) {
  if (text == "success") return type::v1::EVALUATION_RESULT_SUCCESS;
  if (text == "failure") return type::v1::EVALUATION_RESULT_FAILURE;
  if (text == "absent") return type::v1::EVALUATION_RESULT_ABSENT;
  throw StepFailed{fmt::format("a result is success, failure or absent, not '{}'", text)};
}

// "on a1 a2 of s1", "on the make-up of a3 of s1": what the evaluation includes.
void TakeBasis(Stage& stage, Line& line, RecordSummativeEvaluation& command) {
  const auto add = [&](const Match& match, evaluation::v1::BasisKind kind) {
    for (const std::string& activity : match.List("activities")) {
      BasisItem& item = *command.add_basis();
      item.set_kind(kind);
      item.set_stay_id(StayNamed(stage, match["stay"]));
      item.set_activity(activity);
    }
  };
  if (const auto made_up = line.Is("including the make-up of <activities...> of <stay>")) {
    add(*made_up, evaluation::v1::BASIS_KIND_MAKE_UP);
  } else if (const auto done = line.Is("including <activities...> of <stay>")) {
    add(*done, evaluation::v1::BASIS_KIND_STAY_ACTIVITY);
  }
}

void Evaluate(Step& step) {
  Stage& stage = step.stage();
  RecordSummativeEvaluation command;
  command.set_student_id(stage.Id(Named::kPerson, step["student"]));
  command.set_module(step["module"]);
  command.set_result(ResultNamed(step["result"]));
  command.set_sat_from_on(TakeDateOrToday(step));
  command.set_sat_to_on(command.sat_from_on());
  *command.mutable_criteria()->mutable_programme() = ProgrammeNamed("5830");
  command.mutable_criteria()->set_module(step["module"]);
  for (Line* line : step.Lines()) {
    TakeBasis(stage, *line, command);
    if (const auto period = line->Is("from <from> until <until>")) {
      command.set_sat_from_on(DateNamed((*period)["from"]));
      command.set_sat_to_on(DateNamed((*period)["until"]));
    }
    if (const auto criteria = line->Is("by the criteria of module <code>")) {
      command.mutable_criteria()->set_module((*criteria)["code"]);
    }
    if (const auto criteria = line->Is("by the criteria of <programme>")) {
      *command.mutable_criteria()->mutable_programme() = ProgrammeNamed((*criteria)["programme"]);
    }
    if (const auto criteria = line->Is("by criterion|criteria <codes...>")) {
      for (const std::string& code : criteria->List("codes")) {
        *command.mutable_criteria()->add_criteria() = code;
      }
    }
    if (const auto programme = line->Is("in programme <code>")) {
      command.set_programme_code((*programme)["code"]);
    }
    if (const auto evaluator = line->Is("evaluated by <person>")) {
      command.set_evaluator_id(stage.Id(Named::kPerson, (*evaluator)["person"]));
    }
  }
  step.Send(step["who"], command);
}

}  // namespace

void AddEvaluationSteps(StepTable& steps) {
  steps.Given("<who> evaluates <student> in <module> as <result>", Evaluate);
}

}  // namespace jalon::scenarios
