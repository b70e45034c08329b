#include "services/node/node.h"

#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <future>
#include <thread>

#include "jalon/admin/v1/admin_service.grpc.pb.h"
#include "jalon/catalogue/v1/catalogue_query_service.grpc.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/domain/school_code.h"
#include "services/node/files.h"
#include "services/node/node_testing.h"

namespace jalon::node {
namespace {

TEST_F(NodeTest, WhatWasAcceptedIsThereAfterARestart) {
  ASSERT_TRUE(Start());
  const type::v1::CommandHeader header = Header();
  const client::Reply first = Register(header);
  ASSERT_TRUE(first.ok) << first.error.message;
  Restart();
  const client::Reply again = Register(header);
  ASSERT_TRUE(again.ok) << again.error.message;
  EXPECT_EQ(again.result.SerializeAsString(), first.result.SerializeAsString());
  EXPECT_EQ(Register().error.reason, "SCHOOL_EXISTS");
}

TEST_F(NodeTest, StateAndViewsMayBeDeleted) {
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Register().ok);
  node_.reset();
  fs::remove_all(config_.data + "/state");
  fs::remove_all(config_.data + "/views");
  Restart();
  EXPECT_EQ(Register().error.reason, "SCHOOL_EXISTS");
}

TEST_F(NodeTest, AStartThatLacksViewsServesOnceTheyAreBuilt) {
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Register().ok);
  node_.reset();
  fs::remove_all(config_.data + "/views");
  testing::internal::CaptureStdout();
  Restart();
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!IsServing() && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_TRUE(IsServing());
  node_.reset();
  const std::string log = testing::internal::GetCapturedStdout();
  const size_t serving = log.find("\"serving\"");
  EXPECT_LT(log.find("building views"), serving) << log;
  EXPECT_NE(serving, std::string::npos) << log;
  EXPECT_NE(log.find("REBUILD_PHASE_DONE"), std::string::npos) << log;
}

TEST_F(NodeTest, ALogThatIsGoneIsNotBegunAnew) {
  ASSERT_TRUE(Start());
  node_.reset();
  fs::remove_all(config_.data + "/log");
  const auto started = Start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "LOG_MISSING");
}

