// What --help prints.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "services/cli/field.h"
#include "services/cli/output.h"
#include "services/cli/wiring.h"

namespace jalon::cli {

// All nouns and the options that all verbs take.
std::string HelpOfAll(std::span<const Noun> nouns, std::span<const Program> programs,
                      std::span<const Field> globals, const Output& output);
// The verbs of one noun.
std::string HelpOf(const Noun& noun, const Output& output);
// The arguments and options of one verb.
std::string HelpOf(const Noun& noun, const Verb& verb, const Output& output);

}  // namespace jalon::cli
