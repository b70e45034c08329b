// A careful reading of a programme's modules from a CSV file: everything that is wrong with it, at
// once, each with its row.
//
// Columns, in any order: program, module_code, statement_en or statement_fr (by the language asked
// for), hours, units. Other columns are not read. A file may hold several programmes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jalon/catalogue/v1/definition.pb.h"
#include "services/cli/words.h"
#include "services/domain/reason.h"

namespace jalon::cli {

// Something wrong, or only doubtful, with the file.
struct FileProblem {
  uint32_t row = 0;  // as a spreadsheet counts, the header being 1; 0: the file as a whole
  domain::RefusalReason reason = refusal::v1::REFUSAL_REASON_UNSPECIFIED;
  std::string words;  // in the language asked for
};

struct ProgrammeFile {
  catalogue::v1::ProgrammeDefinition definition;
  std::vector<uint32_t> rows;         // of modules(i): its row in the file
  std::vector<FileProblem> problems;  // none: it may be sent; by row
  std::vector<FileProblem> doubts;    // worth a look
};

// What the file does not say.
struct ProgrammeLabel {
  catalogue::v1::ProgrammeDefinition programme;  // all but the modules
  std::vector<std::string> prescribed;  // codes of modules with a prescribed practicum (R8)
};

ProgrammeFile ReadProgramme(std::string_view text, const ProgrammeLabel& label, Language language);

// "modules[12] 850-573", as the server names it, with its row: "modules[12] 850-573 (row 14)".
std::string WithRow(const std::string& subject, const std::vector<uint32_t>& rows,
                    Language language);

}  // namespace jalon::cli
