// Queries that another node hands over: each is verified as if its caller had come here.
#include "services/api/query_door.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "jalon/trail/v1/trail_service.pb.h"
#include "services/api/door_testing.h"
#include "services/api/peer/handed_over.h"
#include "services/api/queries/opener.h"
#include "services/api/queries/page_token.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

constexpr const char* kReceipt = "/jalon.trail.v1.TrailService/GetReceipt";
constexpr const char* kRoot = "/jalon.trail.v1.TrailService/GetRootCheckpoint";

// Views that are not there yet: whoever comes so far was let in.
class NoViews final : public Views {
 public:
  Result<std::unique_ptr<Reader>> Read(Partition, const Bytes&) override {
    return Fail(Code::kUnavailable, "NOT_SERVING", "not yet");
  }
  void Await(Partition, std::string_view, Seq, Micros, Done done) override { done({}); }
};

class QueryDoorTest : public DoorTest {
 protected:
  QueryDoorTest() {
    for (const auto& query : table_->queries) {
      query_door_.HandlerOf(*query, *queries_.FindByRequest(query->request->GetDescriptor()));
    }
  }
  // The reason why it is refused.
  std::string Asked(const std::string& method, const std::string& request,
                    const std::string& token) {
    node::v1::AnswerQueryRequest asked;
    asked.set_method(method);
    asked.set_request(request);
    asked.set_token(token);
    std::string reason = "not answered";
    query_door_.Answer(asked, std::chrono::seconds(1),
                       [&](const grpc::Status& status, const std::string& response) {
                         EXPECT_TRUE(response.empty());
                         google::rpc::Status details;
                         google::rpc::ErrorInfo info;
                         EXPECT_TRUE(details.ParseFromString(status.error_details()));
                         EXPECT_TRUE(details.details(0).UnpackTo(&info));
                         reason = info.reason();
                       });
    return reason;
  }
  std::string TokenOf(type::v1::Role role) {
    return Token(Of(role, domain::SchoolIdOf("CFP-NORD")));
  }
  static std::string Receipt() {
    trail::v1::GetReceiptRequest request;
    request.set_company_id(std::string(8, 'c'));
    return request.SerializeAsString();
  }

  NoViews views_;
  const eventstore::Ancestry ancestry_;
  const Opener opener_{*vault_};
  const PageTokens pages_{*vault_, clock_};
  const TrailNames trails_;
  const QueryFrame frame_{{.views = views_,
                           .placement = placement_,
                           .ancestry = ancestry_,
                           .clock = clock_,
                           .opener = opener_,
                           .pages = pages_,
                           .trails = trails_,
                           .run = [](const std::function<void()>&) { return false; }}};
  const Queries queries_ = AllQueries();
  QueryDoor query_door_{{clock_, real_clock_, *tokens_, frame_}};
};

TEST_F(QueryDoorTest, AQueryOfAnotherNodeIsVerifiedAsItsCallersOwn) {
  const std::string good = TokenOf(type::v1::ROLE_WORK_STUDY_COORDINATOR);
  EXPECT_EQ(Asked(kReceipt, Receipt(), good), "NOT_SERVING");  // it came through
  EXPECT_EQ(Asked(kReceipt, Receipt(), ""), "UNAUTHENTICATED");
  std::string forged = good;
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'a' ? 'b' : 'a';
  EXPECT_EQ(Asked(kReceipt, Receipt(), forged), "UNAUTHENTICATED");
  clock_.Advance(std::chrono::hours(2));
  EXPECT_EQ(Asked(kReceipt, Receipt(), good), "UNAUTHENTICATED");
}

TEST_F(QueryDoorTest, ARoleGetsNoMoreThanAtItsOwnNode) {
  EXPECT_EQ(Asked(kRoot, {}, TokenOf(type::v1::ROLE_WORKPLACE_TUTOR)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Asked(kReceipt, Receipt(), TokenOf(type::v1::ROLE_WORKPLACE_TUTOR)), "NOT_SERVING");
}

TEST_F(QueryDoorTest, WhatItsNodeHasToldComesAlong) {
  node::v1::AnswerQueryRequest asked;
  asked.set_request(Receipt());
  asked.set_token(TokenOf(type::v1::ROLE_WORK_STUDY_COORDINATOR));
  asked.set_told_seq(5);
  const auto spec = std::ranges::find(table_->queries, kReceipt, &QuerySpec::path);
  ASSERT_NE(spec, table_->queries.end());
  const auto handed = HandedOver::Read(asked, **spec, (*spec)->plan, *tokens_);
  ASSERT_TRUE(handed);
  EXPECT_EQ((*handed)->caller.told, Seq{5});
}

TEST_F(QueryDoorTest, WhatIsNoQueryIsRefused) {
  const std::string good = TokenOf(type::v1::ROLE_WORK_STUDY_COORDINATOR);
  EXPECT_EQ(Asked("/jalon.stay.v1.StayService/EndStay", {}, good), "UNSUPPORTED");
  EXPECT_EQ(Asked(kReceipt, "\xff", good), "MALFORMED");
  EXPECT_EQ(Asked(kReceipt, {}, good), "FIELD_REQUIRED");
}

}  // namespace
}  // namespace jalon::api
