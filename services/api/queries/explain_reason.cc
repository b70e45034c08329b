// ExplainReason: what a reason means, or all reasons of a rule. It depends on nothing recorded.
#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "services/api/queries/registry.h"
#include "services/domain/explanation.h"
#include "services/domain/reasons.h"

namespace jalon::api {
namespace {

using catalogue::v1::ExplainReasonRequest;
using catalogue::v1::ExplainReasonResponse;

Result<void> Answer(const ExplainReasonRequest& request, const QueryContext&,
                    ExplainReasonResponse* response) {
  const bool by_reason = request.reason() != refusal::v1::REFUSAL_REASON_UNSPECIFIED;
  if (by_reason == !request.rule().empty()) {
    return Fail(Code::kInvalidArgument, "FIELD_REQUIRED",
                "reason, rule: give either, and not both");
  }
  if (by_reason) {
    if (domain::ReasonName(request.reason()).empty()) return NotFound();
    *response->add_reasons() = domain::ExplanationOf(request.reason());
    return {};
  }
  if (domain::RuleNumber(request.rule()) == 0) return NotFound();
  domain::ExplainRule(request.rule(), response);
  return {};
}

}  // namespace

void RegisterExplainReason(Queries& queries) {
  queries.Add<ExplainReasonRequest, ExplainReasonResponse>(Answer);
}

}  // namespace jalon::api
