// jalon log: the record of everything, which is the truth. For the operator of the machine.
#include <filesystem>
#include <memory>

#include "eventstore/base/hash.h"
#include "services/cli/answer.h"
#include "services/cli/interrupt.h"
#include "services/cli/nouns.h"
#include "services/cli/progress.h"
#include "services/cli/stopped_log.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using admin::v1::BackupLogResponse;
using admin::v1::GetLogStatusResponse;
using admin::v1::LogFault;
using admin::v1::VerifyLogResponse;

struct Wish {
  std::string target;
};

void ShowStatus(const GetLogStatusResponse& status, Output& output) {
  const Language language = output.language;
  Facts facts;
  facts.Add(output.Say({"log", "journal"}), status.kind());
  facts.Add(output.Say({"deployment", "déploiement"}), ToHex(status.cluster_id()));
  facts.Add(output.Say({"life", "vie"}), ToHex(status.log_incarnation()));
  facts.Add(output.Say({"partitions", "partitions"}), std::to_string(status.partition_count()));
  if (status.copies() == 1) {
    facts.Add(output.Say({"copies", "copies"}),
              output.Say({"1 of each record: what its broker loses is lost",
                          "1 de chaque enregistrement : ce que son courtier perd est perdu"}));
  } else if (status.copies() > 1) {
    facts.Add(output.Say({"copies", "copies"}),
              output.Say({"{} of each record, {} before it counts",
                          "{} de chaque enregistrement, {} avant qu'il compte"},
                         status.copies(), status.copies_in_sync_min()));
  }
  if (!status.trouble_reason().empty()) {
    facts.Add(output.Say({"trouble", "problème"}),
              Paint(Style::kBad, status.trouble_reason(), output.colour_out) + ": " +
                  Printable(status.trouble()));
  }
  facts.Add(output.Say({"on disk", "sur disque"}), SizeText(status.estimated_bytes()));
  facts.Add(output.Say({"free", "libre"}), SizeText(status.free_bytes()));
  facts.Add(output.Say({"clock", "horloge"}),
            TimeText(status.now()) +
                (status.virtual_clock() ? output.Say({" (virtual)", " (virtuelle)"}) : ""));
  facts.Add(output.Say({"today", "aujourd'hui"}), DayText(status.today_on()));
  facts.Add(output.Say({"server", "serveur"}), status.server_version());
  output.out << facts.Layout(output.width, output.colour_out) << '\n';
  Table table({{output.Say({"partition", "partition"}), Align::kRight},
               {output.Say({"records", "enregistrements"}), Align::kRight},
               {output.Say({"offset", "rang"}), Align::kRight},
               {output.Say({"epoch", "époque"}), Align::kRight},
               {output.Say({"level", "niveau"}), Align::kRight},
               {output.Say({"writes here", "écrit ici"})},
               {output.Say({"waiting", "en attente"}), Align::kRight},
               {output.Say({"last record", "dernier enregistrement"})},
               {output.Say({"hash", "empreinte"})}});
  constexpr size_t kHashBytesShown = 8;  // to compare by eye; JSON has all
  for (const auto& partition : status.partitions()) {
    const bool system = partition.partition() == status.partition_count();
    table.Add({std::to_string(partition.partition()) +
                   (system ? output.Say({" (system)", " (système)"}) : ""),
               CountText(partition.head().position().seq(), language),
               CountText(partition.offset(), language), std::to_string(partition.epoch()),
               std::to_string(partition.level()),
               partition.owned() ? output.Say({"yes", "oui"}) : output.Say({"no", "non"}),
               CountText(partition.commands_pending(), language),
               TimeText(partition.head().recorded_at()),
               ToHex(partition.head_hash().substr(0, kHashBytesShown))});
  }
  Show(table, {"Nothing is recorded yet.", "Rien n'est encore consigné."}, output);
}

ExitCode Status(Session& session) {
  Output& output = session.output();
  GetLogStatusResponse status;
  const client::Reply reply = session.Operator().GetLogStatus(&status);
  if (!reply.ok) return ShowFailure(reply, nullptr, output);
  if (output.IsJson()) {
    output.out << ToJson(status, true) << '\n';
  } else {
    ShowStatus(status, output);
  }
  return ExitCode::kOk;
}

