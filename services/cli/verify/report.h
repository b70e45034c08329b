// What was found of an export, for people or programs: the verdict first, and what was not proven.
#pragma once

#include "eventstore/trail/verify/verify.h"
#include "services/cli/output.h"

namespace jalon::cli {

// Writes it to the output's `out`.
void ShowReport(const trail::Report& report, Output& output);

}  // namespace jalon::cli
