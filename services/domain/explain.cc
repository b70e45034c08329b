#include "services/domain/explain.h"

#include <algorithm>
#include <string>

#include "eventstore/base/check.h"
#include "services/domain/reason_words.h"
#include "services/domain/reasons.h"

namespace jalon::domain {

const ReasonWords& WordsOf(RefusalReason reason) {
  for (const std::span<const ReasonEntry> family : AllReasonWords()) {
    const auto found = std::ranges::find(family, reason, &ReasonEntry::reason);
    if (found != family.end()) return found->words;
  }
  JALON_CHECK(false && "a reason without words");
  static constexpr ReasonWords kNone;
  return kNone;
}

void Explain(Language language, refusal::v1::Refusal* refusal) {
  const option::v1::ReasonOption& option = OptionOf(refusal->reason());
  const ReasonWords& words = WordsOf(refusal->reason());
  if (refusal->rule().empty()) refusal->set_rule(option.rule());
  refusal->set_basis(option.basis());
  *refusal->mutable_who() = option.who();
  *refusal->mutable_cleared_by() = option.cleared_by();
  refusal->set_message(std::string(words.Message(language)));
  refusal->set_remedy(std::string(words.Remedy(language)));
}

}  // namespace jalon::domain
