// Spreadsheets, as people save them.
#include "services/cli/csv.h"

#include "tests/fuzz/fuzz.h"

namespace jalon::fuzz {

void Run(std::string_view input) {
  const cli::CsvFile file = cli::ParseCsv(input);
  uint32_t last = 0;
  for (const cli::CsvRow& row : file.rows) {
    JALON_CHECK(row.number > last);
    JALON_CHECK(!row.fields.empty());
    last = row.number;
  }
}

std::vector<std::string> Seeds() {
  return {"code,name\r\n5830,\"Auto, \"\"moto\"\"\"\r\n",
          "\xEF\xBB\xBF"
          "a;b\n1;\"2\n3\"\n\n4;5\n"};
}

}  // namespace jalon::fuzz
