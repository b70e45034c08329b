#include "services/cli/stopped_log.h"

#include <memory>

#include "eventstore/base/hash.h"
#include "eventstore/base/limits.h"
#include "services/cli/answer.h"
#include "services/cli/interrupt.h"
#include "services/cli/progress.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

constexpr uint32_t kPartitionsMax = 1024;  // of a topic; each costs its readers memory

void ShowCut(const TailCut& cut, Output& output) {
  const Language language = output.language;
  if (output.IsJson()) {
    std::string witnesses;
    for (const TailWitness& witness : cut.witnesses) {
      witnesses += witnesses.empty() ? "[" : ",";
      witnesses += JsonObject({{"name", JsonText(witness.name)},
                               {"entries", JsonText(std::to_string(witness.entries))},
                               {"damage", JsonText(witness.damage)}});
    }
    output.out << JsonObject({{"cut", cut.evidence.empty() ? "false" : "true"},
                              {"entriesKept", JsonText(std::to_string(cut.entries_kept))},
                              {"bytesCut", JsonText(std::to_string(cut.bytes_cut))},
                              {"damage", JsonText(cut.damage)},
                              {"witnesses", witnesses + "]"},
                              {"evidence", JsonText(cut.evidence)}})
               << '\n';
    return;
  }
  output.out << output.Say({"A start refuses: {}\n", "Un démarrage refuse : {}\n"}, cut.damage);
  for (const TailWitness& witness : cut.witnesses) {
    if (!witness.damage.empty() && witness.entries > 0) {
      output.out << output.Say(
          {"{} is damaged, and was asked as far as it can be read: {} entries, "
           "all before the damage of the log; {}\n",
           "{} est endommagé, et fut interrogé aussi loin qu'il se lit : {} "
           "entrées, toutes avant le dommage du journal; {}\n"},
          witness.name, CountText(witness.entries, language), witness.damage);
      continue;
    }
    if (!witness.damage.empty()) {
      output.out << output.Say({"{} is damaged, and could not be asked: {}\n",
                                "{} est endommagé, et n'a pu être interrogé : {}\n"},
                               witness.name, witness.damage);
      continue;
    }
    output.out << output.Say({"{} has seen {} entries, all before the damage\n",
                              "{} a vu {} entrées, toutes avant le dommage\n"},
                             witness.name, CountText(witness.entries, language));
  }
  const std::string kept = CountText(cut.entries_kept, language);
  const std::string bytes = CountText(cut.bytes_cut, language);
  if (cut.evidence.empty()) {
    output.out << output.Say(
        {"Nothing was cut. --cut-tail would keep {} entries and cut at most {} bytes, of which "
         "nobody was told.\n",
         "Rien n'a été coupé. --cut-tail garderait {} entrées et couperait au plus {} octets, que "
         "personne n'a reçus.\n"},
        kept, bytes);
  } else {
    output.out << output.Say({"{} entries kept, at most {} bytes cut; the files as they were: {}\n",
                              "{} entrées gardées, au plus {} octets coupés; les fichiers tels "
                              "quels : {}\n"},
                             kept, bytes, cut.evidence);
  }
}

ExitCode Repair(Session& session, bool cut_it, const CutTail& cut_tail) {
  const Result<TailCut> cut = cut_tail(session.globals().data, !cut_it);
  if (!cut) return ShowFailure(cut.error(), session.output());
  ShowCut(*cut, session.output());
  return ExitCode::kOk;
}

std::string JsonTexts(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "[" : ",") + JsonText(text);
  return list.empty() ? "[]" : list + "]";
}

void ShowRestored(const Restored& restored, const std::string& data, Output& output) {
  if (output.IsJson()) {
    output.out << JsonObject({{"entries", JsonText(std::to_string(restored.entries))},
                              {"events", JsonText(std::to_string(restored.events))},
                              {"logIncarnation", JsonText(ToHex(restored.log_incarnation))},
                              {"missing", JsonTexts(restored.missing)}})
               << '\n';
    return;
  }
  const Language language = output.language;
  output.out << output.Say(
      {"Restored into {}: {} entries, {} events, in a new life of the log. Positions from before "
       "are refused; state/ and views/ are built anew by the next start.\n",
       "Restauré dans {} : {} entrées, {} événements, dans une nouvelle vie du journal. Les "
       "positions d'avant sont refusées; state/ et views/ seront reconstruits au prochain "
       "démarrage.\n"},
      data, CountText(restored.entries, language), CountText(restored.events, language));
  if (restored.missing.empty()) return;
  output.out << output.Say({"Still to put there, from the backup of the keys: {}\n",
                            "Reste à y mettre, de la sauvegarde des clés : {}\n"},
                           Join(restored.missing));
}

