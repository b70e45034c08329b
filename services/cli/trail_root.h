// jalon trail root, jalon trail witness: the log of all trails, and those who watch it.
#pragma once

#include "services/cli/field.h"

namespace jalon::cli {

Verb RootVerb();
Verb WitnessVerb();

}  // namespace jalon::cli
