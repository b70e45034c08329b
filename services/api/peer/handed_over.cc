#include "services/api/peer/handed_over.h"

#include "services/api/language.h"
#include "services/api/status.h"
#include "services/domain/reason.h"

namespace jalon::api {

using domain::Reason;
using domain::Refusals;

std::expected<std::shared_ptr<HandedOver>, grpc::Status> HandedOver::Read(
    const node::v1::AnswerQueryRequest& asked, const MethodSpec& spec, const MessagePlan& plan,
    token::Cache& tokens) {
  auto handed = std::make_shared<HandedOver>();
  const Language language = handed->caller.language = LanguageOf(asked.language());
  const auto claims = tokens.Find(asked.token());
  if (!claims) return std::unexpected(ToStatus(claims.error(), language));
  handed->caller.principal = (*claims)->principal;
  handed->caller.told = Seq{asked.told_seq()};
  handed->request = spec.request->New(&handed->arena);
  Refusals refusals;
  if (asked.request().size() > spec.bytes_max) {
    refusals.Add(Reason::TOO_LARGE);
  } else if (!handed->request->ParseFromString(asked.request())) {
    refusals.Add(Reason::MALFORMED);
  } else {
    plan.Check(*handed->request, "", &refusals, nullptr);
  }
  if (refusals) return std::unexpected(ToStatus(refusals, language));
  return handed;
}

}  // namespace jalon::api
