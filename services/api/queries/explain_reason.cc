// ExplainReason: what a reason means, or all reasons of a rule. It depends on nothing recorded.
#include <google/protobuf/descriptor.h>

#include <string>

#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "services/api/queries/registry.h"
#include "services/domain/explain.h"
#include "services/domain/reasons.h"

namespace jalon::api {
namespace {

using catalogue::v1::ExplainReasonRequest;
using catalogue::v1::ExplainReasonResponse;
using catalogue::v1::ReasonExplanation;
using domain::RefusalReason;

void Add(RefusalReason reason, ExplainReasonResponse* response) {
  const option::v1::ReasonOption& option = domain::OptionOf(reason);
  const domain::ReasonWords& words = domain::WordsOf(reason);
  ReasonExplanation& explained = *response->add_reasons();
  explained.set_reason(reason);
  explained.set_rule(option.rule());
  explained.set_basis(option.basis());
  if (const domain::SourceSentence* sentence = domain::SourceOf(option.rule())) {
    explained.set_source_fr(std::string(sentence->fr));
    explained.set_source_en(std::string(sentence->en));
  }
  explained.set_message_fr(std::string(words.message_fr));
  explained.set_message_en(std::string(words.message_en));
  explained.set_remedy_fr(std::string(words.remedy_fr));
  explained.set_remedy_en(std::string(words.remedy_en));
  *explained.mutable_who() = option.who();
  *explained.mutable_cleared_by() = option.cleared_by();
}

Result<void> Answer(const ExplainReasonRequest& request, const QueryContext&,
                    ExplainReasonResponse* response) {
  const bool by_reason = request.reason() != refusal::v1::REFUSAL_REASON_UNSPECIFIED;
  if (by_reason == !request.rule().empty()) {
    return Fail(Code::kInvalidArgument, "FIELD_REQUIRED",
                "reason, rule: give either, and not both");
  }
  if (by_reason) {
    if (domain::ReasonName(request.reason()).empty()) return NotFound();
    Add(request.reason(), response);
    return {};
  }
  if (domain::RuleNumber(request.rule()) == 0) return NotFound();
  const auto* reasons = refusal::v1::RefusalReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<RefusalReason>(reasons->value(i)->number());
    if (domain::OptionOf(reason).rule() == request.rule()) Add(reason, response);
  }
  return {};
}

}  // namespace

void RegisterExplainReason(Queries& queries) {
  queries.Add<ExplainReasonRequest, ExplainReasonResponse>(Answer);
}

}  // namespace jalon::api
