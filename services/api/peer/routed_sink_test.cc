// Commands that another node decides: through the door of one node, over a real connection, to the
// rows of the other.
#include "services/api/peer/routed_sink.h"

#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "eventstore/owners/board_testing.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/api/door_testing.h"
#include "services/api/peer/node_service.h"
#include "services/domain/school_code.h"

namespace jalon::api {
namespace {

// A node's own writers while another node owns every partition.
class FollowingSink final : public CommandSink {
 public:
  explicit FollowingSink(const CommandSink& other) : other_(other) {}
  const Bytes& LogIncarnation() const override { return other_.LogIncarnation(); }
  Result<void> TakesCommands() override { return {}; }
  Result<void> Submit(Partition, eventstore::Submission submission) override {
    ++asked;
    eventstore::Outcome outcome;
    outcome.error = answer;
    submission.done(outcome);
    return {};
  }

  std::atomic<int> asked = 0;
  Error answer{Code::kUnavailable, "NOT_OWNER", "another node owns the partition", {}};

 private:
  const CommandSink& other_;
};

class RoutedTest : public DoorTest {
 protected:
  RoutedTest() {
    node_service_ = MakeNodeService({*table_, *tokens_, sink_, placement_, no_signer_, real_clock_,
                                     [this](const auto&) { return is_node_.load(); }});
    StartOwner();
    Hear("owner", owner_address());
    routed_ = std::make_unique<RoutedSink>(
        RoutedParts{"edge", following_, hints_, peers_, placement_, real_clock_});
    edge_door_ = std::make_unique<Door>(
        DoorParts{clock_, real_clock_, *tokens_, *vault_, *routed_, placement_});
    std::vector<Endpoint> endpoints;
    for (const auto& command : table_->commands) {
      endpoints.push_back({command->path, edge_door_->HandlerOf(*command)});
    }
    edge_ = std::move(*Server::Start({.listen = "127.0.0.1:0"}, std::move(endpoints)));
    Connect(10'000);
  }
  ~RoutedTest() override {
    routed_->Stop();
    edge_.reset();
    owner_.reset();
  }

  void Connect(uint32_t deadline_ms) {
    client::Options options;
    options.deadline_ms = deadline_ms;
    edge_client_ =
        std::make_unique<client::Client>("127.0.0.1:" + std::to_string(edge_->port()), options);
  }
  void StartOwner() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(owner_port_),
                             grpc::InsecureServerCredentials(), &owner_port_);
    builder.RegisterService(node_service_.get());
    owner_ = builder.BuildAndStart();
    ASSERT_NE(owner_, nullptr);
  }
  std::string owner_address() const { return "127.0.0.1:" + std::to_string(owner_port_); }

  // A node says that it lives and owns everything; this one reads it.
  void Hear(const std::string& node, const std::string& address) {
    node::v1::Heartbeat heartbeat;
    heartbeat.set_node(node);
    heartbeat.set_address(address);
    heartbeat.set_run(node + " run");
    heartbeat.set_number(++number_);
    heartbeat.set_takes_partitions(true);
    for (uint32_t p = 0; p <= kDoorSystem.value; ++p) {
      node::v1::Ownership& owned = *heartbeat.add_owned();
      owned.set_partition(p);
      owned.set_epoch(number_);
    }
    wall_.posts.push_back(heartbeat.SerializeAsString());
    EXPECT_TRUE(
        hints_.Step({.takes_partitions = true, .relays = false, .leaving = false, .owned = {}}));
  }
  client::Reply SendToEdge(const domain::Principal& principal,
                           const google::protobuf::Message& command,
                           const type::v1::CommandHeader& header) {
    return edge_client_->As(Token(principal)).Command(command, header);
  }

