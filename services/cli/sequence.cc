// jalon sequence: what the school designed for the workplace.
#include <memory>

#include "eventstore/base/hash.h"
#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using catalogue::v1::GetSequenceRequest;
using catalogue::v1::GetSequenceResponse;
using catalogue::v1::ListSequencesRequest;
using catalogue::v1::ListSequencesResponse;
using catalogue::v1::SequenceDefinition;
using catalogue::v1::Target;

std::string Version(uint32_t version) { return version == 0 ? "" : std::to_string(version); }

// "850-568 partial, 850-573 complete".
std::string TargetsText(const google::protobuf::RepeatedPtrField<Target>& targets,
                        Language language) {
  std::vector<std::string> texts;
  for (const Target& target : targets) {
    const std::string mode = NameIn(language, target.mode());
    texts.push_back(target.module() + (mode.empty() ? "" : " ") + mode);
  }
  return Join(texts);
}

void ShowList(const ListSequencesResponse& response, Output& output) {
  Table table({{output.Say({"sequence", "séquence"})},
               {output.Say({"id", "identifiant"})},
               {output.Say({"title", "titre"}), Align::kLeft, true},
               {output.Say({"programme", "programme"})},
               {output.Say({"type", "type"})},
               {output.Say({"published", "publiée"}), Align::kRight},
               {output.Say({"draft", "ébauche"}), Align::kRight},
               {output.Say({"targets", "cibles"})},
               {output.Say({"hours", "heures"}), Align::kRight}});
  for (const auto& sequence : response.sequences()) {
    table.Add({sequence.code(), ToHex(sequence.sequence_id()), sequence.title(),
               sequence.programme().code(), NameIn(output.language, sequence.type()),
               Version(sequence.published_version()), Version(sequence.draft_version()),
               TargetsText(sequence.targets(), output.language),
               HoursText(sequence.planned_minutes())});
  }
  Show(table, {"No sequence yet.", "Aucune séquence encore."}, output);
}

void ShowTargets(const SequenceDefinition& sequence, Output& output) {
  Table table({{output.Say({"target", "cible"})},
               {output.Say({"mode", "mode"})},
               {output.Say({"elements", "éléments"})},
               {output.Say({"done by the school", "fait par l'école"}), Align::kLeft, true}});
  for (const Target& target : sequence.targets()) {
    const auto& school = target.complement();
    std::vector<std::string> parts(school.elements().begin(), school.elements().end());
    if (school.planned_minutes() > 0) parts.push_back(HoursText(school.planned_minutes()));
    if (!school.description().empty()) parts.push_back(school.description());
    table.Add({target.module(), NameIn(output.language, target.mode()), Join(target.elements()),
               Join(parts)});
  }
  if (!table.empty()) output.out << '\n' << table.Layout(output.width, output.colour_out);
}

void ShowContent(const SequenceDefinition& sequence, Output& output) {
  Table objectives({{output.Say({"objective", "objectif"})},
                    {output.Say({"module", "module"})},
                    {output.Say({"element", "élément"})},
                    {output.Say({"wording", "énoncé"}), Align::kLeft, true}});
  for (const auto& objective : sequence.objectives()) {
    objectives.Add(
        {objective.code(), objective.module(), objective.element(), objective.wording()});
  }
  if (!objectives.empty()) output.out << '\n' << objectives.Layout(output.width, output.colour_out);
  Table activities({{output.Say({"activity", "activité"})},
                    {output.Say({"wording", "énoncé"}), Align::kLeft, true},
                    {output.Say({"objectives", "objectifs"})},
                    {output.Say({"hours", "heures"}), Align::kRight},
                    {output.Say({"expected result", "résultat attendu"})}});
  for (const auto& activity : sequence.activities()) {
    activities.Add({activity.code(), activity.wording(), Join(activity.objectives()),
                    HoursText(activity.planned_minutes()), activity.expected_result()});
  }
  if (!activities.empty()) output.out << '\n' << activities.Layout(output.width, output.colour_out);
}

void ShowOne(const GetSequenceResponse& response, Output& output) {
  const SequenceDefinition& sequence = response.definition();
  Facts facts;
  facts.Add(output.Say({"sequence", "séquence"}),
            {sequence.code() + ' ' + sequence.title(), Style::kBold});
  facts.Add(output.Say({"id", "identifiant"}), ToHex(response.sequence_id()));
  facts.Add(output.Say({"version", "version"}),
            std::to_string(response.sequence_version()) + ' ' +
                (response.published() ? output.Say({"published", "publiée"})
                                      : output.Say({"draft", "ébauche"})));
  facts.Add(output.Say({"programme", "programme"}), sequence.programme().code() + " (" +
                                                        sequence.programme().version() + ", " +
                                                        sequence.programme().language() + ')');
  facts.Add(output.Say({"type", "type"}), NameIn(output.language, sequence.type()));
  facts.Add(output.Say({"needs", "besoins"}), sequence.rationale().needs());
  facts.Add(output.Say({"interest", "intérêt"}), sequence.rationale().interest());
  facts.Add(output.Say({"capacity", "capacité"}), sequence.rationale().capacity());
  facts.Add(output.Say({"events", "événements"}), EventTexts(response.events()));
  output.out << facts.Layout(output.width, output.colour_out);
  ShowTargets(sequence, output);
  ShowContent(sequence, output);
}

}  // namespace

Noun SequenceNoun() {
  const auto list = std::make_shared<ListSequencesRequest>();
  const auto get = std::make_shared<GetSequenceRequest>();
  return {"sequence",
          {"sequences: what is developed in the workplace, and how",
           "les séquences : ce qui est développé en entreprise, et comment"},
          {{"list",
            {"List the sequences", "Lister les séquences"},
            {Text("--programme", "CODE", {"of this programme", "de ce programme"},
                  list->mutable_programme_code()),
             Flag("--published",
                  {"only those with a published version",
                   "seulement celles qui ont une version publiée"},
                  [list] { list->set_published_only(true); })},
            [list](Session& session) {
              return AskAndShow<ListSequencesResponse>(session, list.get(), ShowList);
            }},
           {"show",
            {"Show one version, whole", "Montrer une version, en entier"},
            {Id("SEQUENCE", {"the sequence's id", "l'identifiant de la séquence"},
                get->mutable_sequence_id(), 8)
                 .Required(),
             Count("--version",
                   {"which version; else the published one", "quelle version; sinon la publiée"},
                   UINT32_MAX, [get](uint32_t version) { get->set_sequence_version(version); })},
            [get](Session& session) {
              return AskAndShow<GetSequenceResponse>(session, get.get(), ShowOne);
            }}}};
}

}  // namespace jalon::cli
