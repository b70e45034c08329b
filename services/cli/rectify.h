// What is wrong of a person is corrected, or the person's own statement put beside it.
#pragma once

#include "services/cli/field.h"

namespace jalon::cli {

// jalon person rectify
Verb RectifyVerb();
// jalon person state
Verb StatementVerb();

}  // namespace jalon::cli