ExitCode Restore(Session& session, const std::string& backup, const RestoreLog& restore_log) {
  Output& output = session.output();
  const std::string& data = session.globals().data;
  const Interrupt interrupt;
  Result<Restored> restored;
  {
    ProgressBar bar(output);
    const std::string what = output.Say({"reading the backup", "lecture de la sauvegarde"});
    restored = restore_log(backup, data, [&](uint64_t done, uint64_t total) {
      bar.Show(what, done, total, 0);
      return !interrupt.Came();
    });
  }
  if (!restored && interrupt.Came()) return Interrupted(output);
  if (!restored) return ShowFailure(restored.error(), output);
  ShowRestored(*restored, data, output);
  return ExitCode::kOk;
}

ExitCode Init(Session& session, const LogBirth& wanted, const InitLog& init_log) {
  Output& output = session.output();
  if (const Result<void> made = init_log(wanted); !made) {
    return ShowFailure(made.error(), output);
  }
  if (output.IsJson()) {
    output.out << JsonObject({{"log", JsonText(wanted.address)}}) << '\n';
  } else {
    output.out << output.Say({"Made {}. Each server is started with --log {}\n",
                              "Fait : {}. Chaque serveur est lancé avec --log {}\n"},
                             wanted.address, wanted.address);
  }
  return ExitCode::kOk;
}

void ShowCopied(const LogCopied& copied, const LogCopy& wanted, Output& output) {
  if (output.IsJson()) {
    output.out << JsonObject({{"entries", JsonText(std::to_string(copied.entries))},
                              {"events", JsonText(std::to_string(copied.events))},
                              {"leftBehind", JsonText(std::to_string(copied.left_behind))},
                              {"logIncarnation", JsonText(ToHex(copied.log_incarnation))},
                              {"missing", JsonTexts(copied.missing)}})
               << '\n';
    return;
  }
  const Language language = output.language;
  output.out << output.Say(
      {"Copied to {}: {} entries, {} events, verified; {} that did not count were left behind. "
       "Positions of the log that was copied are taken by the copy. Do not serve that log again.\n",
       "Copié dans {} : {} entrées, {} événements, vérifiés; {} qui ne comptaient pas sont "
       "restées. La copie accepte les positions du journal copié. Ne servez plus ce journal.\n"},
      wanted.to, CountText(copied.entries, language), CountText(copied.events, language),
      CountText(copied.left_behind, language));
  const std::string keys = copied.missing.empty()
                               ? "keys/, keys.epochs/, root.key, signer/, token.key"
                               : Join(copied.missing);
  output.out << output.Say(
      {"Keys are in no log: the server of the copy needs {} in its data folder, and keys.witness "
       "beside its log: in log/, or in the folder itself where the log is on Kafka.\n",
       "Les clés ne sont dans aucun journal : le serveur de la copie a besoin de {} dans son "
       "dossier de données, et de keys.witness avec son journal : dans log/, ou dans le dossier "
       "même si le journal est sur Kafka.\n"},
      keys);
}

ExitCode Copy(Session& session, const LogCopy& wanted, const CopyLog& copy_log) {
  Output& output = session.output();
  const Interrupt interrupt;
  Result<LogCopied> copied;
  {
    ProgressBar bar(output);
    const std::string what = output.Say({"copying the log", "copie du journal"});
    copied = copy_log(wanted, [&](uint64_t done, uint64_t total) {
      bar.Show(what, done, total, 0);
      return !interrupt.Came();
    });
  }
  if (!copied && interrupt.Came()) return Interrupted(output);
  if (!copied) return ShowFailure(copied.error(), output);
  ShowCopied(*copied, wanted, output);
  return ExitCode::kOk;
}

