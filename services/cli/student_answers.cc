#include "services/cli/student_answers.h"

#include <fmt/format.h>

#include "eventstore/base/hash.h"
#include "services/cli/answer.h"
#include "services/cli/names.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using progress::v1::ModuleProgress;
using progress::v1::StayProgress;
using progress::v1::StudentProgress;

// "ended early, safety".
std::string StateText(const placement::v1::StaySummary& stay, const Output& output) {
  std::string text = NameIn(output.language, stay.state());
  const std::string kind = NameIn(output.language, stay.end_kind());
  const std::string cause = NameIn(output.language, stay.end_cause());
  if (!kind.empty()) text += ' ' + kind;
  if (!cause.empty()) text += ", " + cause;
  return text;
}

// Nothing where there is nothing, so that what is there stands out.
std::string Few(uint32_t count) { return count == 0 ? "" : std::to_string(count); }

std::string ActorText(const type::v1::Actor& actor, const Output& output) {
  std::string text = NameIn(output.language, actor.role()) + ' ' + ToHex(actor.person_id());
  if (actor.origin() == type::v1::ORIGIN_TRANSCRIBED) {
    text += output.Say({" for {}", " pour {}"}, ToHex(actor.on_behalf_of().person_id()));
  }
  return text;
}

std::string Attempts(const ModuleProgress& module, const Output& output) {
  std::vector<std::string> texts;
  if (module.has_prior()) {
    texts.push_back(NameIn(output.language, module.prior().result()) + ' ' +
                    DayText(module.prior().obtained_on()) + " (" +
                    NameIn(output.language, module.prior().origin()) + ", " +
                    EventText(module.prior().recorded()) + ')');
  }
  for (const auto& attempt : module.attempts()) {
    texts.push_back(
        NameIn(output.language, attempt.result()) + ' ' + DayText(attempt.sat_to_on()) +
        (attempt.under_review() ? output.Say({" (under review)", " (en révision)"}) : ""));
  }
  return Join(texts);
}

void ShowModules(const StudentProgress& progress, Output& output) {
  Table table({{output.Say({"module", "module"})},
               {output.Say({"statement", "énoncé"}), Align::kLeft, true},
               {output.Say({"hours", "heures"}), Align::kRight},
               {output.Say({"planned", "prévu"}), Align::kRight},
               {output.Say({"done", "fait"}), Align::kRight},
               {output.Say({"partly", "en partie"}), Align::kRight},
               {output.Say({"not done", "non fait"}), Align::kRight},
               {output.Say({"to make up", "à reprendre"}), Align::kRight},
               {output.Say({"made up", "repris"}), Align::kRight},
               {output.Say({"evaluation", "évaluation"})}});
  for (const ModuleProgress& module : progress.modules()) {
    table.Add(
        {{module.module(), module.targeted() ? Style::kBold : Style::kPlain},
         module.statement(),
         std::to_string(module.hours()) + " h",
         Few(module.planned_count()),
         Few(module.completed_count()),
         Few(module.partly_count()),
         Few(module.not_performed_count()),
         {Few(module.make_up_required_count() + module.make_up_planned_count()), Style::kWarning},
         Few(module.make_up_completed_count()),
         Attempts(module, output)});
  }
  Show(table, {"No module.", "Aucun module."}, output);
}

void ShowSequences(const StudentProgress& progress, Output& output) {
  if (progress.sequences().empty()) return;
  Table table({{output.Say({"sequence", "séquence"})},
               {output.Say({"version", "version"}), Align::kRight},
               {output.Say({"type", "type"})},
               {output.Say({"modules", "modules"}), Align::kLeft, true},
               {output.Say({"released", "libérés"})},
               {output.Say({"event", "événement"})}});
  for (const auto& sequence : progress.sequences()) {
    table.Add({sequence.sequence_code(), std::to_string(sequence.sequence_version()),
               NameIn(output.language, sequence.type()), Join(sequence.modules()),
               Join(sequence.released_modules()), EventText(sequence.assigned())});
  }
  output.out << '\n' << table.Layout(output.width, output.colour_out);
}

