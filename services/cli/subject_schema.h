// The JSON Schema (2020-12) of what is exported on a person, made from the contract: what
// proto/jalon/person/v1/subject_export.schema.json holds, and what lies beside every export.
#pragma once

#include <string>

namespace jalon::cli {

// The document, with a newline at its end.
std::string SubjectSchema();
// The same of what one school tells another one of a student who moves there:
// proto/jalon/person/v1/transfer_document.schema.json.
std::string TransferSchema();

}  // namespace jalon::cli
