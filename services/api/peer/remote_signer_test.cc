// What a node that does not sign asks the one that does, over a real connection; and the commands
// that a node gives the system partition by itself.
#include "services/api/peer/remote_signer.h"

#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>

#include "eventstore/owners/board_testing.h"
#include "jalon/event/v1/system_events.pb.h"
#include "services/api/door_testing.h"
#include "services/api/own_command.h"
#include "services/api/peer/node_service.h"
#include "services/api/peer/routed_sink.h"
#include "services/domain/refusals.h"
#include "services/domain/signed_claim.h"

namespace jalon::api {
namespace {

using eventstore::Outcome;

constexpr std::chrono::seconds kPatience{10};

class RemoteSignerTest : public DoorTest {
 protected:
  RemoteSignerTest() {
    service_ = MakeNodeService({*table_, *tokens_, sink_, placement_, signer_, real_clock_,
                                [this](const auto&) { return is_node_.load(); }});
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
    answers_ = {.receipts =
                    [this](const type::v1::Position& at, const RemoteSigner::Received& received) {
                      asked_at_ = at;
                      Receipts::Made made(2);
                      made[1].set_index(at.seq());
                      received(std::move(made));
                    },
                .query =
                    [](const node::v1::AnswerQueryRequest& asked, std::chrono::microseconds,
                       const RemoteSigner::Answered& answered) {
                      if (asked.token() == "good") {
                        return answered(grpc::Status::OK, asked.method() + asked.request());
                      }
                      answered({grpc::StatusCode::NOT_FOUND, "none", "details"}, {});
                    }};
  }
  ~RemoteSignerTest() override { server_.reset(); }

  // The other node says that it lives and owns everything, and whether it signs.
  void Hear(bool signs) {
    node::v1::Heartbeat heartbeat;
    heartbeat.set_node("other");
    heartbeat.set_address(address_);
    heartbeat.set_run("a run");
    heartbeat.set_number(++number_);
    heartbeat.set_takes_partitions(true);
    heartbeat.set_signs(signs);
    for (uint32_t p = 0; p <= kDoorSystem.value; ++p) {
      node::v1::Ownership& owned = *heartbeat.add_owned();
      owned.set_partition(p);
      owned.set_epoch(number_);
    }
    wall_.posts.push_back(heartbeat.SerializeAsString());
    EXPECT_TRUE(hints_.Step({}));
  }
  Receipts::Made Receipted() {
    std::promise<Receipts::Made> promise;
    remote_.MakeReceipts("a life", Partition{2}, Seq{7}, kPatience,
                         [&](Receipts::Made made) { promise.set_value(std::move(made)); });
    return promise.get_future().get();
  }
  // None: it is not known whom to ask.
  std::optional<std::pair<grpc::Status, std::string>> Answered(const std::string& token) {
    std::promise<std::pair<grpc::Status, std::string>> promise;
    node::v1::AnswerQueryRequest asked;
    asked.set_method("/a.method");
    asked.set_request("request");
    asked.set_token(token);
    if (!remote_.AnswerQuery(asked, kPatience,
                             [&](const grpc::Status& status, const std::string& response) {
                               promise.set_value({status, response});
                             })) {
      return std::nullopt;
    }
    return promise.get_future().get();
  }
  Outcome Submitted(Partition partition, char claimant, const Bytes& request_id) {
    auto wanted = std::make_shared<event::v1::SignerClaimed>();
    wanted->set_claimant(std::string(16, claimant));
    wanted->set_generation(1);
    wanted->set_epoch(1);
    return Submitted(partition, wanted, request_id);
  }
  Outcome Submitted(Partition partition, const std::shared_ptr<event::v1::SignerClaimed>& wanted,
                    const Bytes& request_id) {
    domain::SignClaim(trail::SignerKey("any", trail::KeyType::kLog, trail::Seed{1}),
                      kDoorDeployment, wanted.get());
    eventstore::Submission submission = SubmissionOf(
        {.wanted = wanted, .request_id = request_id, .until = real_clock_.Monotonic() + kPatience});
    std::promise<Outcome> promise;
    submission.done = [&](Outcome outcome) { promise.set_value(std::move(outcome)); };
    RoutedSink routed({"edge", sink_, hints_, peers_, placement_, real_clock_});
    EXPECT_TRUE(routed.Submit(partition, std::move(submission)));
    return promise.get_future().get();
  }

