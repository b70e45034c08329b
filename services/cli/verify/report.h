// What was found of an export, for people or programs, and what was not proven.
#pragma once

#include "eventstore/trail/verify/verify.h"
#include "services/cli/output.h"

namespace jalon::cli {

// Writes it to the output's `out`.
void ShowReport(const trail::Question& question, const trail::Report& report, Output& output);

}  // namespace jalon::cli