TEST_F(NodeTest, AFolderOfOtherThingsIsLeftAlone) {
  fs::create_directories(config_.data);
  ASSERT_TRUE(WriteFile(config_.data + "/holiday.jpg", "not ours"));
  const auto refused = Node::Start(config_, [](const Error&) {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "NOT_A_DATA_FOLDER");
  EXPECT_EQ(std::distance(fs::directory_iterator(config_.data), {}), 1);
}

TEST_F(NodeTest, AKeyStoreWithoutItsRootKeyIsRefused) {
  ASSERT_TRUE(Start());
  node_.reset();
  fs::remove(config_.data + "/root.key");
  EXPECT_EQ(Start().error().reason, "ROOT_KEY_MISSING");
}

TEST_F(NodeTest, ADataFolderHasOneServer) {
  ASSERT_TRUE(Start());
  const auto second = Node::Start(config_, [](const Error&) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "DATA_IN_USE");
}

TEST_F(NodeTest, AFolderKeepsTheClockItWasBornWith) {
  ASSERT_TRUE(Start());
  node_.reset();
  config_.virtual_clock = true;
  EXPECT_EQ(Start().error().reason, "CLOCK_NOT_VIRTUAL");
}

TEST_F(NodeTest, NobodyElseReadsTheFolder) {
  ASSERT_TRUE(Start());
  struct stat info{};
  ASSERT_EQ(stat(config_.data.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  ASSERT_EQ(stat((config_.data + "/admin.sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(NodeTest, HealthIsToldOfTheWholeAndOfEachView) {
  using grpc::health::v1::HealthCheckResponse;
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Register().ok);  // which waits for the server
  const auto health = grpc::health::v1::Health::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(node_->Port()), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  const auto watch = [&](grpc::ClientContext& call, const std::string& name) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(name);
    return health->Watch(&call, request);
  };
  const auto becomes = [](auto& reader, HealthCheckResponse::ServingStatus status) {
    HealthCheckResponse response;
    while (reader->Read(&response)) {
      if (response.status() == status) return true;
    }
    return false;
  };
  for (const std::string name : {"", "view.student_progress", "view.stays"}) {
    grpc::ClientContext call;
    const auto reader = watch(call, name);
    EXPECT_TRUE(becomes(reader, HealthCheckResponse::SERVING)) << name;
    call.TryCancel();
  }
  const auto unknown = watch(context, "view.nothing");
  EXPECT_TRUE(becomes(unknown, HealthCheckResponse::SERVICE_UNKNOWN));
  context.TryCancel();

  grpc::ClientContext until_the_end;
  const auto reader = watch(until_the_end, "view.stays");
  EXPECT_TRUE(becomes(reader, HealthCheckResponse::SERVING));
  std::jthread stopping([this] { node_->Stop(); });
  EXPECT_TRUE(becomes(reader, HealthCheckResponse::NOT_SERVING));
  until_the_end.TryCancel();
}

// An operator's rebuild may take as long as it wants: whoever looks at health knows at once.
TEST_F(NodeTest, TheEndIsToldBeforeAnOperatorsCallIsOver) {
  using grpc::health::v1::HealthCheckResponse;
  std::atomic<bool> held = false;
  std::promise<void> at_it;
  std::promise<void> go_on;
  config_.rebuild_ingested = [&] {
    if (!held.exchange(false)) return;
    at_it.set_value();
    go_on.get_future().wait();
  };
  ASSERT_TRUE(Start());
  const auto health = grpc::health::v1::Health::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(node_->Port()), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const auto reader = health->Watch(&context, grpc::health::v1::HealthCheckRequest());
  HealthCheckResponse response;
  while (response.status() != HealthCheckResponse::SERVING) ASSERT_TRUE(reader->Read(&response));

  held = true;
  const auto rebuild = std::async(std::launch::async, [this, &held] {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    const auto admin = admin::v1::AdminService::NewStub(grpc::CreateChannel(
        "unix:" + config_.data + "/admin.sock", grpc::InsecureChannelCredentials()));
    // What the start built may still be at its end: then it is refused.
    while (held && std::chrono::steady_clock::now() < patience) {
      grpc::ClientContext call;
      const auto reports = admin->RebuildView(&call, admin::v1::RebuildViewRequest());
      admin::v1::RebuildViewResponse progress;
      while (reports->Read(&progress)) {
      }
    }
  });
  auto reached = at_it.get_future();
  ASSERT_EQ(reached.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  std::jthread stopping([this] { node_->Stop(); });
  EXPECT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  go_on.set_value();
  rebuild.wait();
}

// A position that the views never reach keeps neither a thread nor the end.
TEST_F(NodeTest, TheEndDoesNotWaitForAPositionThatNeverComes) {
  config_.drain_ms = 100;
  ASSERT_TRUE(Start());
  const client::Reply registered = Register();
  ASSERT_TRUE(registered.ok);
  catalogue::v1::GetProgrammeRequest request;
  request.set_code("5830");
  *request.mutable_header()->mutable_min_position() = registered.result.position();
  request.mutable_header()->mutable_min_position()->set_seq(1000);
  const auto stub = catalogue::v1::CatalogueQueryService::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(node_->Port()), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + TokenOf(type::v1::ROLE_WORK_STUDY_COORDINATOR,
                                                           domain::SchoolIdOf("CFP-NORD")));
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  catalogue::v1::GetProgrammeResponse response;
  auto asked = std::async(std::launch::async,
                          [&] { return stub->GetProgramme(&context, request, &response); });
  EXPECT_EQ(asked.wait_for(std::chrono::milliseconds(500)), std::future_status::timeout);
  const auto began = std::chrono::steady_clock::now();
  node_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_FALSE(asked.get().ok());
}

TEST_F(NodeTest, AStartThatFindsItsPortTakenEnds) {
  ASSERT_TRUE(Start());
  Config other = config_;
  other.data += "_other";
  other.listen = "127.0.0.1:" + std::to_string(node_->Port());
  const auto started = Node::Start(other, [](const Error&) {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "LISTEN_FAILED");
  fs::remove_all(other.data);
}

TEST_F(NodeTest, ManyCommandsAtOnceAreEachAnsweredOnce) {
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Register().ok);
  const client::Client coordinator =
      As(type::v1::ROLE_WORK_STUDY_COORDINATOR, domain::SchoolIdOf("CFP-NORD"));
  constexpr int kCommands = 300;
  std::atomic<int> answered = 0;
  std::promise<void> all;
  std::array<std::atomic<int>, kCommands + 2> at{};
  for (int i = 0; i < kCommands; ++i) {
    company::v1::RegisterHostCompany command;
    command.set_name("Garage");
    command.set_site(std::to_string(i));
    coordinator.CommandLater(command, Header(), [&](const client::Reply& reply) {
      EXPECT_TRUE(reply.ok) << reply.error.message;
      ++at[reply.result.position().seq()];
      if (++answered == kCommands) all.set_value();
    });
  }
  all.get_future().wait();
  for (int seq = 2; seq < kCommands + 2; ++seq) EXPECT_EQ(at[seq], 1) << seq;
}

// Although views gather what comes in, and nobody waits for them.
TEST_F(NodeTest, WhoWasAnsweredFindsWhatItSays) {
  ASSERT_TRUE(Start());
  while (!IsServing()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  ASSERT_TRUE(Register().ok);
  const client::Client coordinator =
      As(type::v1::ROLE_WORK_STUDY_COORDINATOR, domain::SchoolIdOf("CFP-NORD"));
  for (int i = 0; i < 20; ++i) {
    company::v1::RegisterHostCompany command;
    command.set_name("Garage");
    command.set_site(std::to_string(i));
    const client::Reply told = coordinator.Command(command, Header());
    ASSERT_TRUE(told.ok) << told.error.message;
    placement::v1::ListStaysResponse response;
    const client::Reply asked = coordinator.Query(placement::v1::ListStaysRequest(), &response);
    ASSERT_TRUE(asked.ok) << asked.error.message;
    EXPECT_EQ(response.as_of().position().seq(), told.result.position().seq());
  }
}

TEST_F(NodeTest, StopAnswersWhatIsOut) {
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Register().ok);
  const client::Client coordinator =
      As(type::v1::ROLE_WORK_STUDY_COORDINATOR, domain::SchoolIdOf("CFP-NORD"));
  constexpr int kCommands = 200;
  std::atomic<int> answered = 0;
  std::atomic<int> accepted = 0;
  std::promise<void> all;
  for (int i = 0; i < kCommands; ++i) {
    school::v1::GrantAccess command;
    command.mutable_identity()->mutable_clear()->set_family_name("L");
    command.mutable_identity()->mutable_clear()->set_given_name("A");
    command.set_role(type::v1::ROLE_TEACHER);
    command.mutable_scope()->set_whole_school(true);
    coordinator.CommandLater(command, Header(), [&](const client::Reply& reply) {
      accepted += reply.ok;
      if (++answered == kCommands) all.set_value();
    });
  }
  node_->Stop();
  all.get_future().wait();
  node_.reset();
  // Each acceptance is in the log: the next command stands right behind them.
  ASSERT_TRUE(Start());
  company::v1::RegisterHostCompany command;
  command.set_name("Garage");
  command.set_site("Here");
  const client::Reply next =
      As(type::v1::ROLE_WORK_STUDY_COORDINATOR, domain::SchoolIdOf("CFP-NORD"))
          .Command(command, Header());
  ASSERT_TRUE(next.ok) << next.error.message;
  EXPECT_GE(next.result.position().seq(), 2U + static_cast<uint64_t>(accepted.load()));
}

}  // namespace
}  // namespace jalon::node
