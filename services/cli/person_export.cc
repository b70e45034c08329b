// jalon person export: everything that is held on a person.
#include <filesystem>
#include <memory>

#include "jalon/person/v1/person_service.pb.h"
#include "jalon/person/v1/subject_export.pb.h"
#include "services/cli/answer.h"
#include "services/cli/json.h"
#include "services/cli/person_export.h"
#include "services/cli/subject_schema.h"
#include "services/cli/text.h"
#include "services/cli/write_file.h"

namespace jalon::cli {
namespace {

using person::v1::ExportSubjectRequest;
using person::v1::ExportSubjectResponse;
using person::v1::SubjectExport;

constexpr std::string_view kFormat = "jalon.person.v1.SubjectExport/1";
constexpr size_t kPersonIdBytes = 8;

struct ExportWish {
  ExportSubjectRequest request;
  std::string path;
};

// "ada.json" has "ada.schema.json" beside it.
std::string SchemaPath(const std::string& path) {
  return std::filesystem::path(path).replace_extension(".schema.json").string();
}

void ShowExported(const SubjectExport& document, const std::string& path, Output& output) {
  const auto records = static_cast<uint64_t>(document.records_size());
  if (output.IsJson()) {
    output.out << JsonObject({{"file", JsonText(path)},
                              {"schema", JsonText(SchemaPath(path))},
                              {"records", std::to_string(records)},
                              {"erased", document.subject().erased() ? "true" : "false"}})
               << '\n';
    return;
  }
  output.out << output.Say(
      {"{} records in {}, for its owner to read only; what each thing in it is "
       "called stands beside it in French and English. Its schema: {}\n",
       "{} enregistrements dans {}, que seul son propriétaire peut lire; le "
       "nom de chaque chose y figure en français et en anglais. Son schéma : "
       "{}\n"},
      CountText(records, output.language), path, SchemaPath(path));
  if (!document.subject().erased()) return;
  output.out << output.Say(
      {"The person is erased: what was sealed cannot be read any more.\n",
       "La personne est effacée : ce qui était scellé ne peut plus être lu.\n"});
}

ExitCode Export(Session& session, ExportWish* wish) {
  Output& output = session.output();
  ExportSubjectResponse response;
  const Result<client::Reply> reply = session.Ask(&wish->request, &response);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  if (!response.page().next_page_token().empty()) {
    output.err << output.Say(
        {"jalon: more than {} records are held on this person: nothing was written, since it would "
         "not be everything; ask page by page with 'jalon call ExportSubject'\n",
         "jalon : plus de {} enregistrements sont détenus sur cette personne : rien n'a été écrit, "
         "car ce ne serait pas tout; demandez page par page avec « jalon call ExportSubject »\n"},
        CountText(kRowsMax, output.language));
    return ExitCode::kRefused;
  }
  SubjectExport document;
  document.set_format(std::string(kFormat));
  *document.mutable_subject() = std::move(*response.mutable_subject());
  *document.mutable_records() = std::move(*response.mutable_records());
  const bool written = WritePrivate(wish->path, ToJson(document, true) + '\n', output) &&
                       WritePrivate(SchemaPath(wish->path), SubjectSchema(), output);
  if (!written) return ExitCode::kNotWritten;
  ShowExported(document, wish->path, output);
  return ExitCode::kOk;
}

}  // namespace

Verb PersonExportVerb() {
  const auto wish = std::make_shared<ExportWish>();
  return {"export",
          {"Write everything that is held on a person, with its JSON Schema, to a file; it opens "
           "what is sealed",
           "Écrire dans un fichier tout ce qui est détenu sur une personne, avec son schéma JSON; "
           "ouvre ce qui est scellé"},
          {Id("PERSON",
              {"the person's id, such as a student's",
               "l'identifiant de la personne, "
               "tel celui d'un élève"},
              wish->request.mutable_person_id(), kPersonIdBytes)
               .Required(),
           Text("--to", "FILE",
                {"the file to make; its schema gets the same name in .schema.json",
                 "le fichier à créer; son schéma a le même nom en .schema.json"},
                &wish->path)
               .Required()},
          [wish](Session& session) { return Export(session, wish.get()); }};
}

}  // namespace jalon::cli
