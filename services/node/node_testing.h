// A server on a folder of its own, and clients of it, for tests.
#pragma once

#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/client/client.h"
#include "services/client/request_id.h"
#include "services/node/node.h"
#include "services/token/signer.h"

namespace jalon::node {

namespace fs = std::filesystem;

class NodeTest : public testing::Test {
 protected:
  NodeTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    config_.data = testing::TempDir() + "/node_" + info->name();
    config_.listen = "127.0.0.1:0";
    config_.partitions = 4;
    fs::remove_all(config_.data);
  }
  ~NodeTest() override {
    node_.reset();
    fs::remove_all(config_.data);
  }

  Result<void> Start() {
    JALON_ASSIGN_OR_RETURN(node_, Node::Start(config_, [](const Error& error) {
                             ADD_FAILURE() << error.reason << ": " << error.message;
                           }));
    return {};
  }
  void Restart() {
    node_.reset();
    const auto started = Start();
    ASSERT_TRUE(started) << started.error().message;
  }

  std::string TokenOf(type::v1::Role role, const Bytes& school_id) const {
    const auto signer = token::Signer::Load(config_.data + "/token.key", false);
    const auto now = std::chrono::duration_cast<token::Seconds>(SystemClock().Wall());
    token::Claims claims{.principal = {.person_id = std::string(8, 'p'),
                                       .role = role,
                                       .school_id = school_id,
                                       .company_id = {},
                                       .modules = {}},
                         .not_before = now,
                         .expires = now + token::Seconds(600)};
    return *(*signer)->Sign(claims, {});
  }
  client::Client As(type::v1::Role role, const Bytes& school_id) const {
    client::Options options;
    options.token = TokenOf(role, school_id);
    options.wait_for_server = true;
    return {"127.0.0.1:" + std::to_string(node_->Port()), options};
  }
  bool IsServing() const {
    const auto health = grpc::health::v1::Health::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(node_->Port()), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckResponse response;
    return health->Check(&context, {}, &response).ok() &&
           response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
  }
  static type::v1::CommandHeader Header() {
    type::v1::CommandHeader header;
    header.set_request_id(
        client::NewRequestId(static_cast<uint64_t>(SystemClock().Wall().count()) / 1000));
    return header;
  }
  client::Reply Register(const type::v1::CommandHeader& header = Header()) {
    school::v1::RegisterSchool command;
    command.set_code("CFP-NORD");
    command.set_name("CFP Nord");
    return As(type::v1::ROLE_REGION_COORDINATOR, "").Command(command, header);
  }

  Config config_;
  std::unique_ptr<Node> node_;
};

}  // namespace jalon::node
