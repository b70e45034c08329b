// The answer of `jalon student eligibility`: verdicts, and every reason with its events.
#include <algorithm>

#include "jalon/progress/v1/progress_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/names.h"
#include "services/cli/student_answers.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/domain/reasons.h"

namespace jalon::cli {
namespace {

using progress::v1::ModuleEligibility;

Style StyleOf(progress::v1::Verdict verdict) {
  switch (verdict) {
    case progress::v1::VERDICT_ELIGIBLE:
      return Style::kGood;
    case progress::v1::VERDICT_NOT_ELIGIBLE:
      return Style::kBad;
    default:
      return Style::kPlain;
  }
}

std::string ReasonNames(const google::protobuf::RepeatedPtrField<refusal::v1::Refusal>& reasons) {
  std::vector<std::string_view> names;
  for (const auto& reason : reasons) {  // one per subject: the name once
    const std::string_view name = domain::ReasonName(reason.reason());
    if (std::ranges::count(names, name) == 0) names.push_back(name);
  }
  return Join(names);
}

std::string ResultText(const ModuleEligibility& module, const Output& output) {
  const auto& result = module.result();
  if (!module.has_result()) return {};
  return NameIn(output.language, result.result()) + ' ' + DayText(result.sat_to_on());
}

void ShowTable(const progress::v1::GetSummativeEligibilityResponse& response, Output& output) {
  Table table({{output.Say({"module", "module"})},
               {output.Say({"statement", "énoncé"}), Align::kLeft, true},
               {output.Say({"verdict", "verdict"})},
               {output.Say({"because", "parce que"})},
               {output.Say({"result", "résultat"})}});
  for (const ModuleEligibility& module : response.modules()) {
    // A module that no stay targets is eligible, but not for being ready.
    const std::string because = module.reasons().empty() && !module.targeted()
                                    ? output.Say({"no stay targets it", "aucun séjour ne le vise"})
                                    : ReasonNames(module.reasons());
    table.Add({module.module(),
               module.statement(),
               {NameIn(output.language, module.verdict()), StyleOf(module.verdict())},
               because,
               ResultText(module, output)});
  }
  Show(table, {"No module.", "Aucun module."}, output);
}

void ShowReasons(const ModuleEligibility& module, Output& output) {
  const std::string result = ResultText(module, output);
  output.out << '\n'
             << Paint(Style::kBold, module.module(), output.colour_out) << ' '
             << Printable(module.statement()) << ": "
             << Paint(StyleOf(module.verdict()), NameIn(output.language, module.verdict()),
                      output.colour_out);
  if (!result.empty()) {
    output.out << ", " << result << ' ' << EventText(module.result().event());
  }
  output.out << '\n';
  for (const auto& reason : module.reasons()) {
    ShowReason(reason, Style::kBad, output.out, output.colour_out, output);
  }
  if (!module.notes().empty()) {  // they hold nobody back, and are not to be read as reasons
    output.out << output.Say(
        {"  To be noted, and no obstacle:\n", "  À noter, sans faire obstacle :\n"});
  }
  for (const auto& note : module.notes()) {
    ShowReason(note, Style::kDim, output.out, output.colour_out, output);
  }
}

}  // namespace

void ShowEligibility(const progress::v1::GetSummativeEligibilityResponse& response, bool all,
                     Output& output) {
  ShowErased(response.erased(), output);
  if (all) ShowTable(response, output);
  for (const ModuleEligibility& module : response.modules()) {
    if (!all || !module.reasons().empty() || module.has_result()) ShowReasons(module, output);
  }
  output.out << output.Say({"\nFor a sitting on {}, by version {} of the school's policy.\n",
                            "\nPour une séance le {}, selon la version {} de la politique de "
                            "l'école.\n"},
                           DayText(response.on()), response.policy_version());
}

}  // namespace jalon::cli