  std::atomic<bool> is_node_ = true;
  const std::atomic<const SignerAnswers*> no_signer_ = nullptr;
  int owner_port_ = 0;
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
  FollowingSink following_{sink_};
  std::unique_ptr<grpc::Service> node_service_;
  std::unique_ptr<grpc::Server> owner_;
  std::unique_ptr<RoutedSink> routed_;
  std::unique_ptr<Door> edge_door_;
  std::unique_ptr<Server> edge_;
  std::unique_ptr<client::Client> edge_client_;
};

school::v1::RegisterSchool School(const std::string& code) {
  school::v1::RegisterSchool command;
  command.set_code(code);
  command.set_name("A school");
  return command;
}

TEST_F(RoutedTest, TheOwnerDecidesAndItsAnswerIsToldAsItIs) {
  const client::Reply reply = SendToEdge(Region(), School("cfp-nord"), Header());
  ASSERT_TRUE(reply.ok) << reply.error.message;
  EXPECT_EQ(reply.result.position().seq(), 1U);
  EXPECT_EQ(sink_.decided, 1U);
  EXPECT_EQ(sink_.record.actor().role(), static_cast<uint32_t>(type::v1::ROLE_REGION_COORDINATOR));
  EXPECT_EQ(following_.asked, 0) << "the hint says where the owner is";
}

TEST_F(RoutedTest, ARefusalIsTheSameByEitherDoor) {
  ASSERT_TRUE(Send(Region(), School("cfp-nord")).ok);
  const client::Reply here = Send(Region(), School("cfp-nord"));
  const client::Reply there = SendToEdge(Region(), School("cfp-nord"), Header());
  ASSERT_FALSE(here.ok);
  EXPECT_EQ(here.error.reason, "SCHOOL_EXISTS");
  EXPECT_EQ(there.error, here.error);
  EXPECT_EQ(there.refusals.SerializeAsString(), here.refusals.SerializeAsString());
}

TEST_F(RoutedTest, WhatIsPersonalTravelsSealed) {
  ASSERT_TRUE(Send(Region(), School("cfp-nord")).ok);
  school::v1::GrantAccess grant;
  grant.mutable_identity()->mutable_clear()->set_family_name("Lovelace");
  grant.mutable_identity()->mutable_clear()->set_given_name("Maude");
  grant.set_role(type::v1::ROLE_TEACHER);
  grant.mutable_scope()->set_whole_school(true);
  std::string seen;
  sink_.at_submit = [&seen](const domain::Request& request) {
    seen = request.request->SerializeAsString();
  };
  const auto coordinator =
      Of(type::v1::ROLE_WORK_STUDY_COORDINATOR, domain::SchoolIdOf("CFP-NORD"));
  const client::Reply reply = SendToEdge(coordinator, grant, Header());
  ASSERT_TRUE(reply.ok) << reply.error.message;
  EXPECT_EQ(seen.find("Lovelace"), std::string::npos);
  EXPECT_FALSE(seen.empty());
}

TEST_F(RoutedTest, AnOwnerThatSaysWhoOwnsIsBelieved) {
  Hear("edge", "edge:1");  // the hint is wrong: this node is said to own
  following_.answer.metadata = {
      {"node", "owner"}, {"address", owner_address()}, {"epoch", std::to_string(number_ + 1)}};
  const client::Reply reply = SendToEdge(Region(), School("cfp-nord"), Header());
  ASSERT_TRUE(reply.ok) << reply.error.message;
  EXPECT_EQ(following_.asked, 2) << "one NOT_OWNER and one hop of each partition";
}

TEST_F(RoutedTest, WhileNobodyAnswersItIsTriedUntilTheDeadline) {
  owner_->Shutdown();
  owner_.reset();
  Connect(700);
  const client::Reply reply = SendToEdge(Region(), School("cfp-nord"), Header());
  ASSERT_FALSE(reply.ok);
  EXPECT_EQ(sink_.decided, 0U);
  Connect(8'000);
  std::jthread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    StartOwner();
    Hear("owner", owner_address());  // as it does twice a second
    Hear("owner", owner_address());
    Hear("owner", owner_address());
  });
  const client::Reply found = SendToEdge(Region(), School("cfp-nord"), Header());
  EXPECT_TRUE(found.ok) << found.error.message;
  EXPECT_EQ(sink_.decided, 1U);
}

// The owner is silent: it may have the command. Then another one is asked, which is full.
TEST_F(RoutedTest, WhatOneOwnerMayHaveDoneNoOtherOneSettles) {
  sink_.silent = true;
  std::jthread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    Hear("edge", "edge:1");
    following_.answer = {Code::kResourceExhausted, "QUEUE_FULL", "too many wait", {}};
  });
  Connect(4'000);
  const client::Reply reply = SendToEdge(Region(), School("cfp-nord"), Header());
  ASSERT_FALSE(reply.ok);
  EXPECT_GT(following_.asked, 0) << "the other one was asked";
  EXPECT_NE(reply.error.reason, "QUEUE_FULL");
  EXPECT_TRUE(reply.error.reason == "OUTCOME_UNKNOWN" ||
              reply.error.code == Code::kDeadlineExceeded)
      << reply.error.reason;
  sink_.LetGo();
}

