// Prints the JSON Schema of what is exported on a person, or with "transfer" that of what one
// school tells another one. `./dev build subject_schema` puts both where they belong.
#include <iostream>
#include <string_view>

#include "services/cli/subject_schema.h"

int main(int argc, char** argv) {
  const bool transfer = argc > 1 && std::string_view(argv[1]) == "transfer";
  std::cout << (transfer ? jalon::cli::TransferSchema() : jalon::cli::SubjectSchema());
  return std::cout.flush().good() ? 0 : 1;
}
