#include "services/cli/programme_import.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "jalon/catalogue/v1/catalogue_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/programme_file.h"
#include "services/cli/read_file.h"
#include "services/cli/text.h"
#include "services/domain/reasons.h"

namespace jalon::cli {
namespace {

using catalogue::v1::AdoptProgramme;
using catalogue::v1::ProgrammeDefinition;

constexpr uint64_t kFileBytesMax = 4 << 20;  // ten times what one command may hold

struct Import {
  std::string path;
  ProgrammeLabel label;
  google::protobuf::RepeatedPtrField<std::string> prescribed;
  type::v1::CommandHeader header;
};

// "programmes.csv, row 61: PROGRAMME_INCOMPLETE  words".
std::string ProblemText(const FileProblem& problem, const std::string& path, Style style,
                        const Output& output) {
  const std::string place =
      problem.row == 0 ? path : output.Say({"{}, row {}", "{}, rangée {}"}, path, problem.row);
  return fmt::format("{}: {}  {}\n", place,
                     Paint(style, domain::ReasonName(problem.reason), output.colour_err),
                     Printable(problem.words));
}

std::string ProblemsJson(const std::vector<FileProblem>& problems) {
  std::string array = "[";
  for (const FileProblem& problem : problems) {
    if (array.size() > 1) array += ',';
    array += JsonObject({{"row", std::to_string(problem.row)},
                         {"reason", JsonText(domain::ReasonName(problem.reason))},
                         {"message", JsonText(problem.words)}});
  }
  return array + ']';
}

ExitCode ShowProblems(const ProgrammeFile& file, const std::string& path, Output& output) {
  if (output.IsJson()) {
    output.out << JsonObject({{"accepted", "false"},
                              {"problems", ProblemsJson(file.problems)},
                              {"doubts", ProblemsJson(file.doubts)}})
               << '\n';
    return ExitCode::kRefused;
  }
  for (const FileProblem& problem : file.problems) {
    output.err << ProblemText(problem, path, Style::kBad, output);
  }
  for (const FileProblem& doubt : file.doubts) {
    output.err << ProblemText(doubt, path, Style::kWarning, output);
  }
  output.err << output.Say({"Nothing was sent: {} problem(s) in the file.\n",
                            "Rien n'a été envoyé : {} problème(s) dans le fichier.\n"},
                           file.problems.size());
  return ExitCode::kRefused;
}

// What the server says of modules, said of rows of the file.
void NameRows(const std::vector<uint32_t>& rows, Language language, refusal::v1::Refusal* refusal) {
  for (std::string& subject : *refusal->mutable_subjects()) {
    subject = WithRow(subject, rows, language);
  }
}

ExitCode Run(Session& session, Import& import) {
  Output& output = session.output();
  ProgrammeDefinition& programme = import.label.programme;
  const Result<std::string> text = ReadFile(import.path, kFileBytesMax, output.language);
  if (!text) return ShowFailure(text.error(), output);
  import.label.prescribed.assign(import.prescribed.begin(), import.prescribed.end());
  programme.set_elements(type::v1::ELEMENTS_KNOWN_NONE);  // no public table has them
  if (programme.source().empty()) {
    programme.set_source(std::filesystem::path(import.path).filename());
  }
  const ProgrammeFile file = ReadProgramme(*text, import.label, output.language);
  if (!file.problems.empty()) return ShowProblems(file, import.path, output);
  AdoptProgramme command;
  *command.mutable_programme() = file.definition;
  Result<client::Reply> reply = session.Send(command, &import.header);
  if (!reply) return ShowFailure(reply.error(), output);
  for (auto& refusal : *reply->refusals.mutable_refusals()) {
    NameRows(file.rows, output.language, &refusal);
  }
  for (auto& warning : *reply->result.mutable_warnings()) {
    NameRows(file.rows, output.language, warning.mutable_notice());
  }
  if (reply->ok && !output.IsJson()) {
    output.out << output.Say({"{} {}: {} modules, {} h\n", "{} {} : {} modules, {} h\n"},
                             programme.ref().code(), programme.title(),
                             file.definition.modules_size(), programme.declared_hours());
  }
  return ShowCommand(*reply, import.header, "", output);
}

}  // namespace

Verb ProgrammeImport() {
  const auto import = std::make_shared<Import>();
  ProgrammeDefinition& programme = import->label.programme;
  programme.mutable_ref()->set_language("en");
  const auto type = [import](int value) {
    import->label.programme.set_type(static_cast<type::v1::ProgrammeType>(value));
  };
  return {
      "import",
      {"Adopt a programme from a CSV file; everything wrong with it is said at once, with its row",
       "Adopter un programme d'un fichier CSV; tout ce qui ne va pas est dit d'un coup, avec la "
       "rangée"},
      std::vector<Field>{
          Text("FILE", "FILE",
               {"CSV in UTF-8, with commas or semicolons; columns program, module_code, "
                "statement_en or "
                "statement_fr, hours, units",
                "CSV en UTF-8, à virgules ou à points-virgules; colonnes program, module_code, "
                "statement_en ou statement_fr, hours, units"},
               &import->path)
              .Required(),
          Text("--code", "CODE",
               {"the programme's code, such as 5830", "le code du programme, tel que 5830"},
               programme.mutable_ref()->mutable_code())
              .Required(),
          Text("--version", "LABEL",
               {"the school's label of this version, such as 2026",
                "le nom que l'école donne à cette version, tel que 2026"},
               programme.mutable_ref()->mutable_version())
              .Required(),
          Text("--language", "en|fr",
               {"the language of its statements (en)", "la langue de ses énoncés (en)"},
               programme.mutable_ref()->mutable_language()),
          Text("--title", "TITLE", {"its title", "son titre"}, programme.mutable_title())
              .Required(),
          Choice("--type", {"the credential it leads to", "le diplôme auquel il mène"},
                 type::v1::ProgrammeType_descriptor(), type)
              .Required(),
          Count("--hours",
                {"the hours of the whole programme, as its document says",
                 "les heures de tout le programme, selon son document"},
                10'000,
                [import](uint32_t hours) { import->label.programme.set_declared_hours(hours); })
              .Required(),
          Texts("--prescribed", "CODE",
                {"a module for which the programme prescribes a practicum in the workplace (R8)",
                 "un module pour lequel le programme prescrit un stage en entreprise (R8)"},
                &import->prescribed),
          Text("--source", "TEXT",
               {"where the statements come from; else the file's name",
                "d'où viennent les énoncés; sinon le nom du fichier"},
               programme.mutable_source())} +
          HeaderFields(&import->header),
      [import](Session& session) { return Run(session, *import); }};
}

}  // namespace jalon::cli
