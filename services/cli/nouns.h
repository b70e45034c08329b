// The nouns of the command line, one file each.
#pragma once

#include "services/cli/field.h"

namespace jalon::cli {

Noun TokenNoun();
Noun SchoolNoun();
Noun ProgrammeNoun();
Noun CallNoun();

}  // namespace jalon::cli