  std::atomic<bool> is_node_ = true;
  std::atomic<const SignerAnswers*> signer_ = nullptr;
  SignerAnswers answers_;
  type::v1::Position asked_at_;
  std::string address_;
  uint64_t number_ = 0;
  ManualClock hints_clock_{Micros(1)};
  eventstore::testing::Wall wall_;
  eventstore::testing::MemoryBoard board_{wall_};
  eventstore::Hints hints_{{.node = "edge",
                            .address = "edge:1",
                            .run = "edge run",
                            .partition_count = kDoorSystem.value + 1},
                           board_,
                           hints_clock_};
  Peers peers_{grpc::InsecureChannelCredentials()};
  const RemoteSigner remote_{{hints_, peers_}};
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(RemoteSignerTest, ReceiptsAreMadeByTheNodeThatSigns) {
  EXPECT_TRUE(Receipted().empty()) << "nobody is known to sign";
  Hear(true);
  EXPECT_TRUE(Receipted().empty()) << "it has only just started";
  signer_ = &answers_;
  const Receipts::Made made = Receipted();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[1].index(), 7u);
  EXPECT_EQ(asked_at_.log_incarnation(), "a life");
  EXPECT_EQ(asked_at_.partition(), 2u);
  is_node_ = false;
  EXPECT_TRUE(Receipted().empty()) << "for nodes of the deployment alone";
  is_node_ = true;
  server_->Shutdown();
  EXPECT_TRUE(Receipted().empty()) << "it is gone";
}

TEST_F(RemoteSignerTest, AQueryIsAnsweredAsTheSignerAnswersIt) {
  EXPECT_FALSE(Answered("good"));
  Hear(true);
  signer_ = &answers_;
  const auto good = Answered("good");
  ASSERT_TRUE(good && good->first.ok());
  EXPECT_EQ(good->second, "/a.methodrequest");
  const auto bad = Answered("bad");
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->first.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(bad->first.error_details(), "details");
  // What is no answer of the query has no details.
  is_node_ = false;
  const auto refused = Answered("good");
  ASSERT_TRUE(refused && !refused->first.ok());
  EXPECT_TRUE(refused->first.error_details().empty());
  Hear(false);
  EXPECT_FALSE(Answered("good")) << "it stopped";
}

TEST_F(RemoteSignerTest, ANodesOwnCommandGoesToTheOwnerOfTheSystemPartition) {
  Hear(false);
  EXPECT_EQ(Submitted(kDoorSystem, 'a', Bytes(16, '1')).kind, Outcome::Kind::kAccepted);
  EXPECT_EQ(sink_.placements, std::vector{Bytes(16, '1')});
  EXPECT_EQ(Submitted(kDoorSystem, 'a', Bytes(16, '2')).kind, Outcome::Kind::kNothingToDo);
  // Nowhere else, and not without an id.
  EXPECT_EQ(Submitted(Partition{0}, 'b', Bytes(16, '3')).error.reason, "MALFORMED");
  EXPECT_EQ(Submitted(kDoorSystem, 'b', {}).error.reason, "MALFORMED");
  // Nor with what this version does not know.
  auto newer = std::make_shared<event::v1::SignerClaimed>();
  newer->GetReflection()->MutableUnknownFields(newer.get())->AddVarint(99, 1);
  EXPECT_EQ(Submitted(kDoorSystem, newer, Bytes(16, '4')).error.reason, "NOT_SERVING");
}

// A node's certificate is no operator's word.
TEST_F(RemoteSignerTest, ALostKeyIsNotReplacedFromAnotherNode) {
  Hear(false);
  auto claim = std::make_shared<event::v1::SignerClaimed>();
  claim->set_claimant(std::string(16, 'a'));
  claim->set_generation(1);
  claim->set_epoch(1);
  claim->set_replaces_lost_key(true);
  EXPECT_EQ(Submitted(kDoorSystem, claim, Bytes(16, '1')).error.reason, "SIGNER_KEY_LOST");
}

}  // namespace
}  // namespace jalon::api
