// Where a server keeps a school: what the system partition says, and what becomes of a registration
// that dies halfway.
#include <gtest/gtest.h>

#include <future>
#include <optional>

#include "eventstore/base/hash.h"
#include "eventstore/log/partition.h"
#include "eventstore/log/record.h"
#include "eventstore/log/verify.h"
#include "eventstore/state/memory_state_store.h"
#include "jalon/catalogue/v1/catalogue_query_service.grpc.pb.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/event/v1/event_body.pb.h"
#include "services/api/registration.h"
#include "services/domain/application.h"
#include "services/domain/school_code.h"
#include "services/domain/system_application.h"
#include "services/node/data_folder.h"
#include "services/node/node_testing.h"
#include "services/node/writers.h"

namespace jalon::node {
namespace {

class PlacedNodeTest : public NodeTest {
 protected:
  static constexpr Partition kSystem{4};

  client::Reply RegisterAt(std::optional<uint32_t> partition,
                           const type::v1::CommandHeader& header = Header()) {
    school::v1::RegisterSchool command;
    command.set_code("CFP-NORD");
    command.set_name("CFP Nord");
    if (partition) command.set_partition(*partition);
    return As(type::v1::ROLE_REGION_COORDINATOR, "").Command(command, header);
  }
  client::Reply RegisterCompany() {
    company::v1::RegisterHostCompany command;
    command.set_name("Garage");
    command.set_site(std::to_string(++sites_));
    return As(type::v1::ROLE_WORK_STUDY_COORDINATOR, school_).Command(command, Header());
  }
  // What a query about the school answers that waits for that position.
  grpc::Status AskAt(const type::v1::Position& position) {
    catalogue::v1::GetPolicyRequest request;
    *request.mutable_header()->mutable_min_position() = position;
    const auto stub = catalogue::v1::CatalogueQueryService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(node_->Port()), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.AddMetadata("authorization",
                        "Bearer " + TokenOf(type::v1::ROLE_WORK_STUDY_COORDINATOR, school_));
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    catalogue::v1::GetPolicyResponse response;
    return stub->GetPolicy(&context, request, &response);
  }
  // Writes the placement alone that registering the school elsewhere begins with.
  void PlaceOnly(const type::v1::CommandHeader& header) {
    const auto log = eventstore::RocksLog::Open(LogIn(config_.data)).value();
    eventstore::MemoryStateStore state;
    const domain::DomainApplication schools;
    const domain::SystemApplication system(
        4, [this](std::string_view) { return by_hash_; }, log->birth().cluster_id);
    const SystemClock clock;
    Writers writers({.birth = log->birth(), .node = "local"}, *log, state, {schools, system}, clock,
                    [](Partition, const eventstore::WriterStatus&) {});
    writers.Start();
    auto message = std::make_shared<school::v1::RegisterSchoolRequest>();
    *message->mutable_header() = header;
    message->mutable_command()->set_code("CFP-NORD");
    message->mutable_command()->set_partition(elsewhere_);
    auto request = std::make_unique<domain::Request>();
    request->command = &message->command();
    request->header = &message->header();
    request->request = message;
    request->school_id = school_;
    request->id_seed = Bytes(16, 's');
    eventstore::Submission registration;
    registration.tenant = school_;
    registration.request_id = header.request_id();
    registration.command = std::move(request);
    std::promise<eventstore::Outcome::Kind> done;
    auto placing = api::PlacementOf(
        registration, [&](const eventstore::Outcome& outcome) { done.set_value(outcome.kind); });
    ASSERT_TRUE(writers.Submit(kSystem, std::move(placing)));
    EXPECT_EQ(done.get_future().get(), eventstore::Outcome::Kind::kAccepted);
  }
  // Of the log as it lies there, once the server is gone.
  uint64_t RecordsOf(Partition partition) {
    node_.reset();
    const auto log = eventstore::RocksLog::OpenReadOnly(LogIn(config_.data)).value();
    const auto report = eventstore::VerifyLog(*log).value();
    EXPECT_TRUE(report.Sound());
    return report.partitions.at(partition.value).records;
  }

