#include "services/domain/system_application.h"

#include <gtest/gtest.h>

#include <optional>

#include "jalon/event/v1/system_events.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/domain/memory_state_testing.h"
#include "services/domain/school_code.h"

namespace jalon::domain {
namespace {

constexpr uint32_t kPartitions = 8;
constexpr uint32_t kByHash = 3;

class SystemApplicationTest : public testing::Test {
 protected:
  eventstore::Verdict Register(std::optional<uint32_t> partition = {}, bool dry_run = false) {
    auto message = std::make_shared<school::v1::RegisterSchoolRequest>();
    message->mutable_command()->set_code("CFP-NORD");
    message->mutable_header()->set_dry_run(dry_run);
    if (partition) message->mutable_command()->set_partition(*partition);
    return Send(message);
  }
  template <typename Message>
  eventstore::Verdict Send(const std::shared_ptr<Message>& message) {
    Request request;
    request.request = message;
    request.command = &message->command();
    request.header = &message->header();
    request.principal = {.person_id = "operator",
                         .role = type::v1::ROLE_REGION_COORDINATOR,
                         .school_id = {},
                         .company_id = {},
                         .modules = {}};
    request.school_id = SchoolIdOf("CFP-NORD");
    request.id_seed = "0123456789abcdef";
    eventstore::Verdict verdict = application_.Decide(
        request, {.recorded_at = Micros(1'788'000'000'000'000), .seq = Seq{1}}, state_);
    if (const auto* accepted = std::get_if<eventstore::Accepted>(&verdict)) {
      log::v1::Record record;
      record.set_tenant(request.school_id);
      for (const std::string& event : accepted->events) record.add_events(event);
      EXPECT_TRUE(application_.Evolve(record, state_));
      state_.RoundTrip();
      ++placed_;
    }
    return verdict;
  }

  // Where the reply says that the school is.
  static uint32_t At(const std::string& reply) {
    event::v1::TenantPlaced placed;
    EXPECT_TRUE(placed.ParseFromString(reply));
    return placed.partition();
  }
  static uint32_t PlacedAt(const eventstore::Verdict& verdict) {
    const auto* accepted = std::get_if<eventstore::Accepted>(&verdict);
    EXPECT_NE(accepted, nullptr);
    return accepted == nullptr ? kPartitions : At(accepted->reply);
  }
  static uint32_t FoundAt(const eventstore::Verdict& verdict) {
    const auto* nothing = std::get_if<eventstore::NothingToDo>(&verdict);
    EXPECT_NE(nothing, nullptr);
    return nothing == nullptr ? kPartitions : At(nothing->reply);
  }
  static bool RefusedFor(const eventstore::Verdict& verdict, RefusalReason reason) {
    const auto* refused = std::get_if<eventstore::Refused>(&verdict);
    return refused != nullptr &&
           static_cast<const Denied&>(*refused->refusal).refusals().Has(reason);
  }

  const SystemApplication application_{kPartitions,
                                       [](std::string_view) { return Partition{kByHash}; }};
  MemoryState state_{application_};
  int placed_ = 0;
};

TEST_F(SystemApplicationTest, ASchoolIsPlacedOnceForEver) {
  EXPECT_EQ(PlacedAt(Register()), kByHash);
  EXPECT_EQ(FoundAt(Register()), kByHash);
  EXPECT_EQ(FoundAt(Register(kByHash)), kByHash);
  EXPECT_TRUE(RefusedFor(Register(kByHash + 1), Reason::TENANT_MOVE_UNSUPPORTED));
  EXPECT_EQ(placed_, 1);
}

TEST_F(SystemApplicationTest, WhereTheRegionWantsIt) {
  EXPECT_TRUE(RefusedFor(Register(kPartitions), Reason::FIELD_INVALID));
  EXPECT_EQ(PlacedAt(Register(0)), 0u);
  EXPECT_EQ(FoundAt(Register()), 0u);
}

TEST_F(SystemApplicationTest, ADryRunPlacesNothing) {
  EXPECT_EQ(FoundAt(Register(5, true)), 5u);
  EXPECT_EQ(PlacedAt(Register()), kByHash);
}

TEST_F(SystemApplicationTest, NothingElseIsDecidedHere) {
  EXPECT_TRUE(
      RefusedFor(Send(std::make_shared<school::v1::SetPolicyRequest>()), Reason::UNSUPPORTED));
  log::v1::Event event;
  event.set_type(10);  // SchoolRegistered
  log::v1::Record record;
  record.add_events(event.SerializeAsString());
  EXPECT_EQ(application_.Evolve(record, state_).error().code, Code::kDataLoss);
}

}  // namespace
}  // namespace jalon::domain
