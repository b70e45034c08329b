// Students of the school.
#include "jalon/roster/v1/roster_service.pb.h"
#include "tests/scenarios/steps/names.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

using roster::v1::EnrolStudentsRow;

// A student whom the scenario knows is named by id, unless the line describes one: "student ada,
// external id A1, born 2009-05-04, guardian "Eve Essai"".
void TakeStudent(Stage& stage, const std::string& name, std::vector<Line>& clauses,
                 EnrolStudentsRow& row) {
  bool described = !stage.Knows(Named::kPerson, name);
  person::v1::Identity identity;
  identity.set_given_name(name);
  identity.set_family_name("Essai");
  identity.set_external_id("id-" + name);
  for (Line& clause : clauses) {
    if (const auto id = clause.Is("external id <id>")) {
      identity.set_external_id((*id)["id"]);
      described = true;
    }
    if (const auto born = clause.Is("born <date>"))
      identity.set_born_on(DateNamed((*born)["date"]));
    if (const auto guardian = clause.Is("guardian <name>")) {
      identity.mutable_guardian()->set_name((*guardian)["name"]);
    }
    if (const auto family = clause.Is("family name <name>")) {
      identity.set_family_name((*family)["name"]);
    }
    if (clause.Is("not in work-study")) row.set_in_alternance(false);
    if (const auto other = clause.Is("in <programme>")) {
      *row.mutable_programme() = ProgrammeNamed((*other)["programme"]);
    }
    if (clause.Is("without identity")) return;
  }
  if (described) {
    *row.mutable_identity()->mutable_clear() = identity;
  } else {
    row.set_student_id(stage.Id(Named::kPerson, name));
  }
}

// Names the students that rows created, by row.
void NameStudents(Step& step, const Words& names) {
  const Answer& answer = step.stage().last();
  if (!answer.accepted || answer.result.dry_run()) return;
  for (const auto& created : answer.result.created()) {
    const std::string& name = names.at(created.row());
    step.stage().Name(Named::kPerson, name, created.person_id());
    step.stage().AddCaller(name, {.person_id = created.person_id(),
                                  .role = type::v1::ROLE_STUDENT,
                                  .school_id = step.stage().school_id(),
                                  .company_id = {},
                                  .modules = {}});
  }
}

void Enrol(Step& step) {
  Stage& stage = step.stage();
  roster::v1::EnrolStudents command;
  Words names;
  const auto add_row = [&](const std::string& name, std::vector<Line>& clauses) {
    names.push_back(name);
    EnrolStudentsRow& row = *command.add_rows();
    *row.mutable_programme() = ProgrammeNamed(step["programme"]);
    row.set_in_alternance(true);
    TakeStudent(stage, name, clauses, row);
  };
  for (const std::string& name : step.List("students")) add_row(name, step.clauses());
  for (Line& line : step.details()) {
    if (const auto student = line.Is("student <name>")) add_row((*student)["name"], line.clauses);
  }
  for (Line& clause : step.clauses()) {
    if (const auto on = clause.Is("on <date>")) command.set_enrolled_on(DateNamed((*on)["date"]));
  }
  step.Send(step["who"], command);
  NameStudents(step, names);
}

}  // namespace

void AddRosterSteps(StepTable& steps) {
  steps.Given("<who> enrols <students...> in <programme>", Enrol);
}

}  // namespace jalon::scenarios