  // How often a school was placed: each start of a signer leaves a claim beside these.
  uint64_t Placed() {
    node_.reset();
    const auto log = eventstore::RocksLog::OpenReadOnly(LogIn(config_.data)).value();
    uint64_t placed = 0;
    const auto entries = log->ReadFrom(kSystem, Offset{}, {}).value();
    for (const auto& entry : entries) {
      const auto frame = eventstore::ReadFrame(*entry.bytes).value();
      log::v1::Record record;
      if (frame.kind != eventstore::EntryFrame::Kind::kRecord) continue;
      EXPECT_TRUE(record.ParseFromArray(frame.body.data(), static_cast<int>(frame.body.size())));
      for (const std::string& bytes : record.events()) {
        log::v1::Event event;
        EXPECT_TRUE(event.ParseFromString(bytes));
        if (event.type() == event::v1::EventBody::kTenantPlacedFieldNumber) ++placed;
      }
    }
    return placed;
  }

  const Bytes school_ = domain::SchoolIdOf("CFP-NORD");
  const Partition by_hash_ = eventstore::PartitionOf(ToHex(school_), 4);
  const uint32_t elsewhere_ = (by_hash_.value + 1) % 4;
  int sites_ = 0;
};

TEST_F(PlacedNodeTest, ASchoolIsFoundWhereItWasPlacedAlsoAfterARestart) {
  ASSERT_TRUE(Start());
  const client::Reply registered = RegisterAt(elsewhere_);
  ASSERT_TRUE(registered.ok) << registered.error.message;
  EXPECT_EQ(registered.result.position().partition(), elsewhere_);
  for (int start = 0; start < 2; ++start) {
    const client::Reply reply = RegisterCompany();
    ASSERT_TRUE(reply.ok) << reply.error.message;
    EXPECT_EQ(reply.result.position().partition(), elsewhere_);
    const grpc::Status asked = AskAt(reply.result.position());
    EXPECT_TRUE(asked.ok()) << asked.error_message();
    EXPECT_EQ(RegisterAt(by_hash_.value).error.reason, "TENANT_MOVE_UNSUPPORTED");
    EXPECT_EQ(RegisterAt(std::nullopt).error.reason, "SCHOOL_EXISTS");
    Restart();
  }
  EXPECT_EQ(Placed(), 1u);
  EXPECT_EQ(RecordsOf(by_hash_), 0u);
  EXPECT_EQ(RecordsOf(Partition{elsewhere_}), 3u);
}

// As a server leaves the log that dies when the placement counted, and before the school's
// partition was given the command.
TEST_F(PlacedNodeTest, ARetryCompletesARegistrationThatDiedInBetween) {
  ASSERT_TRUE(Start());
  node_.reset();
  const type::v1::CommandHeader header = Header();
  PlaceOnly(header);
  ASSERT_EQ(Placed(), 1u);
  ASSERT_EQ(RecordsOf(Partition{elsewhere_}), 0u);
  ASSERT_TRUE(Start());
  const client::Reply again = RegisterAt(elsewhere_, header);
  ASSERT_TRUE(again.ok) << again.error.message;
  EXPECT_EQ(again.result.position().partition(), elsewhere_);
  EXPECT_EQ(again.result.position().seq(), 1u);
  EXPECT_EQ(Placed(), 1u);
  EXPECT_EQ(RecordsOf(Partition{elsewhere_}), 1u);
}

// The same, but nobody remembers the request: the school goes where it was placed.
TEST_F(PlacedNodeTest, AnotherRegistrationGoesWhereTheOneThatDiedPlacedTheSchool) {
  ASSERT_TRUE(Start());
  node_.reset();
  PlaceOnly(Header());
  ASSERT_TRUE(Start());
  EXPECT_EQ(RegisterAt(std::nullopt).result.position().partition(), elsewhere_);
  EXPECT_EQ(Placed(), 1u);
}

// One from before there was a system partition.
TEST_F(PlacedNodeTest, AnOlderFolderIsServedByTheHash) {
  fs::create_directories(config_.data);
  ASSERT_TRUE(eventstore::RocksLog::Create(
      LogIn(config_.data),
      {.cluster_id = Bytes(16, 'c'), .log_incarnation = Bytes(16, 'l'), .partition_count = 4}));
  ASSERT_TRUE(Start());
  const client::Reply refused = RegisterAt(elsewhere_);
  EXPECT_EQ(refused.error.reason, "UNSUPPORTED");
  const client::Reply registered = RegisterAt(std::nullopt);
  ASSERT_TRUE(registered.ok) << registered.error.message;
  EXPECT_EQ(registered.result.position().partition(), by_hash_.value);
  ASSERT_TRUE(RegisterCompany().ok);
  EXPECT_EQ(RecordsOf(by_hash_), 2u);
}

}  // namespace
}  // namespace jalon::node
