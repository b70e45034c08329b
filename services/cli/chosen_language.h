// The language to speak in, before anything else is read.
#pragma once

#include <string>
#include <vector>

#include "services/cli/words.h"

namespace jalon::cli {

// The language that arguments ask for by --lang; else that of the environment's locale.
Language ChosenLanguage(const std::vector<std::string>& arguments);

}  // namespace jalon::cli
