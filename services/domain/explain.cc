#include "services/domain/explain.h"

#include <algorithm>
#include <map>
#include <string>

#include "services/domain/clearing.h"
#include "services/domain/reasons.h"

namespace jalon::domain {
namespace {

const std::map<RefusalReason, const ReasonWords*>& Table() {
  static const auto kTable = [] {
    std::map<RefusalReason, const ReasonWords*> all;
    for (const auto group :
         {RequestWords(), CatalogueWords(), PlacementWords(), EvaluationWords()}) {
      for (const ReasonWords& words : group) all[words.reason] = &words;
    }
    return all;
  }();
  return kTable;
}

}  // namespace

const ReasonWords& WordsOf(RefusalReason reason) {
  const auto found = Table().find(reason);
  return found == Table().end() ? *Table().at(Reason::INTERNAL) : *found->second;
}

const SourceSentence* SourceOf(std::string_view rule) {
  const auto found = std::ranges::find(SourceSentences(), rule, &SourceSentence::rule);
  return found == SourceSentences().end() ? nullptr : &*found;
}

void Explain(refusal::v1::Refusal* refusal, Language language) {
  const bool french = language == Language::kFrench;
  const option::v1::ReasonOption& option = OptionOf(refusal->reason());
  if (refusal->rule().empty()) refusal->set_rule(option.rule());
  refusal->set_basis(option.basis());
  *refusal->mutable_who() = option.who();
  *refusal->mutable_cleared_by() = option.cleared_by();
  *refusal->mutable_clearing() = ClearingOf(refusal->reason());
  const ReasonWords& words = WordsOf(refusal->reason());
  std::string message(french ? words.message_fr : words.message_en);
  const auto cause = std::ranges::find(CausesInWords(), refusal->cause(), &CauseWords::cause);
  if (cause != CausesInWords().end()) {
    message.append(" ").append(french ? cause->fr : cause->en);
  }
  refusal->set_message(std::move(message));
  refusal->set_remedy(std::string(french ? words.remedy_fr : words.remedy_en));
}

refusal::v1::Refusal Explained(const Violation& violation, Language language) {
  refusal::v1::Refusal refusal = ToProto(violation);
  Explain(&refusal, language);
  return refusal;
}

}  // namespace jalon::domain
