// jalon school transfer-key, jalon person export-transfer and import-transfer, jalon student
// prior-result and close: a student moves between schools.
#include "services/cli/transfer.h"

#include <unistd.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/trail/key.h"
#include "eventstore/trail/note.h"
#include "jalon/person/v1/person_service.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/read_file.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/cli/write_file.h"

namespace jalon::cli {
namespace {

using person::v1::ExportTransferRequest;
using person::v1::ExportTransferResponse;
using person::v1::GetTransferKeyRequest;
using person::v1::GetTransferKeyResponse;
using roster::v1::CloseEnrolment;
using roster::v1::RecordPriorResult;

// What the contract takes.
constexpr uint64_t kFileBytesMax = 196'608;
constexpr uint64_t kNoteBytesMax = 4'096;

struct ExportWish {
  ExportTransferRequest request;
  std::string path;
};
struct ImportWish {
  RecordPriorResult command;
  type::v1::CommandHeader header;
  std::string file;
  std::string note;
};
struct Prior {
  RecordPriorResult command;
  type::v1::CommandHeader header;
  google::protobuf::RepeatedPtrField<std::string> modules;
  uint32_t obtained_on = 0;
};
struct Closing {
  CloseEnrolment command;
  type::v1::CommandHeader header;
};

Field Student(std::string name, std::string* into) {
  return Id(std::move(name), {"the student's id", "l'identifiant de l'élève"}, into, 8).Required();
}

Field Programme(std::string* into) {
  return Text("--programme", "CODE",
              {"the programme; needed where the student has several",
               "le programme; nécessaire si l'élève en a plusieurs"},
              into);
}

std::string NotePath(const std::string& path) { return path + ".note"; }

void ShowIssued(const ExportTransferResponse& answer, const std::string& path, Output& output) {
  if (output.IsJson()) {
    output.out << JsonObject({{"transferId", JsonText(ToHex(answer.transfer_id()))},
                              {"file", JsonText(path)},
                              {"note", JsonText(NotePath(path))},
                              {"expiresOn", JsonText(DayText(answer.expires_on()))},
                              {"results", std::to_string(answer.result_count())},
                              {"activities", std::to_string(answer.activity_count())},
                              {"makeUps", std::to_string(answer.make_up_count())},
                              {"openStays", std::to_string(answer.open_stay_count())}})
               << '\n';
    return;
  }
  Facts facts;
  facts.Add(output.Say({"transfer", "transfert"}), {ToHex(answer.transfer_id()), Style::kBold});
  facts.Add(output.Say({"file", "fichier"}), path);
  facts.Add(output.Say({"note", "note"}), NotePath(path));
  facts.Add(output.Say({"until", "jusqu'au"}), DayText(answer.expires_on()));
  facts.Add(output.Say({"results", "résultats"}), std::to_string(answer.result_count()));
  facts.Add(output.Say({"accomplished activities", "activités réalisées"}),
            std::to_string(answer.activity_count()));
  facts.Add(output.Say({"make-ups owed", "reprises dues"}), std::to_string(answer.make_up_count()));
  output.out << facts.Layout(output.width, output.colour_out);
  if (answer.open_stay_count() == 1) {
    output.err << output.Say(
        {"One stay is planned or running, and not in it: end it first, or "
         "issue another transfer afterwards, which adds what is new.\n",
         "Un séjour est prévu ou en cours, et n'y est pas : terminez-le "
         "d'abord, ou émettez ensuite un autre transfert, qui ajoutera le "
         "nouveau.\n"});
  } else if (answer.open_stay_count() > 1) {
    output.err << output.Say({"{} stays are planned or running, and not in it: end them first, or "
                              "issue another transfer afterwards, which adds what is new.\n",
                              "{} séjours sont prévus ou en cours, et n'y sont pas : terminez-les "
                              "d'abord, ou émettez ensuite un autre transfert, qui ajoutera le "
                              "nouveau.\n"},
                             answer.open_stay_count());
  }
}

ExitCode Export(Session& session, ExportWish* wish) {
  Output& output = session.output();
  // Before it is issued, and noted in the access log.
  const std::string note = NotePath(wish->path);
  if (!IsFree(wish->path, output) || !IsFree(note, output)) return ExitCode::kNotWritten;
  ExportTransferResponse answer;
  const Result<client::Reply> reply = session.Ask(&wish->request, &answer);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  if (!WritePrivate(wish->path, answer.file(), output)) return ExitCode::kNotWritten;
  if (!WritePrivate(note, answer.note(), output)) {
    unlink(wish->path.c_str());  // without its note it is of no use, and stands in the way
    return ExitCode::kNotWritten;
  }
  ShowIssued(answer, wish->path, output);
  return ExitCode::kOk;
}

// Whom it names besides this deployment: which of them the server verified is not told, so none is
// left out.
std::set<std::string> OtherIssuers(const std::string& note, const std::string& own_key) {
  std::set<std::string> others;
  const auto own = trail::ParseVerifierKey(own_key);
  const auto parsed = trail::ParseNote(note);
  if (!parsed) return others;  // the server says what is wrong
  for (const trail::SignatureLine& line : parsed->lines) {
    if (!own || line.name != own->name) others.insert(line.name);
  }
  return others;
}

ExitCode Import(Session& session, ImportWish* wish) {
  Output& output = session.output();
  person::v1::IssuedTransfer& issued = *wish->command.mutable_transfer()->mutable_issued();
  Result<std::string> file = ReadFile(wish->file, kFileBytesMax, output.language);
  if (!file) return ShowFailure(file.error(), output);
  Result<std::string> note = ReadFile(wish->note, kNoteBytesMax, output.language);
  if (!note) return ShowFailure(note.error(), output);
  GetTransferKeyRequest ask;
  GetTransferKeyResponse own;
  const Result<client::Reply> keys = session.Ask(&ask, &own);
  if (!keys) return ShowFailure(keys.error(), output);
  if (!keys->ok) return ShowFailure(*keys, nullptr, output);
  const std::set<std::string> others = OtherIssuers(*note, own.issuer_key());
  issued.set_file(*std::move(file));
  issued.set_note(*std::move(note));
  wish->command.set_origin(type::v1::PRIOR_RESULT_ORIGIN_TRANSFER);
  const ExitCode code = SendAndShow(session, wish->command, wish->header);
  if (code != ExitCode::kOk) return code;
  for (const std::string& issuer : others) {
    output.err << output.Say({"It names {} as who issued it, which is not this deployment: make "
                              "sure that the school it speaks for is there.\n",
                              "Il nomme {} comme émetteur, qui n'est pas ce déploiement : "
                              "assurez-vous que l'école au nom de laquelle il parle s'y trouve.\n"},
                             issuer);
  }
  return code;
}

ExitCode SendPrior(Session& session, Prior* prior) {
  for (const std::string& module : prior->modules) {
    auto& result = *prior->command.add_results();
    result.set_module(module);
    result.set_obtained_on(prior->obtained_on);
  }
  return SendAndShow(session, prior->command, prior->header);
}

}  // namespace

Verb TransferKeyVerb() {
  const auto request = std::make_shared<GetTransferKeyRequest>();
  return {"transfer-key",
          {"Show the key that other schools seal transfers of students to, and the one that "
           "transfers from here are verified with (serve --transfer-issuers)",
           "Montrer la clé pour laquelle les autres écoles scellent les transferts d'élèves, et "
           "celle qui vérifie les transferts d'ici (serve --transfer-issuers)"},
          {},
          [request](Session& session) {
            return AskAndShow<GetTransferKeyResponse>(
                session, request.get(), [](const GetTransferKeyResponse& answer, Output& output) {
                  Facts facts;
                  facts.Add(output.Say({"receiving key", "clé de réception"}),
                            {ToHex(answer.receiving_key()), Style::kBold});
                  facts.Add(output.Say({"issuer key", "clé de l'émetteur"}), answer.issuer_key());
                  output.out << facts.Layout(output.width, output.colour_out);
                });
          }};
}

Verb ExportTransferVerb() {
  const auto wish = std::make_shared<ExportWish>();
  ExportTransferRequest& request = wish->request;
  return {"export-transfer",
          {"Write what is known of a student for another school: a file that only that school can "
           "open, and a signed note beside it; it names the student nowhere",
           "Écrire ce qui est connu d'un élève pour une autre école : un fichier qu'elle seule "
           "peut ouvrir, et une note signée à côté; il ne nomme l'élève nulle part"},
          {Student("STUDENT", request.mutable_student_id()),
           Text("--to-school", "CODE",
                {"the code of the school that receives it", "le code de l'école qui le reçoit"},
                request.mutable_receiving_school())
               .Required(),
           Id("--key",
              {"its receiving key: its jalon school transfer-key",
               "sa clé de réception : son jalon school transfer-key"},
              request.mutable_receiving_key(), 32)
               .Required(),
           Text("--to", "FILE",
                {"the file to make; its note gets the same name in .note",
                 "le fichier à créer; sa note a le même nom en .note"},
                &wish->path)
               .Required(),
           Programme(request.mutable_programme_code()),
           Day("--until",
               {"the last day on which it may be imported; else in 30 days",
                "le dernier jour où il peut être importé; sinon dans 30 jours"},
               [&request](uint32_t day) { request.set_expires_on(day); })},
          [wish](Session& session) { return Export(session, wish.get()); }};
}

Verb ImportTransferVerb() {
  const auto wish = std::make_shared<ImportWish>();
  return {
      "import-transfer",
      {"Record what another school tells of a student who is enrolled here: results, "
       "accomplished activities, make-ups owed; the same transfer again changes nothing",
       "Consigner ce qu'une autre école dit d'un élève inscrit ici : résultats, activités "
       "réalisées, reprises dues; le même transfert de nouveau ne change rien"},
      std::vector<Field>{
          Text("FILE", "FILE", {"the sealed file", "le fichier scellé"}, &wish->file).Required(),
          Text("NOTE", "FILE", {"its signed note", "sa note signée"}, &wish->note).Required(),
          Student("--student", wish->command.mutable_student_id()),
          Programme(wish->command.mutable_programme_code())} +
          HeaderFields(&wish->header),
      [wish](Session& session) { return Import(session, wish.get()); }};
}

Verb PriorResultVerb() {
  const auto prior = std::make_shared<Prior>();
  return {"prior-result",
          {"Record modules that count as succeeded, with the document that says so",
           "Consigner des modules qui comptent comme réussis, avec le document qui l'atteste"},
          std::vector<Field>{
              Student("STUDENT", prior->command.mutable_student_id()),
              Texts("MODULE", "CODE", {"a module", "un module"}, &prior->modules).Required(),
              Choice("--origin", {"where it comes from", "d'où cela vient"},
                     type::v1::PriorResultOrigin_descriptor(),
                     [prior](int value) {
                       prior->command.set_origin(static_cast<type::v1::PriorResultOrigin>(value));
                     })
                  .Required(),
              Text("--document", "CODE",
                   {"the school's own reference of the document; it names nobody",
                    "la référence que le centre donne au document; elle ne nomme personne"},
                   prior->command.mutable_document_ref())
                  .Required(),
              Day("--obtained", {"the day of the document", "la date du document"},
                  [prior](uint32_t day) { prior->obtained_on = day; })
                  .Required(),
              Programme(prior->command.mutable_programme_code())} +
              HeaderFields(&prior->header),
          [prior](Session& session) { return SendPrior(session, prior.get()); }};
}

Verb CloseEnrolmentVerb() {
  const auto closing = std::make_shared<Closing>();
  CloseEnrolment& command = closing->command;
  return {"close",
          {"End a student's enrolment; make-ups still owed are discharged with it. One who goes to "
           "another school takes along what jalon person export-transfer writes",
           "Mettre fin à l'inscription d'un élève; les reprises encore dues tombent avec elle. "
           "Qui passe à une autre école emporte ce qu'écrit jalon person export-transfer"},
          std::vector<Field>{
              Student("STUDENT", command.mutable_student_id()),
              Choice("--end", {"how it ends", "comment elle prend fin"},
                     type::v1::EnrolmentEnd_descriptor(),
                     [closing](int value) {
                       closing->command.set_end(static_cast<type::v1::EnrolmentEnd>(value));
                     })
                  .Required(),
              Text("--reason", "WORDS", {"why", "pourquoi"},
                   command.mutable_reason()->mutable_clear()->mutable_text())
                  .Required(),
              Programme(command.mutable_programme_code()),
              Day("--on", {"the day; else today", "le jour; sinon aujourd'hui"},
                  [closing](uint32_t day) { closing->command.set_closed_on(day); })} +
              HeaderFields(&closing->header),
          [closing](Session& session) {
            return SendAndShow(session, closing->command, closing->header);
          }};
}

}  // namespace jalon::cli
