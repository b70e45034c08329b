#include "services/domain/explanation.h"

#include <google/protobuf/descriptor.h>

#include <string>

#include "services/domain/clearing.h"
#include "services/domain/explain.h"
#include "services/domain/reasons.h"

namespace jalon::domain {

catalogue::v1::ReasonExplanation ExplanationOf(RefusalReason reason) {
  const option::v1::ReasonOption& option = OptionOf(reason);
  const ReasonWords& words = WordsOf(reason);
  catalogue::v1::ReasonExplanation explained;
  explained.set_reason(reason);
  explained.set_rule(option.rule());
  explained.set_basis(option.basis());
  if (const SourceSentence* sentence = SourceOf(option.rule())) {
    explained.set_source_fr(std::string(sentence->fr));
    explained.set_source_en(std::string(sentence->en));
  }
  explained.set_message_fr(std::string(words.message_fr));
  explained.set_message_en(std::string(words.message_en));
  explained.set_remedy_fr(std::string(words.remedy_fr));
  explained.set_remedy_en(std::string(words.remedy_en));
  *explained.mutable_who() = option.who();
  *explained.mutable_cleared_by() = option.cleared_by();
  *explained.mutable_clearing() = ClearingOf(reason);
  return explained;
}

void ExplainRule(std::string_view rule, catalogue::v1::ExplainReasonResponse* response) {
  const auto* reasons = refusal::v1::RefusalReason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<RefusalReason>(reasons->value(i)->number());
    if (OptionOf(reason).rule() == rule) *response->add_reasons() = ExplanationOf(reason);
  }
}

}  // namespace jalon::domain
