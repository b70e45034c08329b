// Everything that is held on a person, written to a file.
#pragma once

#include "services/cli/field.h"

namespace jalon::cli {

Verb PersonExportVerb();

}  // namespace jalon::cli
