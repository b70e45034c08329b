// jalon programme import: see programme_file.h for what a careful import refuses.
#pragma once

#include "services/cli/field.h"

namespace jalon::cli {

Verb ProgrammeImport();

}  // namespace jalon::cli
