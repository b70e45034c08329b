// What --help prints.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "services/cli/field.h"
#include "services/cli/output.h"

namespace jalon::cli {

// A command that the wiring adds and that reads its own arguments, such as `serve`.
struct Program {
  std::string name;
  Words help;
  std::function<int(int argc, char** argv)> run;  // argv[0] is its name
};

// All nouns and the options that all verbs take.
std::string HelpOfAll(std::span<const Noun> nouns, std::span<const Program> programs,
                      std::span<const Field> globals, const Output& output);
// The verbs of one noun.
std::string HelpOf(const Noun& noun, const Output& output);
// The arguments and options of one verb.
std::string HelpOf(const Noun& noun, const Verb& verb, const Output& output);

}  // namespace jalon::cli