ExitCode ShowVerified(const VerifyLogResponse& last, Output& output) {
  const ExitCode code = last.faults().empty() ? ExitCode::kOk : ExitCode::kDamaged;
  if (output.IsJson()) {
    output.out << ToJson(last, true) << '\n';
    return code;
  }
  for (const LogFault& fault : last.faults()) {
    const std::string description = Printable(fault.description());
    output.out << (fault.in_file() ? description + '\n'
                                   : output.Say({"partition {}, entry {}: {}\n",
                                                 "partition {}, entrée {} : {}\n"},
                                                fault.partition(), fault.offset(), description));
  }
  output.out << (code == ExitCode::kOk
                     ? Paint(Style::kGood, output.Say({"Whole", "Intact"}), output.colour_out)
                     : Paint(Style::kBad, output.Say({"Damaged", "Endommagé"}), output.colour_out))
             << output.Say({": {} entries, {} events, {} fault(s), {} ms\n",
                            " : {} entrées, {} événements, {} défaut(s), {} ms\n"},
                           CountText(last.entries_done(), output.language),
                           CountText(last.events_done(), output.language), last.faults_size(),
                           CountText(last.elapsed_ms(), output.language));
  return code;
}

using Report = client::Admin::Step<VerifyLogResponse>;

// Without a server the log is read here.
client::Reply VerifyBy(const VerifyLog& verify_log, Session& session, const Report& report) {
  const Result<bool> verified =
      verify_log ? verify_log(session.globals().data, report) : Result<bool>(false);
  if (verified && !*verified) return session.Operator().VerifyLog(report);
  client::Reply reply;
  reply.ok = verified.has_value();
  if (!verified) reply.error = verified.error();
  return reply;
}

ExitCode Verify(Session& session, const VerifyLog& verify_log) {
  Output& output = session.output();
  const Interrupt interrupt;
  VerifyLogResponse last;
  client::Reply reply;
  {
    ProgressBar bar(output);
    const std::string what = output.Say({"verifying the log", "vérification du journal"});
    reply = VerifyBy(verify_log, session, [&](const VerifyLogResponse& progress) {
      const auto faults = last.faults();
      last = progress;
      if (!progress.done()) last.mutable_faults()->MergeFrom(faults);
      bar.Show(what, progress.entries_done(), progress.entries_total(), progress.elapsed_ms());
      return !interrupt.Came();
    });
  }
  if (interrupt.Came()) return Interrupted(output);
  if (!reply.ok) return ShowFailure(reply, nullptr, output);
  return ShowVerified(last, output);
}

ExitCode Backup(Session& session, const Wish& wish) {
  Output& output = session.output();
  const std::string target = std::filesystem::absolute(wish.target).lexically_normal();
  const Interrupt interrupt;
  BackupLogResponse last;
  client::Reply reply;
  {
    ProgressBar bar(output);
    const std::string what = output.Say({"verifying the copy", "vérification de la copie"});
    reply = session.Operator().BackupLog(target, [&](const BackupLogResponse& progress) {
      last = progress;
      bar.Show(what, progress.entries_done(), progress.entries_total(), 0);
      return !interrupt.Came();
    });
  }
  if (interrupt.Came()) return Interrupted(output);
  if (!reply.ok) return ShowFailure(reply, nullptr, output);
  if (output.IsJson()) {
    output.out << ToJson(last, false) << '\n';
  } else {
    output.out << output.Say(
        {"Copied to {}: {} entries, {}, verified. Keep a copy of the keys "
         "apart from it.\n",
         "Copié dans {} : {} entrées, {}, vérifiées. Gardez une copie des clés "
         "à part.\n"},
        target, CountText(last.entries_done(), output.language), SizeText(last.bytes()));
  }
  return ExitCode::kOk;
}

}  // namespace

Noun LogNoun(const Wiring& wiring) {
  const auto wish = std::make_shared<Wish>();
  Noun noun = {
      "log",
      {"the log, which is the truth (operator)", "le journal, qui fait foi (exploitant)"},
      {{"status",
        {"Say where the log and its partitions are",
         "Dire où en sont le journal et ses partitions"},
        {},
        Status},
       {"verify",
        {"Read all of it and check its chain, its counting and its trails",
         "Tout relire et vérifier sa chaîne, son compte et ses registres"},
        {},
        [verify_log = wiring.verify_log](Session& session) { return Verify(session, verify_log); }},
       {"backup",
        {"Copy the log into a new folder while it serves, and verify the copy",
         "Copier le journal dans un nouveau dossier sans l'arrêter, et vérifier la copie"},
        {Text("DIR", "DIR", {"the folder to make", "le dossier à créer"}, &wish->target)
             .Required()},
        [wish](Session& session) { return Backup(session, *wish); }}}};
  for (Verb& verb : StoppedLogVerbs(wiring)) noun.verbs.push_back(std::move(verb));
  noun = OnDataFolder(std::move(noun));
  for (Verb& verb : MakeLogVerbs(wiring)) noun.verbs.push_back(std::move(verb));
  return noun;
}

}  // namespace jalon::cli
