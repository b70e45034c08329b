#include "services/cli/programme_file.h"

#include <algorithm>
#include <map>
#include <set>

#include "services/cli/csv.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using catalogue::v1::ModuleDefinition;
using domain::Reason;

constexpr uint32_t kHoursPerUnit = 15;
constexpr uint64_t kHoursMax = 2000;  // of a module, as the contract allows
constexpr size_t kStatementBytesMax = 500;

// `pattern` has a 'd' for each digit: "ddd-ddd".
bool Looks(std::string_view text, std::string_view pattern) {
  return std::ranges::equal(text, pattern, [](char c, char like) {
    return like == 'd' ? c >= '0' && c <= '9' : c == like;
  });
}

// Where the columns stand in a row; -1: nowhere.
struct Columns {
  int programme = -1;
  int code = -1;
  int statement = -1;
  int hours = -1;
  int units = -1;
};

class Importer {
 public:
  Importer(const ProgrammeLabel& label, Language language) : label_(label), language_(language) {
    file_.definition = label.programme;
  }

  ProgrammeFile Read(std::string_view text) {
    const CsvFile csv = ParseCsv(text);
    for (const CsvFault& fault : csv.faults) {
      Problem(fault.row, Reason::MALFORMED, fault.what);
      if (fault.row == 0) return std::move(file_);
    }
    separator_ = csv.separator;
    const std::string& wanted = label_.programme.ref().code();
    if (!Looks(wanted, "dddd")) {
      Problem(
          0, Reason::PROGRAMME_INCOMPLETE,
          {"{} is no programme code (four digits): a suffix marks a partial programme, which is "
           "not adopted",
           "{} n'est pas un code de programme (quatre chiffres) : un suffixe marque un programme "
           "partiel, qui n'est pas adopté"},
          wanted);
    }
    if (FindColumns(csv)) {
      for (size_t i = 1; i < csv.rows.size(); ++i) ReadRow(csv.rows[i], csv.rows[0].fields.size());
      CheckWhole();
    }
    std::ranges::stable_sort(file_.problems, {}, &FileProblem::row);
    return std::move(file_);
  }

 private:
  template <typename... Args>
  void Problem(uint32_t row, domain::RefusalReason reason, const Words& words,
               const Args&... args) {
    file_.problems.push_back({row, reason, Say(language_, words, args...)});
  }
  template <typename... Args>
  void Doubt(uint32_t row, domain::RefusalReason reason, const Words& words, const Args&... args) {
    file_.doubts.push_back({row, reason, Say(language_, words, args...)});
  }

  bool FindColumns(const CsvFile& csv) {
    const std::vector<std::string> titles =
        csv.rows.empty() ? std::vector<std::string>() : csv.rows[0].fields;
    const auto find = [&](const std::string& title) {
      const auto found = std::ranges::find(titles, title);
      if (found != titles.end()) return static_cast<int>(found - titles.begin());
      Problem(1, Reason::MALFORMED, {"there is no column {}", "il n'y a pas de colonne {}"}, title);
      return -1;
    };
    columns_ = {.programme = find("program"),
                .code = find("module_code"),
                .statement = find("statement_" + label_.programme.ref().language()),
                .hours = find("hours"),
                .units = find("units")};
    return std::min({columns_.programme, columns_.code, columns_.statement, columns_.hours,
                     columns_.units}) >= 0;
  }

  void ReadRow(const CsvRow& row, size_t width) {
    if (row.fields.size() != width) {
      return Problem(row.number, Reason::MALFORMED,
                     {"{} fields instead of {}: a text with \"{}\" in it needs quotes around it",
                      "{} champs au lieu de {} : un texte qui contient « {} » demande des "
                      "guillemets"},
                     row.fields.size(), width, separator_);
    }
    const std::string& programme = row.fields[columns_.programme];
    programmes_.insert(programme);
    if (programme != label_.programme.ref().code()) return;
    ModuleDefinition& module = *file_.definition.add_modules();
    file_.rows.push_back(row.number);
    ReadCode(row, module);
    ReadStatement(row, module);
    ReadHours(row, module);
  }

  void ReadCode(const CsvRow& row, ModuleDefinition& module) {
    const std::string& code = row.fields[columns_.code];
    module.set_code(code);
    module.set_prescribed(std::ranges::count(label_.prescribed, code) > 0);
    module.set_inferred(!Looks(code, "ddd-ddd"));
    if (module.inferred()) {
      Problem(row.number, Reason::PROGRAMME_INCOMPLETE,
              {"{} is no module code (ddd-ddd): the row was inferred, not read in the document",
               "{} n'est pas un code de module (ddd-ddd) : la rangée a été déduite et non lue dans "
               "le document"},
              code);
    }
    const auto [first, is_new] = first_rows_.emplace(code, row.number);
    if (!is_new) {
      Problem(row.number, Reason::DUPLICATE_MODULE,
              {"{} is already in row {}", "{} est déjà à la rangée {}"}, code, first->second);
    }
  }

