// jalon view: what the server answers from, and how it is made anew. For the operator of the
// machine: it speaks to the socket in the data folder.
#include <algorithm>
#include <memory>

#include "services/cli/answer.h"
#include "services/cli/interrupt.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/progress.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using admin::v1::ListViewsResponse;
using admin::v1::RebuildViewResponse;
using admin::v1::ViewStatus;

struct Wish {
  std::string view;
  bool all = false;
};

uint64_t Behind(const ViewStatus& view) {
  uint64_t behind = 0;
  for (const auto& partition : view.partitions()) behind += partition.records_behind();
  return behind;
}

Cell StateCell(const ViewStatus& view, const Output& output) {
  const bool stopped = view.state() == admin::v1::VIEW_STATE_STOPPED;
  return {NameIn(output.language, view.state()), stopped ? Style::kBad : Style::kPlain};
}

void ShowViews(const ListViewsResponse& response, Output& output) {
  const Language language = output.language;
  Table table({{output.Say({"view", "vue"})},
               {output.Say({"version", "version"}), Align::kRight},
               {output.Say({"state", "état"})},
               {output.Say({"partitions", "partitions"}), Align::kRight},
               {output.Say({"behind", "retard"}), Align::kRight},
               {output.Say({"rows, about", "rangées, env."}), Align::kRight},
               {output.Say({"size", "taille"}), Align::kRight}});
  for (const ViewStatus& view : response.views()) {
    table.Add({view.name(), std::to_string(view.version()), StateCell(view, output),
               std::to_string(view.partitions_size()), CountText(Behind(view), language),
               CountText(view.estimated_rows(), language), SizeText(view.estimated_bytes())});
  }
  Show(table, {"No view.", "Aucune vue."}, output);
}

void ShowPartitions(const ListViewsResponse& response, Output& output) {
  Table table({{output.Say({"view", "vue"})},
               {output.Say({"state", "état"})},
               {output.Say({"partition", "partition"}), Align::kRight},
               {output.Say({"generation", "génération"}), Align::kRight},
               {output.Say({"record", "enregistrement"}), Align::kRight},
               {output.Say({"recorded", "consigné"})},
               {output.Say({"behind", "retard"}), Align::kRight}});
  for (const ViewStatus& view : response.views()) {
    for (const auto& partition : view.partitions()) {
      table.Add({view.name(), StateCell(view, output), std::to_string(partition.partition()),
                 std::to_string(partition.generation()),
                 CountText(partition.as_of().position().seq(), output.language),
                 TimeText(partition.as_of().recorded_at()),
                 CountText(partition.records_behind(), output.language)});
    }
  }
  Show(table, {"No partition holds anything yet.", "Aucune partition ne contient rien encore."},
       output);
}

// All views, or the one named; kUnavailable where one of them is stopped.
ExitCode Status(Session& session, const Wish& wish, bool partitions) {
  Output& output = session.output();
  ListViewsResponse response;
  const client::Reply reply = session.Operator().ListViews(&response);
  if (!reply.ok) return ShowFailure(reply, nullptr, output);
  auto& views = *response.mutable_views();
  views.erase(std::remove_if(views.begin(), views.end(),
                             [&](const ViewStatus& view) {
                               return !wish.view.empty() && view.name() != wish.view;
                             }),
              views.end());
  if (views.empty() && !wish.view.empty()) {
    output.err << output.Say({"jalon: no view {}; `jalon view list` names them\n",
                              "jalon: aucune vue {}; `jalon view list` les nomme\n"},
                             wish.view);
    return ExitCode::kNotFound;
  }
  if (output.IsJson()) {
    output.out << ToJson(response, true) << '\n';
  } else if (partitions) {
    ShowPartitions(response, output);
  } else {
    ShowViews(response, output);
  }
  const bool stopped = std::ranges::any_of(
      views, [](const ViewStatus& view) { return view.state() == admin::v1::VIEW_STATE_STOPPED; });
  return stopped ? ExitCode::kUnavailable : ExitCode::kOk;
}

ExitCode ShowRebuilt(const RebuildViewResponse& last, Output& output) {
  const bool done = last.phase() == admin::v1::REBUILD_PHASE_DONE;
  const ExitCode code = done ? ExitCode::kOk : ExitCode::kInterrupted;
  if (output.IsJson()) {
    output.out << ToJson(last, false) << '\n';
    return code;
  }
  if (!done) {
    output.out << output.Say({"Cancelled: the old views go on serving.\n",
                              "Annulé : les anciennes vues continuent de servir.\n"});
    return code;
  }
  const uint64_t rate = last.elapsed_ms() == 0 ? 0 : last.events_done() * 1000 / last.elapsed_ms();
  output.out << output.Say({"Rebuilt and serving: {} records, {} events in {} ms ({} events/s)\n",
                            "Reconstruit et en service : {} enregistrements, {} événements en {} "
                            "ms ({} événements/s)\n"},
                           CountText(last.records_done(), output.language),
                           CountText(last.events_done(), output.language),
                           CountText(last.elapsed_ms(), output.language),
                           CountText(rate, output.language));
  if (last.spilled()) {
    output.out << output.Say(
        {"It needed more memory than it may use and went to disk: slower.\n",
         "Il a fallu plus de mémoire que permis et passer par le disque : plus "
         "lent.\n"});
  }
  return code;
}

ExitCode Rebuild(Session& session, const Wish& wish) {
  Output& output = session.output();
  if (wish.all != wish.view.empty()) {
    output.err << output.Say(
        {"jalon: name a view, or say --all\n", "jalon: nommez une vue, ou dites --all\n"});
    return ExitCode::kUsage;
  }
  const client::Admin server = session.Operator();
  RebuildViewResponse last;
  client::Reply reply;
  {
    const Interrupt interrupt;
    ProgressBar bar(output);
    bool cancelled = false;
    reply = server.RebuildView(wish.view, [&](const RebuildViewResponse& progress) {
      last = progress;
      bar.Show(NameIn(output.language, progress.phase()), progress.records_done(),
               progress.records_total(), progress.elapsed_ms());
      if (interrupt.Came() && !cancelled) {
        admin::v1::CancelRebuildResponse names;
        cancelled = server.CancelRebuild(wish.view, &names).ok;
      }
      return true;  // the last report says how it ended
    });
  }
  if (!reply.ok) return ShowFailure(reply, nullptr, output);
  return ShowRebuilt(last, output);
}

}  // namespace

Noun ViewNoun() {
  const auto wish = std::make_shared<Wish>();
  const Field view =
      Text("VIEW", "VIEW", {"its name; else all", "son nom; sinon toutes"}, &wish->view);
  return OnDataFolder(
      {"view",
       {"the views that queries are answered from (operator)",
        "les vues d'où viennent les réponses (exploitant)"},
       {{"list",
         {"List the views and how far each is", "Lister les vues et où elles en sont"},
         {},
         [wish](Session& session) { return Status(session, *wish, false); }},
        {"status",
         {"Show each partition of a view", "Montrer chaque partition d'une vue"},
         {view},
         [wish](Session& session) { return Status(session, *wish, true); }},
        {"rebuild",
         {"Make a view anew from the log, beside the one that serves; Ctrl-C cancels",
          "Refaire une vue à partir du journal, à côté de celle qui sert; Ctrl-C annule"},
         {view, Flag("--all", {"all views in one pass", "toutes les vues en une passe"},
                     [wish] { wish->all = true; })},
         [wish](Session& session) { return Rebuild(session, *wish); }}}});
}

}  // namespace jalon::cli
