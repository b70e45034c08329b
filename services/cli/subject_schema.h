// The JSON Schema (2020-12) of what is exported on a person, made from the contract: what
// proto/jalon/person/v1/subject_export.schema.json holds, and what lies beside every export.
#pragma once

#include <string>

namespace jalon::cli {

// The document, with a newline at its end.
std::string SubjectSchema();

}  // namespace jalon::cli
