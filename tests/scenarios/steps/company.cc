// Companies: what they offer, what the school makes sure of, what lacks.
#include <fmt/format.h>

#include "jalon/company/v1/company_service.pb.h"
#include "tests/scenarios/steps/names.h"
#include "tests/scenarios/steps/steps.h"

namespace jalon::scenarios {
namespace {

void Register(Step& step, const std::string& who) {
  company::v1::RegisterHostCompany command;
  command.set_name(step["company"]);
  command.set_site(step.Has("site") ? step["site"] : "1 rue " + step["company"]);
  command.set_neq(step["neq"]);
  step.Send(who, command);
  step.NameCreated(Named::kCompany, step["company"], type::v1::AGGREGATE_KIND_HOST_COMPANY);
}

void DeclareCapacity(Step& step) {
  company::v1::DeclareHostingCapacity command;
  if (step.Has("company")) {
    command.set_company_id(step.stage().Id(Named::kCompany, step["company"]));
  }
  command.set_from_on(DateNamed(step["from"]));
  command.set_until_on(DateNamed(step["until"]));
  command.set_seats(NumberNamed(step["seats"]));
  command.set_interested(true);
  for (Line* line : step.Lines()) {
    if (const auto reach = line->Is("reach <programme> [<module>] [<mode>]")) {
      company::v1::Reach& added = *command.add_reach();
      added.set_programme_code((*reach)["programme"]);
      added.set_module((*reach)["module"]);
      added.set_mode(ModeNamed((*reach)["mode"]));
    }
    if (line->Is("not interested")) command.set_interested(false);
  }
  step.Send(step["who"], command);
}

company::v1::MitigationKind MitigationNamed(const std::string& text) {
  if (text == "loan") return company::v1::MITIGATION_KIND_LOAN;
  if (text == "site") return company::v1::MITIGATION_KIND_OTHER_SITE;
  if (text == "school") return company::v1::MITIGATION_KIND_AT_SCHOOL;
  throw StepFailed{fmt::format("a gap is bridged by loan, another site or school, not '{}'", text)};
}

// "bridged by school, seen to by maude until 2026-10-01"
void TakeMitigation(Stage& stage, std::vector<Line>& clauses,
                    const std::function<company::v1::Mitigation&()>& mitigation) {
  for (Line& clause : clauses) {
    if (const auto by = clause.Is("bridged by [another] <kind>")) {
      mitigation().set_kind(MitigationNamed((*by)["kind"]));
    }
    if (const auto owner = clause.Is("seen to by <owner> until <date>")) {
      mitigation().set_owner_id(stage.Id(Named::kPerson, (*owner)["owner"]));
      mitigation().set_due_on(DateNamed((*owner)["date"]));
    }
  }
}

// "gap in a3 lacking "a brake bench", bridged by ..."
bool TakeGap(Stage& stage, Line& line, const std::function<company::v1::Gap&()>& gap) {
  const auto match = line.Is("gap in <activities...> lacking <what>");
  if (!match) return false;
  company::v1::Gap& added = gap();
  added.set_kind(company::v1::RESOURCE_KIND_MATERIAL);
  added.set_description((*match)["what"]);
  for (const std::string& activity : match->List("activities")) *added.add_activities() = activity;
  TakeMitigation(stage, line.clauses,
                 [&added]() -> company::v1::Mitigation& { return *added.mutable_mitigation(); });
  return true;
}

void Attest(Step& step) {
  Stage& stage = step.stage();
  company::v1::AttestCompanyResources command;
  command.set_company_id(stage.Id(Named::kCompany, step["company"]));
  command.set_sequence_id(stage.Id(Named::kSequence, step["sequence"]));
  command.set_human("A licensed mechanic beside the student.");
  command.set_material("What the activities need.");
  command.set_means(company::v1::ATTESTATION_MEANS_VISIT);
  for (Line* line : step.Lines()) {
    if (line->Is("without human part")) command.clear_human();
    if (line->Is("without material part")) command.clear_material();
    if (line->Is("without means")) command.clear_means();
    if (const auto on = line->Is("on <date>")) command.set_attested_on(DateNamed((*on)["date"]));
    if (const auto version = line->Is("of version <number>")) {
      command.set_sequence_version(NumberNamed((*version)["number"]));
    }
    TakeGap(stage, *line, [&command]() -> company::v1::Gap& { return *command.add_gaps(); });
  }
  step.Send(step["who"], command);
}

// Whoever is of the company, or names a stay, need not name the company.
company::v1::ReportResourceGap GapCommand(Step& step) {
  Stage& stage = step.stage();
  company::v1::ReportResourceGap command;
  if (step.Has("company")) command.set_company_id(stage.Id(Named::kCompany, step["company"]));
  if (step.Has("sequence")) command.set_sequence_id(stage.Id(Named::kSequence, step["sequence"]));
  if (step.Has("stay")) command.set_stay_id(stage.Id(Named::kStay, step["stay"]));
  for (Line& clause : step.clauses()) {
    if (const auto on = clause.Is("on <date>")) command.set_reported_on(DateNamed((*on)["date"]));
  }
  return command;
}

void ReportGap(Step& step) {
  company::v1::ReportResourceGap command = GapCommand(step);
  for (Line* line : step.Lines()) {
    TakeGap(step.stage(), *line,
            [&command]() -> company::v1::Gap& { return *command.mutable_report(); });
  }
  step.Send(step["who"], command);
}

void BridgeGap(Step& step) {
  company::v1::ReportResourceGap command = GapCommand(step);
  company::v1::MitigateGap& mitigate = *command.mutable_mitigate();
  mitigate.set_gap_number(NumberNamed(step["number"]));
  TakeMitigation(step.stage(), step.clauses(), [&mitigate]() -> company::v1::Mitigation& {
    return *mitigate.mutable_mitigation();
  });
  step.Send(step["who"], command);
}

void CloseGap(Step& step) {
  company::v1::ReportResourceGap command = GapCommand(step);
  command.mutable_resolve()->set_gap_number(NumberNamed(step["number"]));
  step.Send(step["who"], command);
}

}  // namespace

void AddCompanySteps(StepTable& steps) {
  steps.Given("company <company> [at <site>] [with NEQ <neq>]",
              [](Step& step) { Register(step, "jean"); });
  steps.Given("<who> registers company <company> [at <site>] [with NEQ <neq>]",
              [](Step& step) { Register(step, step["who"]); });
  steps.Given("<who> declares <seats> seat|seats [at <company>] from <from> until <until>",
              DeclareCapacity);
  steps.Given("<who> attests the resources of <company> for <sequence>", Attest);
  steps.Given("<who> reports a gap [at <company>] for <sequence>", ReportGap);
  steps.Given("<who> reports a gap in stay <stay> [at <company>]", ReportGap);
  steps.Given("<who> bridges gap <number> at <company>", BridgeGap);
  steps.Given("<who> closes gap <number> at <company>", CloseGap);
}

}  // namespace jalon::scenarios
