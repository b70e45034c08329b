#include "services/cli/verify/report.h"

#include <nlohmann/json.hpp>

#include "eventstore/base/hash.h"
#include "eventstore/trail/base64.h"
#include "eventstore/trail/origin.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/cli/verify/findings.h"

namespace jalon::cli {
namespace {

using Json = nlohmann::ordered_json;
using trail::Finding;
using trail::Report;
using trail::Verdict;

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr uint64_t kLastSecond = 253'402'300'799;  // of the year 9999

// An opaque name: in hexadecimal, as everywhere.
std::string NameText(const std::string& bytes) { return ToHex(bytes); }

// A witness may claim any time: beyond the calendar it is shown as it stands.
std::string WitnessTime(const trail::Cosigned& cosigned) {
  if (cosigned.time_s > kLastSecond) return std::to_string(cosigned.time_s) + " s";
  return TimeText(static_cast<int64_t>(cosigned.time_s) * kMicrosPerSecond);
}

bool IsOfLaterGeneration(const Report& report) {
  if (!report.checkpoint) return false;
  const auto named = trail::GenerationNamedBy(report.checkpoint->origin);
  return named && named->generation > trail::kFirstGeneration;
}

// What no check that was asked for could show.
std::vector<Words> NotProven(const Report& report) {
  if (report.verdict != Verdict::kValid) return {};
  std::vector<Words> words;
  if (report.older_fitting == 0) {
    words.push_back(
        {"that nothing was rewritten or removed before it was signed: one checkpoint alone cannot "
         "show that. Keep this one, and give an older one with --checkpoint",
         "que rien n'a été réécrit ou retiré avant la signature : un seul point de contrôle ne "
         "peut le montrer. Gardez celui-ci, et donnez-en un plus ancien avec --checkpoint"});
  }
  if (IsOfLaterGeneration(report)) {
    words.push_back(
        {"what was signed in the generations before this one, under the same name with a smaller "
         "last number: whoever runs the log opens one, and only what you kept from before, given "
         "with --checkpoint or --receipt, shows what was left behind",
         "ce qui a été signé dans les générations d'avant, sous le même nom au dernier nombre plus "
         "petit : qui tient le journal en ouvre une, et seul ce que vous avez gardé d'avant, donné "
         "avec --checkpoint ou --receipt, montre ce qui a été laissé"});
  }
  words.push_back(
      {"that nothing came after: only a newer checkpoint, a receipt or a witness's time, held by "
       "somebody outside, shows that",
       "que rien n'est venu après : seuls un point de contrôle plus récent, un récépissé ou "
       "l'heure "
       "d'un témoin, tenus par quelqu'un d'autre, le montrent"});
  if (!report.root_key_missing.empty()) {
    words.push_back(
        {"that it is in the root log, the log of all trails: the proof is there, and not "
         "the key of that log; give it with --key",
         "qu'il est au journal racine, celui de tous les registres : la preuve est là, "
         "mais pas la clé de ce journal; donnez-la avec --key"});
  } else if (!report.root_log) {
    words.push_back(
        {"that it is in the root log, the log of all trails: no proof of that is with it",
         "qu'il est au journal racine, celui de tous les registres : aucune preuve ne "
         "l'accompagne"});
  }
  if (report.root_log && report.root_older_fitting == 0) {
    words.push_back(
        {"that nothing was taken out of the root log before: keep its checkpoint too, and give an "
         "older one with --checkpoint",
         "que rien n'a été retiré du journal racine avant : gardez aussi son point de contrôle, et "
         "donnez-en un plus ancien avec --checkpoint"});
  }
  if (report.only_replaced_signed) {
    words.push_back(
        {"that whoever runs the log still stands for it: only the key before the change has signed "
         "it, which its holder may have lost or destroyed since. Ask for an export that the new "
         "key has signed",
         "que qui tient le journal en répond encore : seule la clé d'avant le changement l'a "
         "signée, que son détenteur peut avoir perdue ou détruite depuis. Demandez une exportation "
         "que la nouvelle clé a signée"});
  }
  if (report.witnesses_asked == 0) {
    words.push_back(
        {"that others are shown the same trail: no policy that names witnesses was given, so "
         "nobody "
         "looked whether any has signed; give one with --policy",
         "que d'autres voient le même registre : aucune politique qui nomme des témoins n'a été "
         "donnée, et nul n'a regardé si l'un d'eux a signé; donnez-en une avec --policy"});
  } else if (report.cosigned.empty()) {
    words.push_back({"that others are shown the same trail: no witness of the policy has signed it",
                     "que d'autres voient le même registre : aucun témoin de la politique ne l'a "
                     "signé"});
  }
  words.push_back({"what sealed sections hold: without their keys, sealed and erased look the same",
                   "ce que tiennent les sections scellées : sans leurs clés, scellé et effacé se "
                   "ressemblent"});
  return words;
}

Json FindingJson(const Finding& finding, Language language) {
  Json json = {{"flaw", FlawName(finding.flaw)},
               {"verdict", VerdictName(VerdictOf(finding.flaw))},
               {"file", finding.file}};
  if (finding.entry) json["entry"] = std::to_string(*finding.entry);
  if (finding.last) json["lastEntry"] = std::to_string(*finding.last);
  if (finding.number) json["number"] = std::to_string(*finding.number);
  if (finding.is_held) json["held"] = true;
  json["text"] = FindingText(finding, language);
  return json;
}

void ShowJson(const Report& report, Output& output) {
  Json json = {{"verdict", VerdictName(report.verdict)},
               {"exitCode", static_cast<int>(ExitCodeOf(report.verdict))}};
  if (report.checkpoint) {
    json["origin"] = report.checkpoint->origin;
    json["size"] = std::to_string(report.checkpoint->size);
    json["root"] = trail::ToBase64(View(report.checkpoint->root));
  }
  json["signedBy"] = Json::array();
  for (const trail::VerifierKey& key : report.signed_by) {
    json["signedBy"].push_back(trail::FormatVerifierKey(key));
  }
  json["entriesRead"] = std::to_string(report.entries);
  json["readAll"] = report.read_all;
  json["bytesRead"] = std::to_string(report.bytes);
  json["tenant"] = NameText(report.tenant);
  json["trail"] = NameText(report.trail);
  json["firstRecordedAt"] = TimeText(report.first_recorded_at);
  json["lastRecordedAt"] = TimeText(report.last_recorded_at);
  if (report.root_log) {
    json["rootLog"] = {{"origin", report.root_log->origin},
                       {"size", std::to_string(report.root_log->size)}};
  }
  json["olderChecked"] = std::to_string(report.older_checked);
  json["rootOlderChecked"] = std::to_string(report.root_older_checked);
  json["receiptsChecked"] = std::to_string(report.receipts_checked);
  json["ofOtherGenerations"] = std::to_string(report.of_other_generations);
  json["witnessesAsked"] = std::to_string(report.witnesses_asked);
  json["witnessesSeen"] = std::to_string(report.witnesses_seen);
  json["cosigned"] = Json::array();
  for (const trail::Cosigned& by : report.cosigned) {
    json["cosigned"].push_back({{"witness", by.witness}, {"at", WitnessTime(by)}});
  }
  json["findings"] = Json::array();
  for (const Finding& finding : report.findings) {
    json["findings"].push_back(FindingJson(finding, output.language));
  }
  json["findingsTotal"] = std::to_string(report.findings_total);
  json["notProven"] = Json::array();
  for (const Words& words : NotProven(report)) {
    json["notProven"].push_back(output.Say(words));
  }
  // What is not UTF-8 in a file's name is shown as the replacement character.
  output.out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void ShowFacts(const Report& report, Output& output) {
  Facts facts;
  if (report.checkpoint) {
    facts.Add(output.Say({"origin", "origine"}), report.checkpoint->origin);
    if (const auto named = trail::GenerationNamedBy(report.checkpoint->origin)) {
      facts.Add(output.Say({"generation", "génération"}), std::to_string(named->generation));
    }
    facts.Add(output.Say({"entries", "entrées"}),
              CountText(report.checkpoint->size, output.language));
    facts.Add(output.Say({"root", "racine"}), trail::ToBase64(View(report.checkpoint->root)));
  }
  for (const trail::VerifierKey& key : report.signed_by) {
    facts.Add(output.Say({"signed by", "signé par"}),
              ToHex({reinterpret_cast<const char*>(key.key.data()), key.key.size()}));
  }
  facts.Add(output.Say({"school", "école"}), NameText(report.tenant));
  facts.Add(output.Say({"company", "entreprise"}), NameText(report.trail));
  facts.Add(output.Say({"first", "première"}), TimeText(report.first_recorded_at));
  facts.Add(output.Say({"last", "dernière"}), TimeText(report.last_recorded_at));
  if (report.root_log) {
    facts.Add(output.Say({"root log", "journal racine"}),
              output.Say({"published; {} entries", "publié; {} entrées"},
                         CountText(report.root_log->size, output.language)));
  }
  if (report.witnesses_asked != 0) {
    facts.Add(
        output.Say({"witnesses", "témoins"}),
        output.Say({"{} of the policy's {} have signed", "{} des {} de la politique ont signé"},
                   report.witnesses_seen, report.witnesses_asked));
  }
  for (const trail::Cosigned& by : report.cosigned) {
    facts.Add(output.Say({"witness", "témoin"}), by.witness + "  " + WitnessTime(by));
  }
  if (report.older_checked != 0) {
    facts.Add(output.Say({"older checkpoints", "points de contrôle antérieurs"}),
              CountText(report.older_checked, output.language));
  }
  if (report.root_older_checked != 0) {
    facts.Add(output.Say({"of the root log", "du journal racine"}),
              CountText(report.root_older_checked, output.language));
  }
  if (report.receipts_checked != 0) {
    facts.Add(output.Say({"receipts", "récépissés"}),
              CountText(report.receipts_checked, output.language));
  }
  if (report.of_other_generations != 0) {
    facts.Add(output.Say({"of other generations", "d'autres générations"}),
              CountText(report.of_other_generations, output.language));
  }
  output.out << facts.Layout(output.width, output.colour_out);
}

void ShowIndented(const std::string& text, Output& output) {
  for (const std::string& line : Wrap(Printable(text), output.width > 4 ? output.width - 4 : 96)) {
    output.out << "    " << line << '\n';
  }
}

}  // namespace

void ShowReport(const Report& report, Output& output) {
  if (output.IsJson()) {
    ShowJson(report, output);
    return;
  }
  const bool is_valid = report.verdict == Verdict::kValid;
  output.out << Paint(is_valid ? Style::kGood : Style::kBad,
                      output.Say(VerdictWord(report.verdict)), output.colour_out)
             << output.Say({": {}.\n", " : {}.\n"}, output.Say(SentenceOf(report.gravest)));
  for (const Finding& finding : report.findings) {
    ShowIndented(FindingText(finding, output.language), output);
  }
  if (report.findings_total > report.findings.size()) {
    ShowIndented(output.Say({"and {} more", "et {} de plus"},
                            report.findings_total - report.findings.size()),
                 output);
  }
  if (!report.read_all) {
    ShowIndented(output.Say({"the rest was not read: nothing in it could change this",
                             "le reste n'a pas été lu : rien n'y pourrait changer cela"}),
                 output);
  }
  ShowFacts(report, output);
  const std::vector<Words> not_proven = NotProven(report);
  if (not_proven.empty()) return;
  output.out << output.Say({"This does not prove:\n", "Ceci ne prouve pas :\n"});
  for (const Words& words : not_proven) ShowIndented("- " + output.Say(words), output);
}

}  // namespace jalon::cli
