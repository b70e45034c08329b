#include "services/cli/stopped_store.h"

#include <memory>
#include <optional>
#include <string>

#include "services/cli/answer.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

void ShowWitness(const StoreCut& cut, const std::optional<Words>& unasked, Output& output) {
  if (!cut.witness.empty()) {
    output.out << output.Say(
        {"{} has seen nothing behind the damage\n", "{} n'a rien vu derrière le dommage\n"},
        cut.witness);
    return;
  }
  if (!cut.has_write) return;
  output.out << output.Say(
      {"Nothing was there to ask: if this write had been synced, and the disk damaged it since, it "
       "is lost.\n",
       "Il n'y avait rien à interroger : si cette écriture était sur le disque, qui l'a abîmée "
       "depuis, elle est perdue.\n"});
  if (unasked) output.out << output.Say(*unasked) << '\n';
}

std::string WhatIsCut(const StoreCut& cut, Output& output) {
  if (!cut.has_write) {
    return output.Say({"what was noted last of its files; every write stays",
                       "ce qui a été noté en dernier de ses fichiers; toutes les écritures "
                       "restent"});
  }
  if (cut.witness.empty()) return output.Say({"one write", "une écriture"});
  return output.Say(
      {"one write, of which nobody was told", "une écriture, que personne n'a reçue"});
}

void ShowCut(const StoreCut& cut, const std::optional<Words>& unasked, Output& output) {
  if (output.IsJson()) {
    output.out << JsonObject({{"cut", cut.is_cut ? "true" : "false"},
                              {"bytesCut", JsonText(std::to_string(cut.bytes))},
                              {"hasWrite", cut.has_write ? "true" : "false"},
                              {"damage", JsonText(cut.damage)},
                              {"witness", JsonText(cut.witness)},
                              {"ofStandby", cut.of_standby ? "true" : "false"}})
               << '\n';
    return;
  }
  output.out << output.Say({"A start refuses: {}\n", "Un démarrage refuse : {}\n"}, cut.damage);
  ShowWitness(cut, unasked, output);
  const std::string bytes = CountText(cut.bytes, output.language);
  const std::string what = WhatIsCut(cut, output);
  output.out << (cut.is_cut
                     ? output.Say(
                           {"At most {} bytes cut: {}.\n", "Au plus {} octets coupés : {}.\n"},
                           bytes, what)
                     : output.Say({"Nothing was cut. --cut-tail would cut at most {} bytes: {}.\n",
                                   "Rien n'a été coupé. --cut-tail couperait au plus {} octets : "
                                   "{}.\n"},
                                  bytes, what));
  if (!cut.of_standby || !cut.has_write) return;
  output.out << output.Say(
      {"A standby that was cut is not promoted before its vault has given it every key.\n",
       "Une réserve ainsi coupée n'est pas promue avant que son coffre lui ait donné toutes les "
       "clés.\n"});
}

ExitCode Repair(Session& session, bool cut_it, const std::optional<Words>& unasked,
                const CutStore& cut_store) {
  const Result<StoreCut> cut = cut_store(session.globals().data, !cut_it);
  if (!cut) return ShowFailure(cut.error(), session.output());
  ShowCut(*cut, unasked, session.output());
  return ExitCode::kOk;
}

}  // namespace

Verb RepairVerb(const Words& help, const std::optional<Words>& unasked, const CutStore& cut_store) {
  const auto cut_it = std::make_shared<bool>(false);
  return {"repair",
          help,
          {Flag("--cut-tail",
                {"cut it, if nobody who is asked saw it; no copy of it is kept",
                 "la couper, si aucun témoin ne l'a vue; aucune copie n'en est gardée"},
                [cut_it] { *cut_it = true; })},
          [cut_it, unasked, cut_store](Session& session) {
            return Repair(session, *cut_it, unasked, cut_store);
          }};
}

}  // namespace jalon::cli
