// Checkpoints and proofs as files, and the key that each is verified with.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "eventstore/trail/checkpoint.h"
#include "services/cli/field.h"
#include "services/cli/output.h"

namespace jalon::cli {

// To the file or, without one, as it stands to standard output, which then holds nothing else.
ExitCode SaveNote(const std::string& text, const std::string& path, Output& output);
// Where people see it, and no program that reads standard output does.
void SayVerifier(const std::string& verifier_key, Output& output);
// --out FILE
Field OutField(std::string* into);

// What a file that somebody kept says; its signature is for `jalon verify` to check.
// INVALID_ARGUMENT FILE_NOT_READ, in the language.
Result<trail::Checkpoint> ReadCheckpoint(const std::string& path, Language language);

}  // namespace jalon::cli
