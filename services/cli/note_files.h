// Checkpoints and proofs as files, and the key that each is verified with.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "services/cli/field.h"
#include "services/cli/output.h"

namespace jalon::cli {

// To the file or, without one, as it stands to standard output, which then holds nothing else.
ExitCode SaveNote(const std::string& text, const std::string& path, Output& output);
// Where people see it, and no program that reads standard output does.
void SayVerifier(const std::string& verifier_key, Output& output);
// --out FILE
Field OutField(std::string* into);

// The bytes of a checkpoint that somebody kept, whose signature is not checked here.
// INVALID_ARGUMENT FILE_NOT_READ, in the language.
Result<std::string> ReadCheckpoint(const std::string& path, Language language);

}  // namespace jalon::cli
