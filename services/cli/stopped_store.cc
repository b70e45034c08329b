#include "services/cli/stopped_store.h"

#include <memory>

#include "services/cli/answer.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

void ShowCut(const StoreCut& cut, Output& output) {
  if (output.IsJson()) {
    output.out << JsonObject({{"cut", cut.is_cut ? "true" : "false"},
                              {"bytesCut", JsonText(std::to_string(cut.bytes))},
                              {"damage", JsonText(cut.damage)},
                              {"witness", JsonText(cut.witness)}})
               << '\n';
    return;
  }
  output.out << output.Say({"A start refuses: {}\n", "Un démarrage refuse : {}\n"}, cut.damage);
  if (!cut.witness.empty()) {
    output.out << output.Say(
        {"{} has seen nothing behind the damage\n", "{} n'a rien vu derrière le dommage\n"},
        cut.witness);
  }
  const std::string bytes = CountText(cut.bytes, output.language);
  output.out << (cut.is_cut
                     ? output.Say({"At most {} bytes cut: one write, of which nobody was told.\n",
                                   "Au plus {} octets coupés : une écriture, que personne n'a "
                                   "reçue.\n"},
                                  bytes)
                     : output.Say({"Nothing was cut. --cut-tail would cut at most {} bytes: one "
                                   "write, of which nobody was told.\n",
                                   "Rien n'a été coupé. --cut-tail couperait au plus {} octets : "
                                   "une écriture, que personne n'a reçue.\n"},
                                  bytes));
}

ExitCode Repair(Session& session, bool cut_it, const CutStore& cut_store) {
  const Result<StoreCut> cut = cut_store(session.globals().data, !cut_it);
  if (!cut) return ShowFailure(cut.error(), session.output());
  ShowCut(*cut, session.output());
  return ExitCode::kOk;
}

}  // namespace

Verb RepairVerb(const Words& help, const CutStore& cut_store) {
  const auto cut_it = std::make_shared<bool>(false);
  return {"repair",
          help,
          {Flag("--cut-tail",
                {"cut it, if nobody was told of it; no copy of it is kept",
                 "la couper, si personne ne l'a reçue; aucune copie n'en est gardée"},
                [cut_it] { *cut_it = true; })},
          [cut_it, cut_store](Session& session) { return Repair(session, *cut_it, cut_store); }};
}

}  // namespace jalon::cli
