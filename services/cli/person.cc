// jalon person: what is held of a person, and how that ends: legal hold, a request, and the erasure
// that another coordinator confirms.
#include <memory>
#include <vector>

#include "eventstore/base/hash.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/names.h"
#include "services/cli/nouns.h"
#include "services/cli/person_export.h"
#include "services/cli/rectify.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/cli/transfer.h"

namespace jalon::cli {
namespace {

using privacy::v1::DestroyPersonKey;
using privacy::v1::GetErasureRequest;
using privacy::v1::GetErasureResponse;
using privacy::v1::LegalHoldBasis;
using privacy::v1::RequestErasure;
using privacy::v1::SetLegalHold;

template <typename Command>
struct Sent {
  Command command;
  type::v1::CommandHeader header;
};

Field Person(std::string* into) {
  return Id("PERSON",
            {"the student's or other person's id",
             "l'identifiant de l'élève ou d'une autre personne"},
            into, 8)
      .Required();
}

Verb Hold(bool hold, Words help) {
  const auto sent = std::make_shared<Sent<SetLegalHold>>();
  sent->command.set_hold(hold);
  return {
      hold ? "hold" : "release", help,
      std::vector<Field>{
          Person(sent->command.mutable_person_id()),
          Choice("--basis", {"what it rests on", "sur quoi cela repose"},
                 privacy::v1::LegalHoldBasis_descriptor(),
                 [sent](int value) { sent->command.set_basis(static_cast<LegalHoldBasis>(value)); })
              .Required(),
          Text("--document", "CODE",
               {"the school's own reference of the matter; it names nobody",
                "la référence que le centre donne à l'affaire; elle ne nomme personne"},
               sent->command.mutable_document_ref())} +
          HeaderFields(&sent->header),
      [sent](Session& session) { return SendAndShow(session, sent->command, sent->header); }};
}

template <typename Command>
Verb Step(std::string name, Words help) {
  const auto sent = std::make_shared<Sent<Command>>();
  return {
      std::move(name), help,
      std::vector<Field>{Person(sent->command.mutable_person_id())} + HeaderFields(&sent->header),
      [sent](Session& session) { return SendAndShow(session, sent->command, sent->header); }};
}

// Whether it is complete, and what it waits for.
void ShowHowFar(const GetErasureResponse& response, Output& output, Facts* facts) {
  facts->Add(output.Say({"copy of the keys", "copie des clés"}),
             NameIn(output.language, response.backup()));
  if (response.backed_up_at() != 0) {
    facts->Add(output.Say({"last verified copy", "dernière copie vérifiée"}),
               TimeText(response.backed_up_at()));
  }
  for (const std::string& node : response.unconfirmed_nodes()) {
    facts->Add(output.Say({"may still hold it", "peut la détenir encore"}),
               {node, Style::kWarning});
  }
  if (response.unconfirmed_nodes_size() > 0 && response.dropped_by() != 0) {
    facts->Add(output.Say({"at the latest until", "au plus tard jusqu'à"}),
               TimeText(response.dropped_by()));
  }
  if (response.backup() == privacy::v1::KEY_BACKUP_STATE_NONE_CONFIGURED) {
    facts->Add(
        output.Say({"what that means", "ce que cela veut dire"}),
        {output.Say(
             {"nothing is known of copies that you made yourself. One of keys/ and "
              "keys.epochs/ together, from before, still opens what was erased: destroy it. "
              "One of keys/ alone opens nothing of this school any more: were the keys lost "
              "now, so would be all that is sealed of everybody else. Make a fresh one with "
              "jalon vault backup, and give the vault --key-backup",
              "rien n'est su des copies que vous avez faites vous-même. Celle de keys/ et de "
              "keys.epochs/ ensemble, d'avant, ouvre encore ce qui a été détruit : "
              "détruisez-la. Celle de keys/ seul n'ouvre plus rien de cette école : si les "
              "clés se perdaient maintenant, tout ce qui est scellé des autres serait perdu. "
              "Faites-en une nouvelle par jalon vault backup, et donnez --key-backup au "
              "coffre"}),
         Style::kWarning});
  }
  facts->Add(output.Say({"erasure complete", "destruction complète"}),
             response.complete() ? Cell{output.Say({"yes", "oui"}), Style::kGood}
                                 : Cell{output.Say({"not yet", "pas encore"}), Style::kWarning});
}

void ShowErasure(const GetErasureResponse& response, Output& output) {
  const auto by = [](const type::v1::Actor& actor) { return ToHex(actor.person_id()); };
  Facts facts;
  facts.Add(output.Say({"person", "personne"}), {ToHex(response.person_id()), Style::kBold});
  if (response.has_hold()) {
    const auto& hold = response.hold();
    facts.Add(output.Say({"legal hold", "destruction suspendue"}),
              {NameIn(output.language, hold.basis()), Style::kWarning});
    facts.Add(output.Say({"document", "document"}), hold.document_ref());
    facts.Add(output.Say({"placed", "posée"}), EventText(hold.placed()));
    facts.Add(output.Say({"by", "par"}), by(hold.actor()));
  }
  if (response.has_request()) {
    const auto& request = response.request();
    facts.Add(output.Say({"erasure requested", "destruction demandée"}),
              EventText(request.requested()));
    facts.Add(output.Say({"by", "par"}), by(request.actor()));
    facts.Add(output.Say({"to be confirmed by", "à confirmer d'ici le"}),
              DayText(request.expires_on()));
  }
  if (response.has_erased()) {
    facts.Add(output.Say({"erased", "détruit"}), EventText(response.erased()));
    facts.Add(output.Say({"confirmed by", "confirmé par"}), by(response.erased_by()));
    facts.Add(output.Say({"was kept until", "conservé jusqu'au"}),
              DayText(response.kept_until_on()));
  }
  facts.Add(output.Say({"key", "clé"}), NameIn(output.language, response.key()));
  if (response.has_erased()) ShowHowFar(response, output, &facts);
  output.out << facts.Layout(output.width, output.colour_out);
}

Verb Show() {
  const auto request = std::make_shared<GetErasureRequest>();
  return {"show",
          {"Show the hold, the request, the erasure, and what became of the key",
           "Montrer la suspension, la demande, la destruction, et ce qu'il est advenu de la clé"},
          {Person(request->mutable_person_id())},
          [request](Session& session) {
            return AskAndShow<GetErasureResponse>(session, request.get(), ShowErasure);
          }};
}

}  // namespace

Noun PersonNoun() {
  return {
      "person",
      {"what is held of a person, how it is rectified and moves, and how that ends",
       "ce qui est détenu sur quelqu'un, sa rectification, son transfert, et comment cela prend "
       "fin"},
      {PersonExportVerb(), ExportTransferVerb(), ImportTransferVerb(), RectifyVerb(),
       StatementVerb(),
       Hold(true, {"Place a legal hold: nothing of the person is destroyed while it stands",
                   "Suspendre la destruction : rien n'est détruit tant que la suspension tient"}),
       Hold(false, {"Release the legal hold", "Lever la suspension de la destruction"}),
       Step<RequestErasure>(
           "request-erasure",
           {"Ask that a person be erased once retention is over; another coordinator confirms",
            "Demander la destruction du dossier au terme de sa conservation; un autre "
            "responsable la confirme"}),
       Step<DestroyPersonKey>(
           "erase", {"Confirm it: the key is destroyed, and nothing sealed is read ever again",
                     "La confirmer : la clé est détruite, et rien de scellé n'est plus jamais "
                     "lu"}),
       Show()}};
}

}  // namespace jalon::cli
