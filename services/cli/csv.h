// Comma-separated values (RFC 4180): quotes, doubled quotes, line breaks inside quotes, CRLF or LF,
// and a byte order mark at the front, as spreadsheets write them. Where the decimal sign is a
// comma, as in Québec, they separate by semicolons: the first line shows which it is. UTF-16, which
// they call Unicode text, is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/cli/words.h"

namespace jalon::cli {

struct CsvRow {
  uint32_t number = 0;  // as a spreadsheet counts: the header is row 1
  std::vector<std::string> fields;
};

// Where the text is no CSV.
struct CsvFault {
  uint32_t row = 0;  // 0: the file as a whole, and nothing of it was read
  Words what;
};

struct CsvFile {
  std::vector<CsvRow> rows;  // blank lines are counted and left out
  std::vector<CsvFault> faults;
  char separator = ',';
};

// Reads all of it; a row with a fault is there too, as far as it could be read.
CsvFile ParseCsv(std::string_view text);

}  // namespace jalon::cli