void ShowEstimates(const StayProgress& stay, Output& output) {
  Table table({{output.Say({"objective", "objectif"})},
               {output.Say({"estimate", "estimation"})},
               {output.Say({"comment", "commentaire"}), Align::kLeft, true},
               {output.Say({"by", "par"})},
               {output.Say({"event", "événement"})}});
  const std::string sealed = output.Say({"(sealed)", "(scellée)"});
  for (const auto& estimate : stay.estimates()) {
    const std::string word =
        estimate.not_observed() ? output.Say({"not observed", "non observé"}) : estimate.word();
    table.Add({estimate.objective(), word.empty() ? sealed : word, estimate.comment(),
               ActorText(estimate.estimator(), output), EventText(estimate.reported())});
  }
  for (const auto& report : stay.reports()) {
    table.Add({output.Say({"report", "rapport"}), NameIn(output.language, report.kind()),
               report.words(), ActorText(report.reporter(), output),
               EventText(report.submitted())});
  }
  if (!table.empty()) output.out << table.Layout(output.width, output.colour_out);
}

}  // namespace

void ShowStayProgress(const StayProgress& stay, Output& output) {
  const auto& summary = stay.stay();
  Facts facts;
  facts.Add(output.Say({"stay", "séjour"}), {ToHex(summary.stay_id()), Style::kBold});
  if (stay.has_transferred()) {
    facts.Add(output.Say({"in another school", "dans une autre école"}),
              stay.issuing_school() + ", " + EventText(stay.transferred()));
  } else {
    facts.Add(output.Say({"company", "entreprise"}), summary.company_name());
    facts.Add(output.Say({"sequence", "séquence"}),
              summary.sequence_code() + " v" + std::to_string(summary.sequence_version()));
  }
  facts.Add(output.Say({"state", "état"}), StateText(summary, output));
  facts.Add(output.Say({"planned", "prévu"}), DayText(summary.starts_on()) + " – " +
                                                  DayText(summary.ends_on()) + ", " +
                                                  HoursText(summary.planned_minutes()));
  facts.Add(output.Say({"held", "tenu"}), summary.started_on() == 0
                                              ? ""
                                              : DayText(summary.started_on()) + " – " +
                                                    DayText(summary.ended_on()) + ", " +
                                                    HoursText(summary.logged_minutes()));
  facts.Add(output.Say({"tutor", "tuteur"}), ToHex(summary.tutor_id()));
  facts.Add(output.Say({"supervisor", "superviseur"}), ToHex(summary.supervisor_id()));
  output.out << '\n' << facts.Layout(output.width, output.colour_out);
  Table table({{output.Say({"activity", "activité"})},
               {output.Say({"modules", "modules"}), Align::kLeft, true},
               {output.Say({"outcome", "résultat"})},
               {output.Say({"cause", "cause"})},
               {output.Say({"make-up", "reprise"})},
               {output.Say({"event", "événement"})}});
  for (const auto& activity : stay.activities()) {
    table.Add({activity.wording().empty() ? activity.activity()
                                          : activity.activity() + " " + activity.wording(),
               Join(activity.modules()), NameIn(output.language, activity.outcome()),
               NameIn(output.language, activity.cause()),
               NameIn(output.language, activity.make_up()),
               EventText(activity.has_make_up_event() ? activity.make_up_event()
                                                      : activity.outcome_event())});
  }
  if (!table.empty()) output.out << table.Layout(output.width, output.colour_out);
  ShowEstimates(stay, output);
}

void ShowErased(const type::v1::EventRef& erased, Output& output) {
  if (erased.seq() == 0) return;
  output.out << output.Say({"Erased: nothing that was sealed can be read any more. {}\n\n",
                            "Dossier détruit : rien de ce qui était scellé ne peut plus être lu. "
                            "{}\n\n"},
                           EventText(erased));
}

