// jalon trail: what companies reported, and what an outsider needs to check it.
#include <fmt/format.h>

#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "eventstore/base/hash.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/erased_mark.h"
#include "services/cli/export_files.h"
#include "services/cli/names.h"
#include "services/cli/note_files.h"
#include "services/cli/nouns.h"
#include "services/cli/receipt_files.h"
#include "services/cli/root_since.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/cli/trail_root.h"
#include "services/cli/write_file.h"
#include "services/client/trail_export.h"

namespace jalon::cli {
namespace {

using trail::v1::ExportTrailRequest;
using trail::v1::ExportTrailResponse;
using trail::v1::GetCheckpointRequest;
using trail::v1::GetCheckpointResponse;
using trail::v1::GetFeedbackTrailRequest;
using trail::v1::GetFeedbackTrailResponse;
using trail::v1::GetInclusionProofRequest;
using trail::v1::GetInclusionProofResponse;
using trail::v1::GetReceiptRequest;
using trail::v1::GetReceiptResponse;
using trail::v1::ListTrailsRequest;
using trail::v1::ListTrailsResponse;
using trail::v1::SignedCheckpoint;

constexpr size_t kCompanyIdBytes = 8;
constexpr size_t kHashDigitsShown = 16;

void ShowList(const ListTrailsResponse& response, Output& output) {
  Table table({{output.Say({"company", "entreprise"})},
               {output.Say({"entries", "entrées"}), Align::kRight},
               {output.Say({"origin", "origine"})}});
  for (const auto& row : response.trails()) {
    table.Add({ToHex(row.company_id()), CountText(row.size(), output.language), row.origin()});
  }
  Show(table, {"No company has reported anything.", "Aucune entreprise n'a rien déclaré."}, output);
}

void ShowTrail(const GetFeedbackTrailResponse& response, Output& output) {
  Table table({{output.Say({"entry", "entrée"}), Align::kRight},
               {output.Say({"what", "quoi"})},
               {output.Say({"about", "sur"})},
               {output.Say({"not observed", "non observé"}), Align::kLeft, true},
               {output.Say({"day", "jour"})},
               {output.Say({"recorded", "consigné"})},
               {output.Say({"by", "par"})},
               {output.Say({"role", "rôle"})},
               {output.Say({"origin", "origine"})},
               {output.Say({"of", "de"})},
               {output.Say({"leaf", "feuille"})}});
  for (const auto& row : response.entries()) {
    table.Add({std::to_string(row.index()), row.event().type(), row.about(),
               Join(row.not_observed()), DayText(row.event().occurred_on()),
               TimeText(row.event().recorded_at()), ToHex(row.actor().person_id()),
               NameIn(output.language, row.actor().role()),
               NameIn(output.language, row.actor().origin()),
               ToHex(row.subject_id()) + ErasedMark(row.has_erased(), output),
               ToHex(row.leaf_hash()).substr(0, kHashDigitsShown)});
  }
  Show(table, {"This company has reported nothing.", "Cette entreprise n'a rien déclaré."}, output);
}

ExitCode GetCheckpoint(Session& session, GetCheckpointRequest* request, const std::string& path) {
  GetCheckpointResponse response;
  Output& output = session.output();
  const Result<client::Reply> reply = session.Ask(request, &response);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  const SignedCheckpoint& checkpoint = response.checkpoint();
  if (output.IsJson()) {
    output.out << ToJson(response, true) << '\n';
    if (path.empty()) return ExitCode::kOk;
    return WriteNew(path, checkpoint.note(), output) ? ExitCode::kOk : ExitCode::kNotWritten;
  }
  const ExitCode saved = SaveNote(checkpoint.note(), path, output);
  if (saved == ExitCode::kOk) SayVerifier(checkpoint.verifier_key(), output);
  return saved;
}

ExitCode GetProof(Session& session, GetInclusionProofRequest* request, const std::string& path) {
  GetInclusionProofResponse response;
  Output& output = session.output();
  const Result<client::Reply> reply = session.Ask(request, &response);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  if (output.IsJson()) {
    output.out << ToJson(response, true) << '\n';
    if (path.empty()) return ExitCode::kOk;
    return WriteNew(path, response.tlog_proof(), output) ? ExitCode::kOk : ExitCode::kNotWritten;
  }
  const ExitCode saved = SaveNote(response.tlog_proof(), path, output);
  if (saved == ExitCode::kOk) SayVerifier(response.verifier_key(), output);
  return saved;
}

ExitCode GetReceipt(Session& session, GetReceiptRequest* request, const std::string& path) {
  GetReceiptResponse response;
  Output& output = session.output();
  const Result<client::Reply> reply = session.Ask(request, &response);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  if (output.IsJson()) output.out << ToJson(response, true) << '\n';
  const trail::v1::Receipt& receipt = response.receipt();
  if (!path.empty() && !WriteReceipt(receipt, path, output)) return ExitCode::kNotWritten;
  if (output.IsJson()) return ExitCode::kOk;
  if (path.empty()) output.out << receipt.tlog_proof();
  SayVerifier(receipt.verifier_key(), output);
  return ExitCode::kOk;
}

struct ExportWish {
  ExportTrailRequest request;
  std::string folder;
  std::string since_root;  // a file
  std::vector<trail::VerifierKey> root_keys;
};

// The size of what was kept of the root log, once it is known that the log could go on from there:
// else what to exit with.
std::expected<uint64_t, ExitCode> SizeSince(Session& session, const ExportWish& wish) {
  Output& output = session.output();
  const auto kept = ReadCheckpoint(wish.since_root, output.language);
  if (!kept) return std::unexpected(ShowFailure(kept.error(), output));
  trail::v1::GetRootCheckpointRequest request;
  trail::v1::GetRootCheckpointResponse response;
  const Result<client::Reply> reply = session.Ask(&request, &response);
  if (!reply) return std::unexpected(ShowFailure(reply.error(), output));
  if (!reply->ok) return std::unexpected(ShowFailure(*reply, nullptr, output));
  const SignedCheckpoint& now = response.checkpoint();
  const auto both =
      OpenBoth(*kept, wish.since_root, now.note(),
               {.given = wish.root_keys, .printed = now.verifier_key()}, output.language);
  if (both) return both->kept.size;
  output.err << "jalon: " << Printable(both.error().words) << '\n';
  return std::unexpected(both.error().code);
}

// What was exported, and how whoever gets it checks it.
void ShowExported(const SignedCheckpoint& checkpoint, const std::string& folder, Output& output) {
  const std::string verifier_key = Printable(checkpoint.verifier_key());
  if (output.IsJson()) {
    output.out << JsonObject({{"folder", JsonText(folder)},
                              {"origin", JsonText(checkpoint.origin())},
                              {"size", JsonText(std::to_string(checkpoint.size()))},
                              {"root", JsonText(ToHex(checkpoint.root()))},
                              {"verifierKey", JsonText(checkpoint.verifier_key())}})
               << '\n';
    return;
  }
  output.out << output.Say(
      {"Exported {} entries to {}\n\nVerifier key, which must reach whoever checks by another way "
       "than the export:\n  {}\n\nTo check it, offline, anywhere:\n  jalon verify {} --key {}\n",
       "{} entrées exportées dans {}\n\nClé de vérification, qui doit parvenir à qui vérifie par "
       "une autre voie que l'exportation :\n  {}\n\nPour vérifier, hors ligne, n'importe où :\n  "
       "jalon verify {} --key {}\n"},
      CountText(checkpoint.size(), output.language), folder, verifier_key, folder, verifier_key);
}

ExitCode Export(Session& session, const ExportWish& wish) {
  Output& output = session.output();
  ExportTrailRequest request = wish.request;
  if (!wish.since_root.empty()) {
    const auto size = SizeSince(session, wish);
    if (!size) return size.error();
    request.set_since_root_size(*size);
  }
  request.mutable_header()->set_school_id(session.globals().school_id);
  if (session.globals().after) {
    *request.mutable_header()->mutable_min_position() = *session.globals().after;
  }
  const auto server = session.TrailExports();
  if (!server) return ShowFailure(server.error(), output);
  SignedCheckpoint checkpoint;
  std::optional<ExportFiles> files;
  Result<void> written;
  const client::Reply reply = (*server)->Export(
      request,
      [&](const ExportTrailResponse& part) {
        if (!files) {  // only now is it known that there is something to export
          checkpoint = part.checkpoint();
          auto made = ExportFiles::Create(wish.folder, output.language);
          if (!made) written = std::unexpected(std::move(made).error());
          if (written) files.emplace(*std::move(made));
        }
        if (written && part.has_file()) {
          written = files->Write(part.file().path(), part.file().bytes());
        }
        return written.has_value();
      },
      session.globals().deadline_ms.has_value());
  if (!written) return ShowFailure(written.error(), output);
  if (!reply.ok) return ShowFailure(reply, nullptr, output);
  if (!files || !files->HasCheckpoint()) {
    output.err << output.Say(
        {"jalon: the export ended without its checkpoint: remove {} and export again\n",
         "jalon : l'exportation s'est terminée sans son point de contrôle : supprimez {} et "
         "exportez de nouveau\n"},
        wish.folder);
    return ExitCode::kInternal;
  }
  ShowExported(checkpoint, wish.folder, output);
  return ExitCode::kOk;
}

Field CompanyField(std::string* into) {
  return Id("COMPANY",
            {"the company's id: jalon trail list",
             "l'identifiant de l'entreprise : jalon trail list"},
            into, kCompanyIdBytes)
      .Required();
}

template <typename Request>
Field IndexField(Request* request) {
  return {.name = "ENTRY",
          .value = "N",
          .help = {"the entry's number in the trail, from 0",
                   "le numéro de l'entrée dans le registre, à partir de 0"},
          .read =
              [request](const std::string& text) {
                const auto index = ParseCount(text, INT64_MAX);
                if (index) request->set_index(*index);
                return index.has_value();
              },
          .expects = Words{"expected: a whole number", "attendu : un nombre entier"},
          .required = true};
}

Verb ReceiptVerb() {
  const auto receipt = std::make_shared<GetReceiptRequest>();
  const auto path = std::make_shared<std::string>();
  return {
      "receipt",
      {"Get the receipt of an entry: by it a later omission can be proven to anybody",
       "Obtenir le récépissé d'une entrée : il prouve à quiconque une omission ultérieure"},
      {CompanyField(receipt->mutable_company_id()), IndexField(receipt.get()),
       Text("--out", "FILE",
            {"the file to make, NAME.tlog-proof; the entry goes beside it as NAME.entry. Else the "
             "proof goes to standard output",
             "le fichier à créer, NOM.tlog-proof; l'entrée va à côté, en NOM.entry. Sinon la "
             "preuve va à la sortie standard"},
            path.get())},
      [receipt, path](Session& session) { return GetReceipt(session, receipt.get(), *path); }};
}

}  // namespace

Noun TrailNoun() {
  const auto list = std::make_shared<ListTrailsRequest>();
  const auto show = std::make_shared<GetFeedbackTrailRequest>();
  const auto checkpoint = std::make_shared<GetCheckpointRequest>();
  const auto proof = std::make_shared<GetInclusionProofRequest>();
  const auto exported = std::make_shared<ExportWish>();
  const auto path = std::make_shared<std::string>();
  return {
      "trail",
      {"what companies reported, as an outsider can check it",
       "ce que les entreprises ont déclaré, vérifiable par un tiers"},
      {{"list",
        {"List the trails of the school", "Lister les registres de l'école"},
        {},
        [list](Session& session) {
          return AskAndShow<ListTrailsResponse>(session, list.get(), ShowList);
        }},
       {"show",
        {"Show a company's entries in order; nothing sealed is opened",
         "Montrer les entrées d'une entreprise dans l'ordre; rien de scellé n'est ouvert"},
        {CompanyField(show->mutable_company_id())},
        [show](Session& session) {
          return AskAndShow<GetFeedbackTrailResponse>(session, show.get(), ShowTrail);
        }},
       {"checkpoint",
        {"Get the trail's signed checkpoint: keep it, and check later exports against it",
         "Obtenir le point de contrôle signé : gardez-le, et vérifiez-y les exportations "
         "suivantes"},
        {CompanyField(checkpoint->mutable_company_id()), OutField(path.get())},
        [checkpoint, path](Session& session) {
          return GetCheckpoint(session, checkpoint.get(), *path);
        }},
       RootVerb(),
       WitnessVerb(),
       {"proof",
        {"Get the proof that an entry is in the trail, as a .tlog-proof file",
         "Obtenir la preuve qu'une entrée est au registre, en fichier .tlog-proof"},
        {CompanyField(proof->mutable_company_id()), IndexField(proof.get()), OutField(path.get())},
        [proof, path](Session& session) { return GetProof(session, proof.get(), *path); }},
       ReceiptVerb(),
       {"export",
        {"Export the whole trail to a new folder, which jalon verify checks offline",
         "Exporter tout le registre dans un nouveau dossier, que jalon verify vérifie hors "
         "ligne"},
        {CompanyField(exported->request.mutable_company_id()),
         Text("FOLDER", "FOLDER", {"the folder to make", "le dossier à créer"}, &exported->folder)
             .Required(),
         Text(
             "--since-root", "FILE",
             {"with the proof that the root log goes on from this checkpoint of it, which you kept",
              "avec la preuve que le journal racine continue depuis ce point de contrôle, que vous "
              "avez gardé"},
             &exported->since_root),
         RootKeyField("--root-key", &exported->root_keys)},
        [exported](Session& session) { return Export(session, *exported); }}}};
}

}  // namespace jalon::cli
