// Reasons and rules in words, French and English.
#pragma once

#include <string_view>

#include "jalon/refusal/v1/refusal.pb.h"
#include "services/domain/reason.h"

namespace jalon::domain {

enum class Language { kFrench, kEnglish };

// A reason in words: what is not so, and what can be done about it.
struct ReasonWords {
  std::string_view french;
  std::string_view french_remedy;
  std::string_view english;
  std::string_view english_remedy;

  std::string_view Message(Language language) const {
    return language == Language::kFrench ? french : english;
  }
  std::string_view Remedy(Language language) const {
    return language == Language::kFrench ? french_remedy : english_remedy;
  }
};

// REQUIRES: a reason of the enum other than the zero one.
const ReasonWords& WordsOf(RefusalReason reason);

// Completes a refusal as it is stored (refusals.h) for whoever reads it: rule, basis, who may clear
// it and by which commands, and the words. What is there already stays.
void Explain(Language language, refusal::v1::Refusal* refusal);

// A rule in the words of its source: the reference framework, page 10.
struct RuleText {
  std::string_view french;   // the sentence, as it stands there
  std::string_view english;  // what it says
};

// REQUIRES: 1 ≤ number ≤ 23.
const RuleText& TextOfRule(int number);

}  // namespace jalon::domain