namespace {

// A name, as far as it was opened.
std::string WhoText(const person::v1::Identity& identity, const Output& output) {
  if (identity.family_name().empty()) return output.Say({"(sealed)", "(scellé)"});
  std::string text = identity.given_name() + ' ' + identity.family_name();
  for (const std::string& more :
       {identity.external_id(), identity.born_on() == 0 ? "" : DayText(identity.born_on()),
        identity.email(), identity.telephone(), identity.guardian().name()}) {
    if (!more.empty()) text += ", " + more;
  }
  return text;
}

// Both versions, with who, when and why; and what the student says where nothing was corrected.
void ShowRectified(const StudentProgress& progress, Output& output) {
  Table table({{output.Say({"rectified", "rectifié"})},
               {output.Say({"before", "avant"}), Align::kLeft, true},
               {output.Say({"after", "après"}), Align::kLeft, true},
               {output.Say({"why", "pourquoi"}), Align::kLeft, true},
               {output.Say({"by", "par"})}});
  for (const auto& correction : progress.corrections()) {
    table.Add({EventText(correction.recorded()),
               WhoText(correction.before(), output) + " " + EventText(correction.corrected()),
               WhoText(correction.after(), output), correction.reason(),
               ActorText(correction.actor(), output)});
  }
  for (const auto& statement : progress.statements()) {
    table.Add({EventText(statement.recorded()),
               fmt::format("#{}.{}", statement.about_seq(), statement.about_index()),
               statement.statement().empty() ? output.Say({"(sealed)", "(scellé)"})
                                             : statement.statement(),
               statement.refused_since(), ActorText(statement.actor(), output)});
  }
  if (!table.empty()) output.out << table.Layout(output.width, output.colour_out) << '\n';
}

}  // namespace

void ShowProgress(const progress::v1::GetStudentProgressResponse& response, Output& output) {
  const StudentProgress& progress = response.progress();
  const auto& who = progress.identity();
  ShowErased(progress.erased(), output);
  Facts facts;
  facts.Add(output.Say({"student", "élève"}), {ToHex(progress.student_id()), Style::kBold});
  if (progress.has_identity()) {
    facts.Add(output.Say({"name", "nom"}), who.given_name() + ' ' + who.family_name());
    facts.Add(output.Say({"code", "code"}), who.external_id());
  }
  facts.Add(output.Say({"programme", "programme"}),
            progress.programme().code() + ' ' + progress.programme_title() + " (" +
                progress.programme().version() + ", " + progress.programme().language() + ')');
  facts.Add(output.Say({"work-study", "en alternance"}),
            progress.in_alternance() ? output.Say({"yes", "oui"}) : output.Say({"no", "non"}));
  facts.Add(output.Say({"cohort", "cohorte"}), ToHex(progress.cohort_id()));
  facts.Add(output.Say({"enrolled", "inscription"}), EventText(progress.enrolled()));
  if (progress.has_closed()) {
    facts.Add(output.Say({"ended", "fin"}),
              NameIn(output.language, progress.end()) + ", " + EventText(progress.closed()));
  }
  for (const auto& transfer : progress.transfers()) {
    facts.Add(output.Say({"transfer of", "transfert de"}),
              transfer.issuing_school() + ", " + EventText(transfer.imported()));
  }
  output.out << facts.Layout(output.width, output.colour_out) << '\n';
  ShowRectified(progress, output);
  ShowModules(progress, output);
  ShowSequences(progress, output);
  for (const StayProgress& stay : progress.stays()) ShowStayProgress(stay, output);
}

void ShowAttitudes(const progress::v1::GetAttitudeTimelineResponse& response, Output& output) {
  ShowErased(response.erased(), output);
  Table table({{output.Say({"observed", "observé"})},
               {output.Say({"stay", "séjour"})},
               {output.Say({"no.", "no"}), Align::kRight},
               {output.Say({"by", "par"})},
               {output.Say({"words", "propos"}), Align::kLeft, true},
               {output.Say({"follow-up", "suivi"})}});
  const std::string erased = output.Say({"(erased)", "(effacé)"});
  for (const auto& entry : response.entries()) {
    const bool open = !entry.has_follow_up();
    table.Add({EventText(entry.observed()),
               ToHex(entry.stay_id()),
               std::to_string(entry.observation_number()),
               ActorText(entry.observer(), output),
               entry.words().empty() ? erased : entry.words(),
               {open ? output.Say({"open", "ouvert"}) : EventText(entry.follow_up().recorded()),
                open ? Style::kWarning : Style::kPlain}});
  }
  Show(table, {"No attitude was observed.", "Aucune attitude n'a été observée."}, output);
}

}  // namespace jalon::cli
