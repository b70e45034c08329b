// jalon explain: what a reason means, whether or not a server can be asked.
#include <algorithm>
#include <memory>
#include <string_view>

#include "services/cli/answer.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/domain/explain.h"
#include "services/domain/explanation.h"
#include "services/domain/reasons.h"

namespace jalon::cli {
namespace {

using catalogue::v1::ExplainReasonRequest;
using catalogue::v1::ExplainReasonResponse;
using catalogue::v1::ReasonExplanation;

// `whole`: with the framework's sentence, which all reasons of a rule share.
void ShowExplanation(const ReasonExplanation& reason, bool whole, Output& output) {
  const bool french = output.language == Language::kFrench;
  Facts facts;
  facts.Add(output.Say({"reason", "motif"}), {domain::ReasonName(reason.reason()), Style::kBold});
  facts.Add(output.Say({"says", "dit"}), french ? reason.message_fr() : reason.message_en());
  facts.Add(output.Say({"rule", "règle"}), reason.rule());
  facts.Add(output.Say({"rests on", "se fonde sur"}), NameIn(output.language, reason.basis()));
  if (whole) facts.Add(output.Say({"source", "source"}), reason.source_fr());
  if (whole && !french) facts.Add("in English", reason.source_en());
  facts.Add(output.Say({"remedy", "remède"}), french ? reason.remedy_fr() : reason.remedy_en());
  facts.Add(output.Say({"who", "qui"}), WhoText(reason.who(), reason.clearing(), output.language));
  output.out << facts.Layout(output.width, output.colour_out) << '\n';
}

// From this program's own tables.
void ExplainHere(const ExplainReasonRequest& request, ExplainReasonResponse* response) {
  if (request.rule().empty()) {
    *response->add_reasons() = domain::ExplanationOf(request.reason());
  } else {
    domain::ExplainRule(request.rule(), response);
  }
}

// As people type it ("r5", "no_target") or as JSON has it ("REFUSAL_REASON_NO_TARGET").
std::string Normalised(const std::string& what) {
  constexpr std::string_view kPrefix = "REFUSAL_REASON_";
  std::string name = what;
  std::ranges::transform(name, name.begin(), [](char c) {
    return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

ExitCode Run(Session& session, const std::string& asked) {
  Output& output = session.output();
  const std::string what = Normalised(asked);
  ExplainReasonRequest request;
  if (domain::RuleNumber(what) > 0) {
    request.set_rule(what);
  } else {
    request.set_reason(domain::ReasonNamed(what));
  }
  if (request.rule().empty() && request.reason() == refusal::v1::REFUSAL_REASON_UNSPECIFIED) {
    output.err << output.Say({"jalon: {} is neither a reason nor a rule (R1 to R23)\n",
                              "jalon: {} n'est ni un motif ni une règle (R1 à R23)\n"},
                             asked);
    return ExitCode::kNotFound;
  }
  // The server's words are those of its version; without a server these are the same or nearly so.
  ExplainReasonResponse response;
  const Result<client::Reply> reply = session.Ask(&request, &response);
  if (!reply || !reply->ok) ExplainHere(request, &response);
  if (output.IsJson()) {
    output.out << ToJson(response, true) << '\n';
    return ExitCode::kOk;
  }
  const auto* rule = domain::SourceOf(what);
  if (rule != nullptr) {
    output.out << Paint(Style::kBold, what, output.colour_out) << "  "
               << (output.language == Language::kFrench ? rule->fr : rule->en) << "\n\n";
  }
  for (const ReasonExplanation& reason : response.reasons()) {
    ShowExplanation(reason, rule == nullptr, output);
  }
  if (response.reasons().empty()) {
    output.out << output.Say({"No reason refuses by it: it is shown, not enforced.\n",
                              "Aucun motif ne refuse à ce titre : elle est montrée.\n"});
  }
  return ExitCode::kOk;
}

}  // namespace

Noun ExplainNoun() {
  const auto what = std::make_shared<std::string>();
  return {"explain",
          {"what a reason or a rule means", "ce que veut dire un motif ou une règle"},
          {{"",
            {"Explain a reason: its rule, the framework's sentence, what can be done and by whom",
             "Expliquer un motif : sa règle, la phrase du cadre, ce qu'on peut faire et qui"},
            {Text("REASON", "REASON",
                  {"such as STAY_NOT_ENDED, or a rule such as R18",
                   "tel que STAY_NOT_ENDED, ou une règle telle que R18"},
                  what.get())
                 .Required()},
            [what](Session& session) { return Run(session, *what); }}}};
}

}  // namespace jalon::cli
