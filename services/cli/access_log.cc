#include "services/cli/access_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/hash.h"
#include "jalon/access/v1/access_log_service.pb.h"
#include "services/access/verify.h"
#include "services/cli/answer.h"
#include "services/cli/erased_mark.h"
#include "services/cli/names.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/domain/reasons.h"

namespace jalon::cli {
namespace {

using access::Finding;
using access::Link;
using access::v1::AccessKind;
using access::v1::AccessRow;
using access::v1::ListAccessRequest;
using access::v1::ListAccessResponse;

std::string IdText(const AccessRow& row, const std::string& id, const Output& output) {
  const auto& gone = row.erased_ids();
  return ToHex(id) + ErasedMark(std::ranges::find(gone, id) != gone.end(), output);
}

// Whose it was, or what it was about, or why it was refused.
std::string AboutText(const AccessRow& row, const Output& output) {
  std::vector<std::string> about;
  for (const std::string& subject : row.subject_ids()) {
    about.push_back(IdText(row, subject, output));
  }
  if (about.empty() && !row.resource_id().empty()) {
    about.push_back(IdText(row, row.resource_id(), output));
  }
  return Join(about);
}

void ShowEntries(const ListAccessResponse& response, Output& output) {
  Table table({{output.Say({"time", "heure"})},
               {output.Say({"by", "par"})},
               {output.Say({"role", "rôle"})},
               {output.Say({"what", "quoi"})},
               {output.Say({"action", "action"})},
               {output.Say({"about", "sur"}), Align::kLeft, true},
               {output.Say({"reason", "motif"})}});
  for (const AccessRow& row : response.entries()) {
    const bool refused = row.kind() == access::v1::ACCESS_KIND_REFUSAL;
    const std::string reason =
        row.reason() == refusal::v1::REFUSAL_REASON_UNSPECIFIED
            ? ""
            : std::string(domain::ReasonName(static_cast<domain::RefusalReason>(row.reason())));
    table.Add({TimeText(row.at()),
               IdText(row, row.person_id(), output),
               NameIn(output.language, row.role()),
               {NameIn(output.language, row.kind()), refused ? Style::kWarning : Style::kPlain},
               row.action(),
               AboutText(row, output),
               reason});
  }
  Show(table, {"No entry.", "Aucune entrée."}, output);
  if (response.oldest_seq() > 1) {
    output.err << output.Say({"What stood before entry {} is kept no more.\n",
                              "Ce qui précédait l'entrée {} n'est plus conservé.\n"},
                             response.oldest_seq());
  }
}

struct Verifying {
  std::string folder;
  std::optional<Link> head;
};

// "4711:9f3a…", as the check prints it.
std::string HeadText(const Link& link) {
  return fmt::format("{}:{}", link.seq, ToHex(View(link.hash)));
}

std::optional<Link> ParseHead(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto seq = ParseCount(text.substr(0, colon), UINT64_MAX);
  std::string hash;
  if (!seq || *seq == 0 || !FromHex(text.substr(colon + 1), &hash) || hash.size() != sizeof(Hash)) {
    return std::nullopt;
  }
  return Link{*seq, HashFrom(hash)};
}

std::string FindingText(const access::Verified& verified, const Output& output) {
  if (verified.finding != Finding::kIntact && verified.seq == 0) {
    return output.Say({"the file chain is no chain", "le fichier chain n'est pas une chaîne"});
  }
  switch (verified.finding) {
    case Finding::kIntact:
      return output.Say({"intact", "intacte"});
    case Finding::kAltered:
      return output.Say({"entry {} was altered", "l'entrée {} a été modifiée"}, verified.seq);
    case Finding::kMissing:
      return output.Say({"entry {} is missing: it was dropped, or another one stands in its place",
                         "l'entrée {} manque : elle a été retirée, ou une autre est à sa place"},
                        verified.seq);
    case Finding::kUnreadable:
      return output.Say({"entry {} cannot be read: its bytes were changed",
                         "l'entrée {} est illisible : ses octets ont été changés"},
                        verified.seq);
  }
  return {};
}

std::string FindingWord(Finding finding) {
  switch (finding) {
    case Finding::kIntact:
      return "INTACT";
    case Finding::kAltered:
      return "ALTERED";
    case Finding::kMissing:
      return "MISSING";
    case Finding::kUnreadable:
      return "UNREADABLE";
  }
  return {};
}

void ShowVerified(const access::Verified& verified, Output& output) {
  if (output.IsJson()) {
    output.out << JsonObject({{"finding", JsonText(FindingWord(verified.finding))},
                              {"entry", std::to_string(verified.seq)},
                              {"entries", std::to_string(verified.entries)},
                              {"first", std::to_string(verified.first.seq)},
                              {"head", JsonText(HeadText(verified.last))},
                              {"refusalsCounted", std::to_string(verified.counted)},
                              {"halfWrittenBytes", std::to_string(verified.half_written)},
                              {"keptHeadDropped", verified.kept_is_older ? "true" : "false"}})
               << '\n';
    return;
  }
  const bool intact = verified.finding == Finding::kIntact;
  Facts facts;
  facts.Add(output.Say({"chain", "chaîne"}),
            {FindingText(verified, output), intact ? Style::kGood : Style::kBad});
  facts.Add(output.Say({"entries", "entrées"}), CountText(verified.entries, output.language));
  facts.Add(output.Say({"from", "depuis"}),
            verified.oldest_at == 0
                ? ""
                : fmt::format("{}, {}", verified.first.seq, TimeText(verified.oldest_at)));
  facts.Add(output.Say({"until", "jusqu'à"}), TimeText(verified.latest_at));
  facts.Add(output.Say({"refusals only counted", "refus seulement comptés"}),
            verified.counted == 0 ? "" : CountText(verified.counted, output.language));
  facts.Add(output.Say({"half-written end", "fin à moitié écrite"}),
            verified.half_written == 0 ? "" : SizeText(verified.half_written));
  if (intact) facts.Add(output.Say({"head", "tête"}), HeadText(verified.last));
  output.out << facts.Layout(output.width, output.colour_out);
  if (verified.kept_is_older) {
    output.err << output.Say(
        {"The head that was given is older than what is kept: it says nothing.\n",
         "La tête donnée est plus ancienne que ce qui est conservé : elle ne "
         "dit rien.\n"});
  } else if (intact) {
    output.err << output.Say(
        {"Keep the head somewhere else: with --head it exposes a chain that was made anew.\n",
         "Gardez la tête ailleurs : avec --head, elle révèle une chaîne refaite.\n"});
  }
}

ExitCode RunVerify(Session& session, const Verifying& wanted) {
  const auto verified = access::Verify(wanted.folder, wanted.head);
  if (!verified) return ShowFailure(verified.error(), session.output());
  ShowVerified(*verified, session.output());
  return verified->finding == Finding::kIntact ? ExitCode::kOk : ExitCode::kAltered;
}

}  // namespace

Verb AccessLogVerb() {
  const auto request = std::make_shared<ListAccessRequest>();
  Field kind = Choice("--kind", {"of this kind; else of any", "de ce genre; sinon de tous"},
                      access::v1::AccessKind_descriptor(),
                      [request](int value) { request->add_kinds(static_cast<AccessKind>(value)); });
  kind.many = true;
  return {"log",
          {"Show who read what is personal, and what was refused to whom, the latest first; of the "
           "node that answers. A student sees who read what is sealed of them",
           "Montrer qui a lu quoi de personnel, et ce qui a été refusé à qui, du plus récent au "
           "plus ancien; du nœud qui répond. Un élève voit qui a lu ce qui est scellé de lui"},
          {Id("--person", {"whose sections were opened", "dont des sections ont été ouvertes"},
              request->mutable_person_id(), 8),
           Id("--by", {"who did it", "qui l'a fait"}, request->mutable_by_person_id(), 8), kind},
          [request](Session& session) {
            return AskAndShow<ListAccessResponse>(session, request.get(), ShowEntries);
          }};
}

Verb AccessVerifyVerb() {
  const auto wanted = std::make_shared<Verifying>();
  Field head{
      .name = "--head",
      .value = "NUMBER:HASH",
      .help = {"a head that was kept: it must still be there",
               "une tête qui a été gardée : elle doit toujours y être"},
      .read =
          [wanted](const std::string& text) {
            wanted->head = ParseHead(text);
            return wanted->head.has_value();
          },
      .expects = Words{"expected: a number, a colon and 64 hexadecimal digits, as this prints "
                       "it",
                       "attendu : un nombre, un deux-points et 64 chiffres hexadécimaux, tels "
                       "qu'affichés"}};
  return {"verify",
          {"Check the chain of an access log, from its files; a server may run meanwhile",
           "Vérifier la chaîne d'un journal des accès, d'après ses fichiers; un serveur peut "
           "tourner"},
          {Text("FOLDER", "DIR",
                {"the folder access/ of a server's data folder",
                 "le dossier access/ du dossier de données d'un serveur"},
                &wanted->folder)
               .Required(),
           head},
          [wanted](Session& session) { return RunVerify(session, *wanted); }};
}

}  // namespace jalon::cli
