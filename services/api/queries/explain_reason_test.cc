#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using catalogue::v1::ExplainReasonRequest;
using catalogue::v1::ExplainReasonResponse;

class ExplainReasonTest : public QueryTest {};

TEST_F(ExplainReasonTest, GivesRuleSentenceWordsAndRemedy) {
  ExplainReasonRequest request;
  request.set_reason(refusal::v1::REFUSAL_REASON_MAKEUP_NOT_PLANNED);
  const auto answer = Ask<ExplainReasonResponse>(request);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->reasons_size(), 1);
  const auto& reason = answer->reasons(0);
  EXPECT_EQ(reason.rule(), "R14");
  EXPECT_EQ(reason.basis(), option::v1::BASIS_SOURCE);
  EXPECT_TRUE(reason.source_fr().starts_with("Il devra également prévoir des activités"));
  EXPECT_TRUE(reason.source_en().starts_with("It must also provide for activities in school"));
  EXPECT_FALSE(reason.message_fr().empty());
  EXPECT_FALSE(reason.message_en().empty());
  EXPECT_FALSE(reason.remedy_fr().empty());
  EXPECT_FALSE(reason.remedy_en().empty());
  EXPECT_EQ(reason.who(0), type::v1::ROLE_TEACHER);
  EXPECT_EQ(reason.cleared_by(0), "PlanMakeUp");
}

TEST_F(ExplainReasonTest, ARuleGivesAllItsReasons) {
  ExplainReasonRequest request;
  request.set_rule("R18");
  const auto answer = Ask<ExplainReasonResponse>(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->reasons_size(), 6);
  for (const auto& reason : answer->reasons()) EXPECT_EQ(reason.rule(), "R18");
}

TEST_F(ExplainReasonTest, ARuleShownByAViewOnlyHasNoReasons) {
  ExplainReasonRequest request;
  request.set_rule("R11");
  EXPECT_EQ(Ask<ExplainReasonResponse>(request)->reasons_size(), 0);
}

TEST_F(ExplainReasonTest, AsksForEitherAndForWhatThereIs) {
  ExplainReasonRequest request;
  EXPECT_EQ(ReasonOf<ExplainReasonResponse>(request), "FIELD_REQUIRED");
  request.set_rule("R18");
  request.set_reason(refusal::v1::REFUSAL_REASON_NO_TARGET);
  EXPECT_EQ(ReasonOf<ExplainReasonResponse>(request), "FIELD_REQUIRED");
  request.clear_reason();
  request.set_rule("R24");
  EXPECT_EQ(ReasonOf<ExplainReasonResponse>(request), "NOT_FOUND");
  request.clear_rule();
  request.set_reason(static_cast<refusal::v1::RefusalReason>(9999));
  EXPECT_EQ(ReasonOf<ExplainReasonResponse>(request), "NOT_FOUND");
}

}  // namespace
}  // namespace jalon::api
