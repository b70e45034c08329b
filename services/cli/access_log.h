// jalon access log, jalon access verify: who did what, and whether its chain is whole.
#pragma once

#include "services/cli/field.h"

namespace jalon::cli {

Verb AccessLogVerb();
Verb AccessVerifyVerb();

}  // namespace jalon::cli