Verb InitVerb(const InitLog& init_log) {
  const auto wanted = std::make_shared<LogBirth>();
  wanted->partitions = limits::kPartitionsDefault;
  return Verb{
      "init",
      {"Make a log on Apache Kafka: its topic, and the birth of each partition",
       "Faire un journal sur Apache Kafka : son sujet, et la naissance de chaque partition"},
      {Text("LOG", "LOG", {"kafka://HOST:PORT,…/PREFIX", "kafka://HÔTE:PORT,…/PRÉFIXE"},
            &wanted->address)
           .Required(),
       Count("--partitions", {"how many; never changes (64)", "leur nombre; ne change jamais (64)"},
             kPartitionsMax, [wanted](uint32_t count) { wanted->partitions = count; }),
       Flag("--virtual-clock",
            {"a clock that only an operator moves by days",
             "une horloge que seul l'exploitant avance"},
            [wanted] { wanted->virtual_clock = true; }),
       Flag("--unsafe-single-broker",
            {"one copy instead of three: for trying things out",
             "un seul exemplaire au lieu de trois : pour essayer"},
            [wanted] { wanted->unsafe_single_broker = true; })},
      [wanted, init_log](Session& session) { return Init(session, *wanted, init_log); }};
}

Verb CopyVerb(const CopyLog& copy_log) {
  const auto wanted = std::make_shared<LogCopy>();
  return Verb{
      "copy",
      {"Copy a log, whole, from a data folder to Apache Kafka or back; no server may run. Keys are "
       "not copied: they stay where they are, or move with their server",
       "Copier un journal, entier, d'un dossier de données à Apache Kafka ou l'inverse; aucun "
       "serveur ne doit tourner. Les clés ne sont pas copiées : elles restent où elles sont, ou "
       "suivent leur serveur"},
      {Text("FROM", "LOG",
            {"the log to copy: a data folder, or kafka://HOST:PORT,…/PREFIX",
             "le journal à copier : un dossier de données, ou kafka://HÔTE:PORT,…/PRÉFIXE"},
            &wanted->from)
           .Required(),
       Text("TO", "LOG",
            {"where it goes: the same, without a log so far",
             "où il va : de même, encore sans journal"},
            &wanted->to)
           .Required(),
       Flag("--unsafe-single-broker",
            {"on Kafka, one copy instead of three: for trying things out",
             "sur Kafka, un seul exemplaire au lieu de trois : pour essayer"},
            [wanted] { wanted->unsafe_single_broker = true; })},
      [wanted, copy_log](Session& session) { return Copy(session, *wanted, copy_log); }};
}

}  // namespace

std::vector<Verb> MakeLogVerbs(const Wiring& wiring) {
  std::vector<Verb> verbs;
  if (wiring.init_log) verbs.push_back(InitVerb(wiring.init_log));
  if (wiring.copy_log) verbs.push_back(CopyVerb(wiring.copy_log));
  return verbs;
}

std::vector<Verb> StoppedLogVerbs(const Wiring& wiring) {
  std::vector<Verb> verbs;
  if (wiring.cut_tail) {
    const auto cut_it = std::make_shared<bool>(false);
    verbs.push_back(
        {"repair",
         {"Say what a half-written end of a stopped server's log is, and cut it",
          "Dire ce qu'est la fin à moitié écrite du journal d'un serveur arrêté, et la couper"},
         {Flag("--cut-tail",
               {"cut it, if nobody was told of it; the files are kept as they were",
                "la couper, si personne ne l'a reçue; les fichiers sont gardés tels quels"},
               [cut_it] { *cut_it = true; })},
         [cut_it, cut_tail = wiring.cut_tail](Session& session) {
           return Repair(session, *cut_it, cut_tail);
         }});
  }
  if (wiring.restore_log) {
    const auto backup = std::make_shared<std::string>();
    verbs.push_back(
        {"restore",
         {"Make the log of a data folder that has none of a backup; positions from before count no "
          "more",
          "Faire d'une sauvegarde le journal d'un dossier qui n'en a pas; les positions d'avant ne "
          "comptent plus"},
         {Text("BACKUP", "DIR",
               {"the folder that log backup made", "le dossier qu'a fait log backup"}, backup.get())
              .Required()},
         [backup, restore_log = wiring.restore_log](Session& session) {
           return Restore(session, *backup, restore_log);
         }});
  }
  return verbs;
}

}  // namespace jalon::cli