// Or it would be told, and get receipts, of another school's record of that number.
TEST_F(RoutedTest, WhatIsDecidedWhereASchoolWasPlacedIsToldOfThere) {
  ASSERT_TRUE(SendToEdge(Region(), School("cfp-nord"), Header()).ok);
  const Bytes school = domain::SchoolIdOf("CFP-NORD");
  const Partition at = placement_.PartitionOf(school);
  Placement late(kDoorPartitions, kDoorSystem);  // of a node that learns of it a moment later
  ASSERT_NE(late.PartitionOf(school), at);
  RoutedSink routed({"edge", following_, hints_, peers_, late, real_clock_});
  Door door({clock_, real_clock_, *tokens_, *vault_, routed, late, nullptr, nullptr, nullptr,
             &own_writes_});
  std::vector<Endpoint> endpoints;
  for (const auto& command : table_->commands) {
    endpoints.push_back({command->path, door.HandlerOf(*command)});
  }
  auto edge = std::move(*Server::Start({.listen = "127.0.0.1:0"}, std::move(endpoints)));
  client::Options options;
  options.token = Token(Of(type::v1::ROLE_WORK_STUDY_COORDINATOR, school));
  const client::Client client("127.0.0.1:" + std::to_string(edge->port()), options);
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    late.Placed(school, at);
  });
  company::v1::RegisterHostCompany command;
  command.set_name("Garage");
  command.set_site("1, rue A");
  const client::Reply reply = client.Command(command, Header());
  ASSERT_TRUE(reply.ok) << reply.error.message;
  EXPECT_EQ(Partition{reply.result.position().partition()}, at);
  EXPECT_EQ(own_writes_.Of(school)->partition, at);
  EXPECT_EQ(own_writes_.Of(school)->seq.value, reply.result.position().seq());
  routed.Stop();
}

TEST_F(RoutedTest, OnlyANodeMayForward) {
  is_node_ = false;
  Connect(700);
  const client::Reply reply = SendToEdge(Region(), School("cfp-nord"), Header());
  EXPECT_FALSE(reply.ok);
  EXPECT_EQ(sink_.decided, 0U);
}

TEST_F(RoutedTest, WhoeverEndsAnswersWhatItStillTried) {
  owner_->Shutdown();
  owner_.reset();
  std::jthread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    routed_->Stop();
  });
  const client::Reply reply = SendToEdge(Region(), School("cfp-nord"), Header());
  ASSERT_FALSE(reply.ok);
  EXPECT_EQ(reply.error.reason, "NOT_SERVING");
}

TEST_F(RoutedTest, TheOwnerVerifiesTheCallerAgain) {
  node::v1::ForwardRequest forward;
  forward.set_method("/jalon.school.v1.SchoolService/RegisterSchool");
  forward.set_token("no token");
  const auto ask = [&] {
    std::promise<std::string> said;
    peers_.Forward(owner_address(), std::make_shared<const node::v1::ForwardRequest>(forward),
                   std::chrono::seconds(5), [&said](auto answer) {
                     said.set_value(answer ? answer->failed().reason() : answer.error().message);
                   });
    return said.get_future().get();
  };
  EXPECT_EQ(ask(), "UNAUTHENTICATED");
  forward.set_token(Token(Of(type::v1::ROLE_TEACHER, domain::SchoolIdOf("CFP-NORD"))));
  EXPECT_EQ(ask(), "ROLE_NOT_ALLOWED");
  forward.set_token(Token(Region()));
  forward.set_school_id(domain::SchoolIdOf("CFP-NORD"));
  EXPECT_EQ(ask(), "MALFORMED") << "no digest";
  forward.set_body_mac(std::string(32, 'm'));
  forward.set_school_id(forward.school_id() + "x");
  EXPECT_EQ(ask(), "MALFORMED") << "an id of another size";
  forward.set_school_id(domain::SchoolIdOf("CFP-NORD"));
  forward.set_request("\x98\x06\x01");  // field 99
  EXPECT_EQ(ask(), "NOT_SERVING") << "a newer node took something in that this one does not know";
  forward.clear_request();
  forward.set_partition(kDoorSystem.value + 1);
  EXPECT_EQ(ask(), "MALFORMED") << "no such partition";
  forward.set_method("/jalon.school.v1.SchoolService/Unknown");
  EXPECT_EQ(ask(), "MALFORMED");
  EXPECT_EQ(sink_.decided, 0U);
}

}  // namespace
}  // namespace jalon::api
