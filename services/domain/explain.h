// Tells people about a reason: its words in their language, its rule, what it rests on, the remedy,
// and who can act.
//
// Thread safety: any thread.
#pragma once

#include <string_view>

#include "jalon/refusal/v1/refusal.pb.h"
#include "services/domain/language.h"
#include "services/domain/refusals.h"
#include "services/domain/words/words.h"

namespace jalon::domain {

// The words of the reason; those of INTERNAL for a number that is none.
const ReasonWords& WordsOf(RefusalReason reason);

// The sentence of the framework behind "R18"; null for anything that is no rule.
const SourceSentence* SourceOf(std::string_view rule);

// Adds the words in that language, and what the contract fixes about the reason, to a refusal, a
// warning or a note that has its reason, cause and perhaps a rule of its own.
void Explain(refusal::v1::Refusal* refusal, Language language);

// The violation as it is told.
refusal::v1::Refusal Explained(const Violation& violation, Language language);

}  // namespace jalon::domain
