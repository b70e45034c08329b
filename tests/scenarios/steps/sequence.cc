// Sequences: their design, their activities, publication.
#include <fmt/format.h>

#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "tests/scenarios/steps/names.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

using catalogue::v1::ActivityDefinition;
using catalogue::v1::DesignSequence;
using catalogue::v1::Target;

// "target 850-568 partial, at work e1 e2 e3, at school e4 e5"
void TakeTarget(const Match& match, Line& line, DesignSequence& command) {
  Target& target = *command.add_targets();
  target.set_module(match["module"]);
  target.set_mode(ModeNamed(match["mode"]));
  for (Line& clause : line.clauses) {
    if (const auto work = clause.Is("at work <elements...>")) {
      for (const auto& element : work->List("elements")) *target.add_elements() = element;
    }
    if (const auto hours = clause.Is("at school <number> h")) {
      target.mutable_complement()->set_planned_minutes(MinutesNamed((*hours)["number"], "h"));
    } else if (const auto said = clause.Is("at school it is said that <words>")) {
      target.mutable_complement()->set_description((*said)["words"]);
    } else if (const auto school = clause.Is("at school <elements...>")) {
      for (const auto& element : school->List("elements")) {
        *target.mutable_complement()->add_elements() = element;
      }
    }
  }
}

type::v1::SequenceType TypeNamed(const std::string& text) {
  if (text == "observation") return type::v1::SEQUENCE_TYPE_OBSERVATION;
  if (text == "implementation") return type::v1::SEQUENCE_TYPE_IMPLEMENTATION;
  if (text == "development") return type::v1::SEQUENCE_TYPE_DEVELOPMENT;
  throw StepFailed{fmt::format("'{}' is no type of sequence", text)};
}

void TakeDesignLine(Line& line, DesignSequence& command) {
  if (const auto target = line.Is("target <module> [<mode>]")) {
    TakeTarget(*target, line, command);
  } else if (const auto objective =
                 line.Is("objective <code> in <module> [element <element>] [<wording>]")) {
    catalogue::v1::Objective& added = *command.add_objectives();
    added.set_code((*objective)["code"]);
    added.set_module((*objective)["module"]);
    added.set_element((*objective)["element"]);
    added.set_wording(objective->Has("wording") ? (*objective)["wording"]
                                                : "Work on " + (*objective)["code"]);
  } else if (const auto type = line.Is("for <type>")) {
    command.set_type(TypeNamed((*type)["type"]));
  } else if (const auto without = line.Is("without rationale of <parts...>")) {
    for (const std::string& part : without->List("parts")) {
      if (part == "needs") command.mutable_rationale()->clear_needs();
      if (part == "interest") command.mutable_rationale()->clear_interest();
      if (part == "capacity") command.mutable_rationale()->clear_capacity();
    }
  }
}

void Design(Step& step) {
  Stage& stage = step.stage();
  const std::string name = step["sequence"];
  DesignSequence command;
  if (stage.Knows(Named::kSequence, name)) {
    command.set_sequence_id(stage.Id(Named::kSequence, name));
  }
  *command.mutable_programme() = ProgrammeNamed(step["programme"]);
  command.set_type(type::v1::SEQUENCE_TYPE_DEVELOPMENT);
  command.set_code(name);
  command.set_title("Sequence " + name);
  command.mutable_rationale()->set_needs("The programme asks for real work.");
  command.mutable_rationale()->set_interest("Companies want to train.");
  command.mutable_rationale()->set_capacity("They have the seats.");
  for (Line* line : step.Lines()) {
    TakeDesignLine(*line, command);
  }
  step.Send(step["who"], command);
  step.NameCreated(Named::kSequence, name, type::v1::AGGREGATE_KIND_SEQUENCE);
}

// "activity a1 30 h for braking-1 braking-2, covers e1 e2 of 850-568, without wording"
void TakeActivity(const Match& match, Line& line, catalogue::v1::DefineActivities& command) {
  ActivityDefinition& activity = *command.add_activities();
  activity.set_code(match["code"]);
  activity.set_wording("Do " + match["code"]);
  activity.set_expected_result("It is done: " + match["code"]);
  if (match.Has("hours")) activity.set_planned_minutes(MinutesNamed(match["hours"], "h"));
  for (const std::string& objective : match.List("objectives")) {
    *activity.add_objectives() = objective;
  }
  for (Line& clause : line.clauses) {
    if (const auto covers = clause.Is("covers <elements...> of <module>")) {
      for (const std::string& element : covers->List("elements")) {
        catalogue::v1::ElementRef& covered = *activity.add_covers();
        covered.set_module((*covers)["module"]);
        covered.set_element(element);
      }
    }
    if (clause.Is("without wording")) activity.clear_wording();
    if (clause.Is("without expected result")) activity.clear_expected_result();
    if (const auto doing = clause.Is("doing <wording>")) activity.set_wording((*doing)["wording"]);
  }
}

void Define(Step& step) {
  catalogue::v1::DefineActivities command;
  command.set_sequence_id(step.stage().Id(Named::kSequence, step["sequence"]));
  for (Line* line : step.Lines()) {
    if (const auto activity = line->Is("activity <code> [<hours> h] [for <objectives...>]")) {
      TakeActivity(*activity, *line, command);
    }
  }
  step.Send(step["who"], command);
}

void Publish(Step& step) {
  catalogue::v1::PublishSequence command;
  command.set_sequence_id(step.stage().Id(Named::kSequence, step["sequence"]));
  for (const std::string& code : step.List("omitted")) *command.add_omit_activities() = code;
  step.Send(step["who"], command);
}

// R11: each target shows its own mode.
void Develops(Step& step) {
  Stage& stage = step.stage();
  catalogue::v1::GetSequenceRequest request;
  request.set_sequence_id(stage.Id(Named::kSequence, step["sequence"]));
  catalogue::v1::GetSequenceResponse response;
  const Result<Answer> answer = stage.world().Query(stage.Caller("jean"), request, &response);
  if (!answer) throw StepFailed{answer.error().message};
  if (!response.published()) throw StepFailed{"it is not published"};
  for (const Target& target : response.definition().targets()) {
    if (target.module() != step["module"]) continue;
    if (target.mode() == ModeNamed(step["mode"])) return;
  }
  throw StepFailed{"it does not: " + response.definition().ShortDebugString()};
}

}  // namespace

void AddSequenceSteps(StepTable& steps) {
  steps.Given("<who> designs sequence <sequence> on <programme>", Design);
  steps.Given("<who> defines activities of <sequence>", Define);
  steps.Given("<who> publishes <sequence> [without <omitted...>]", Publish);
  steps.Then("<sequence> develops <module> <mode>", Develops);
}

}  // namespace jalon::scenarios
