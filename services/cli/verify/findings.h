// What is wrong with an export, in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventstore/trail/verify/verify.h"
#include "services/cli/exit_code.h"
#include "services/cli/words.h"

namespace jalon::cli {

// "ALTERED"; "ALTÉRÉ".
std::string_view VerdictName(trail::Verdict verdict);
Words VerdictWord(trail::Verdict verdict);
// What it means to whoever asked, in a sentence: what the gravest finding is about, and who should
// do what. None: the export is valid.
Words SentenceOf(const std::optional<trail::Finding>& gravest);
ExitCode ExitCodeOf(trail::Verdict verdict);

// "ENTRY_CHANGED".
std::string_view FlawName(trail::Flaw flaw);
// "tile/entries/001: entry 300 is not the one that was signed".
std::string FindingText(const trail::Finding& finding, Language language);

}  // namespace jalon::cli