  void ReadStatement(const CsvRow& row, ModuleDefinition& module) {
    const std::string& statement = row.fields[columns_.statement];
    module.set_statement(statement);
    if (statement.empty()) {
      Problem(row.number, Reason::FIELD_REQUIRED, {"the statement is empty", "l'énoncé est vide"});
    }
    if (statement.size() > kStatementBytesMax) {
      Problem(row.number, Reason::TOO_LARGE,
              {"the statement has {} bytes, at most {}", "l'énoncé a {} octets, au plus {}"},
              statement.size(), kStatementBytesMax);
    }
    if (!IsUtf8(statement)) {
      Problem(row.number, Reason::MALFORMED,
              {"the statement is not UTF-8: save the file as UTF-8",
               "l'énoncé n'est pas en UTF-8 : enregistrez le fichier en UTF-8"});
      module.clear_statement();
    }
  }

  void ReadHours(const CsvRow& row, ModuleDefinition& module) {
    const auto hours = ParseCount(row.fields[columns_.hours], kHoursMax);
    const auto units = ParseCount(row.fields[columns_.units], kHoursMax / kHoursPerUnit);
    if (!hours || !units || *hours == 0 || *units == 0) {
      return Problem(row.number, Reason::FIELD_INVALID,
                     {"hours {} and units {} are no whole numbers of a module",
                      "les heures {} et les unités {} ne sont pas des nombres entiers d'un module"},
                     row.fields[columns_.hours], row.fields[columns_.units]);
    }
    module.set_hours(static_cast<uint32_t>(*hours));
    module.set_units(static_cast<uint32_t>(*units));
    if (*hours != kHoursPerUnit * *units) {
      Problem(row.number, Reason::HOURS_UNITS_MISMATCH,
              {"{}: {} h is not 15 times {} unit(s)", "{} : {} h n'est pas 15 fois {} unité(s)"},
              module.code(), *hours, *units);
    }
    if (!module.inferred() && static_cast<uint64_t>(module.code().back() - '0') != *units % 10) {
      Doubt(row.number, Reason::LAST_DIGIT_NOT_UNITS,
            {"{}: its last digit is usually its units, {}",
             "{} : son dernier chiffre est d'ordinaire ses unités, {}"},
            module.code(), *units);
    }
  }

  void CheckWhole() {
    const std::string& wanted = label_.programme.ref().code();
    if (file_.definition.modules().empty()) {
      Problem(0, Reason::NOT_FOUND,
              {"no row of programme {}; the file has {}",
               "aucune rangée du programme {}; le fichier contient {}"},
              wanted, Join(programmes_));
      return;
    }
    uint32_t hours = 0;
    for (const ModuleDefinition& module : file_.definition.modules()) hours += module.hours();
    if (hours != label_.programme.declared_hours()) {
      Problem(0, Reason::PROGRAMME_INCOMPLETE,
              {"the {} modules add up to {} h; the programme is declared with {} h",
               "les {} modules totalisent {} h; le programme est déclaré à {} h"},
              file_.definition.modules_size(), hours, label_.programme.declared_hours());
    }
    for (const std::string& code : label_.prescribed) {
      if (first_rows_.contains(code)) continue;
      Problem(0, Reason::PRESCRIBED_NOT_IN_PROGRAMME,
              {"--prescribed {}: no such module in the file",
               "--prescribed {} : ce module n'est pas dans le fichier"},
              code);
    }
  }

  const ProgrammeLabel& label_;
  const Language language_;
  char separator_ = ',';
  Columns columns_;
  std::map<std::string, uint32_t> first_rows_;  // of each code
  std::set<std::string> programmes_;
  ProgrammeFile file_;
};

}  // namespace

ProgrammeFile ReadProgramme(std::string_view text, const ProgrammeLabel& label, Language language) {
  return Importer(label, language).Read(text);
}

std::string WithRow(const std::string& subject, const std::vector<uint32_t>& rows,
                    Language language) {
  constexpr std::string_view kPlace = "modules[";
  const size_t at = subject.find(kPlace);
  const size_t end = subject.find(']');
  if (at == std::string::npos || end == std::string::npos) return subject;
  const size_t digits = at + kPlace.size();
  const auto index = ParseCount(std::string_view(subject).substr(digits, end - digits), UINT32_MAX);
  if (!index || *index >= rows.size()) return subject;
  return subject + Say(language, {" (row {})", " (rangée {})"}, rows[*index]);
}

}  // namespace jalon::cli
