// Prints the JSON Schema of what is exported on a person. `./dev build subject_schema` puts it
// where it belongs.
#include <iostream>

#include "services/cli/subject_schema.h"

int main() {
  std::cout << jalon::cli::SubjectSchema();
  return std::cout.flush().good() ? 0 : 1;
}
