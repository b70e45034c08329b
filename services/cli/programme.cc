// jalon programme: programmes of study, each version of them adopted once.
#include <memory>

#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/programme_import.h"
#include "services/cli/table.h"

namespace jalon::cli {
namespace {

using catalogue::v1::GetProgrammeRequest;
using catalogue::v1::GetProgrammeResponse;
using catalogue::v1::ListProgrammesRequest;
using catalogue::v1::ListProgrammesResponse;

std::string Hours(uint32_t hours, const Output& output) {
  return CountText(hours, output.language) + " h";
}

void ShowList(const ListProgrammesResponse& response, Output& output) {
  Table table({{output.Say({"code", "code"})},
               {output.Say({"language", "langue"})},
               {output.Say({"version", "version"})},
               {output.Say({"title", "titre"}), Align::kLeft, true},
               {output.Say({"type", "type"})},
               {output.Say({"hours", "heures"}), Align::kRight},
               {output.Say({"modules", "modules"}), Align::kRight},
               {output.Say({"event", "événement"})}});
  for (const auto& programme : response.programmes()) {
    table.Add({programme.ref().code(), programme.ref().language(), programme.ref().version(),
               programme.title(), NameIn(output.language, programme.type()),
               Hours(programme.hours(), output), std::to_string(programme.module_count()),
               EventText(programme.adopted())});
  }
  Show(table, {"No programme is adopted yet.", "Aucun programme n'est encore adopté."}, output);
}

void ShowOne(const GetProgrammeResponse& response, Output& output) {
  const auto& programme = response.programme();
  Facts facts;
  facts.Add(output.Say({"programme", "programme"}),
            {programme.ref().code() + ' ' + programme.title(), Style::kBold});
  facts.Add(output.Say({"version", "version"}),
            programme.ref().version() + " (" + programme.ref().language() + ')');
  facts.Add(output.Say({"type", "type"}), NameIn(output.language, programme.type()));
  facts.Add(output.Say({"hours", "heures"}), Hours(programme.declared_hours(), output));
  facts.Add(output.Say({"elements", "éléments"}), NameIn(output.language, programme.elements()));
  facts.Add(output.Say({"source", "source"}), programme.source());
  facts.Add(output.Say({"adopted", "adopté"}), EventText(response.adopted()));
  output.out << facts.Layout(output.width, output.colour_out) << '\n';
  Table table({{output.Say({"module", "module"})},
               {output.Say({"statement", "énoncé"}), Align::kLeft, true},
               {output.Say({"hours", "heures"}), Align::kRight},
               {output.Say({"units", "unités"}), Align::kRight},
               {output.Say({"prescribed", "prescrit"})}});
  for (const auto& module : programme.modules()) {
    table.Add({module.code(), module.statement(), Hours(module.hours(), output),
               std::to_string(module.units()),
               module.prescribed() ? output.Say({"yes", "oui"}) : ""});
  }
  Show(table, {"No module.", "Aucun module."}, output);
}

}  // namespace

Noun ProgrammeNoun() {
  const auto list = std::make_shared<ListProgrammesRequest>();
  const auto get = std::make_shared<GetProgrammeRequest>();
  return {
      "programme",
      {"programmes of study that the school adopted",
       "les programmes d'études que l'école a adoptés"},
      {ProgrammeImport(),
       {"list",
        {"List the programme versions", "Lister les versions de programmes"},
        {},
        [list](Session& session) {
          return AskAndShow<ListProgrammesResponse>(session, list.get(), ShowList);
        }},
       {"show",
        {"Show one version with its modules", "Montrer une version avec ses modules"},
        {Text("CODE", "CODE", {"the programme's code", "le code du programme"}, get->mutable_code())
             .Required(),
         Text("--language", "en|fr", {"the language of its statements", "la langue de ses énoncés"},
              get->mutable_language()),
         Text("--version", "LABEL",
              {"the version; else the one adopted last", "la version; sinon la dernière adoptée"},
              get->mutable_version())},
        [get](Session& session) {
          return AskAndShow<GetProgrammeResponse>(session, get.get(), ShowOne);
        }}}};
}

}  // namespace jalon::cli
