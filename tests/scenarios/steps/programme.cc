// Programmes of study.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "tests/scenarios/steps/names.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

using catalogue::v1::ModuleDefinition;
using catalogue::v1::ProgrammeDefinition;

constexpr const char* kSample = "deploy/samples/programmes.csv";

// The fields of a line of CSV; a quoted one may hold commas.
Words SplitCsv(const std::string& line) {
  Words fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

// The modules of the sample catalogue: program,module_code,statement_en,hours,units.
void AddSampleModules(const std::string& code, ProgrammeDefinition& programme) {
  std::ifstream file(kSample);
  if (!file) throw StepFailed{fmt::format("{} cannot be read", kSample)};
  for (std::string line; std::getline(file, line);) {
    const Words fields = SplitCsv(line);
    if (fields.size() != 5 || fields[0] != code) continue;
    ModuleDefinition& module = *programme.add_modules();
    module.set_inferred(fields[1].starts_with("INFERRED"));
    module.set_code(fields[1].substr(0, 8));
    module.set_statement(fields[2]);
    module.set_hours(NumberNamed(fields[3]));
    module.set_units(NumberNamed(fields[4]));
  }
  if (programme.modules().empty()) throw StepFailed{fmt::format("{} has no {}", kSample, code)};
}

ModuleDefinition& ModuleOf(ProgrammeDefinition& programme, const std::string& code) {
  const auto found = std::ranges::find_if(
      *programme.mutable_modules(), [&](const auto& module) { return module.code() == code; });
  if (found != programme.mutable_modules()->end()) return *found;
  throw StepFailed{fmt::format("the programme has no module {}", code)};
}

// "module 850-573 45 h 3 units": a new module, or other hours for one that is there.
void TakeModule(const Match& match, ProgrammeDefinition& programme, bool again) {
  ModuleDefinition& module =
      again ? ModuleOf(programme, match["module"]) : *programme.add_modules();
  module.set_code(match["module"]);
  module.set_hours(NumberNamed(match["hours"]));
  module.set_units(NumberNamed(match["units"]));
  if (!again) module.set_statement("The competency of " + match["module"]);
}

void AddCoded(const Words& codes, auto* list) {
  for (const std::string& code : codes) {
    auto& item = *list->Add();
    item.set_code(code);
    item.set_statement("What " + code + " says");
  }
}

void TakeLine(Line& line, ProgrammeDefinition& programme) {
  if (const auto is = line.Is("declared <hours> h")) {
    programme.set_declared_hours(NumberNamed((*is)["hours"]));
  } else if (const auto leads = line.Is("leads to <credential>")) {
    programme.set_type(CredentialNamed((*leads)["credential"]));
  } else if (const auto added = line.Is("module <module> <hours> h <units> unit|units")) {
    TakeModule(*added, programme, /*again=*/false);
  } else if (const auto changed = line.Is("but <module> has <hours> h <units> unit|units")) {
    TakeModule(*changed, programme, /*again=*/true);
  } else if (const auto elements = line.Is("elements of <module> <codes...>")) {
    AddCoded(elements->List("codes"),
             ModuleOf(programme, (*elements)["module"]).mutable_elements());
    programme.set_elements(type::v1::ELEMENTS_KNOWN_SCHOOL_WORDED);
  } else if (const auto criteria = line.Is("criteria of <module> <codes...>")) {
    AddCoded(criteria->List("codes"),
             ModuleOf(programme, (*criteria)["module"]).mutable_criteria());
  } else if (const auto prescribed = line.Is("<module> is prescribed")) {
    ModuleOf(programme, (*prescribed)["module"]).set_prescribed(true);
  } else if (const auto inferred = line.Is("<module> is inferred")) {
    ModuleOf(programme, (*inferred)["module"]).set_inferred(true);
  }
}

// Unless a line says otherwise: a DEP whose declared hours are those of its modules.
void Adopt(Step& step) {
  catalogue::v1::AdoptProgramme command;
  ProgrammeDefinition& programme = *command.mutable_programme();
  *programme.mutable_ref() = ProgrammeNamed(step["programme"]);
  programme.set_title("Programme " + step["programme"]);
  programme.set_type(type::v1::PROGRAMME_TYPE_DEP);
  programme.set_elements(type::v1::ELEMENTS_KNOWN_NONE);
  if (step.words().back() == "sample") AddSampleModules(programme.ref().code(), programme);
  for (Line* line : step.Lines()) TakeLine(*line, programme);
  if (programme.declared_hours() == 0) {
    for (const ModuleDefinition& module : programme.modules()) {
      programme.set_declared_hours(programme.declared_hours() + module.hours());
    }
  }
  step.Send(step["who"], command);
}

}  // namespace

void AddProgrammeSteps(StepTable& steps) {
  steps.Given("<who> adopts programme <programme>", Adopt);
  steps.Given("<who> adopts programme <programme> from the sample", Adopt);
}

}  // namespace jalon::scenarios
