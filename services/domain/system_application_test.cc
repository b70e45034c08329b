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
    return Decided(request);
  }
  // Decides, and evolves what is accepted.
  eventstore::Verdict Decided(const Request& request) {
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

  // What is published of the logs, each {origin, size, root's filling}; none: nothing is written.
  struct Log {
    std::string origin;
    uint64_t size;
    char root;
  };
  eventstore::Verdict Publish(const std::vector<Log>& logs) {
    struct Publication {
      event::v1::LogsPublished logs;
      type::v1::CommandHeader own;
      const event::v1::LogsPublished& command() const { return logs; }
      const type::v1::CommandHeader& header() const { return own; }
    };
    const auto publication = std::make_shared<Publication>();
    for (const Log& log : logs) {
      auto* published = publication->logs.add_logs();
      published->set_origin(log.origin);
      published->set_size(log.size);
      published->set_root(std::string(32, log.root));
    }
    Request request;
    request.request =
        std::shared_ptr<const google::protobuf::Message>(publication, &publication->logs);
    request.command = &publication->logs;
    request.header = &publication->own;
    request.school_id = std::string(16, '\0');
    return Decided(request);
  }
  static std::vector<std::string> Published(const eventstore::Verdict& verdict) {
    std::vector<std::string> origins;
    const auto* accepted = std::get_if<eventstore::Accepted>(&verdict);
    if (accepted == nullptr) return origins;
    log::v1::Event event;
    event::v1::LogsPublished published;
    EXPECT_TRUE(event.ParseFromString(accepted->events.at(0)));
    EXPECT_TRUE(published.ParseFromString(event.payload()));
    for (const auto& log : published.logs()) origins.push_back(log.origin());
    return origins;
  }

  eventstore::Verdict Claim(char claimant, uint32_t generation = 1, std::string previous = {},
                            std::string key = std::string(32, 'k')) {
    struct Wanted {
      event::v1::SignerClaimed claim;
      type::v1::CommandHeader own;
    };
    const auto wanted = std::make_shared<Wanted>();
    wanted->claim.set_public_key(std::move(key));
    wanted->claim.set_claimant(std::string(16, claimant));
    wanted->claim.set_generation(generation);
    wanted->claim.set_previous_public_key(std::move(previous));
    Request request;
    request.request = std::shared_ptr<const google::protobuf::Message>(wanted, &wanted->claim);
    request.command = &wanted->claim;
    request.header = &wanted->own;
    request.school_id = std::string(16, '\0');
    return Decided(request);
  }
  // The epoch and generation of the claim that was accepted; zeros where nothing was written.
  static std::pair<uint64_t, uint32_t> Claimed(const eventstore::Verdict& verdict) {
    const auto* accepted = std::get_if<eventstore::Accepted>(&verdict);
    if (accepted == nullptr) return {};
    log::v1::Event event;
    event::v1::SignerClaimed claimed;
    EXPECT_TRUE(event.ParseFromString(accepted->events.at(0)));
    EXPECT_TRUE(claimed.ParseFromString(event.payload()));
    EXPECT_EQ(event.version(), claimed.epoch());
    return {claimed.epoch(), claimed.generation()};
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

TEST_F(SystemApplicationTest, PublishesWhatHasGrown) {
  using Origins = std::vector<std::string>;
  EXPECT_EQ(Published(Publish({{"a", 3, 'x'}, {"b", 1, 'y'}})), (Origins{"a", "b"}));
  // At that size already, and at a larger one: nothing is written of them.
  EXPECT_EQ(Published(Publish({{"a", 3, 'x'}, {"b", 2, 'z'}})), Origins{"b"});
  EXPECT_EQ(Published(Publish({{"a", 2, 'w'}, {"b", 2, 'z'}})), Origins{});
  EXPECT_EQ(Published(Publish({{"a", 4, 'v'}})), Origins{"a"});
}

TEST_F(SystemApplicationTest, ALogWithAnotherRootAtItsSizeIsRefused) {
  Publish({{"a", 3, 'x'}});
  EXPECT_TRUE(RefusedFor(Publish({{"b", 1, 'y'}, {"a", 3, 'z'}}), Reason::FIELD_INVALID));
  EXPECT_EQ(Published(Publish({{"b", 1, 'y'}})).size(), 1u);  // nothing was half done
}

TEST_F(SystemApplicationTest, ALogThatCannotBeIsRefused) {
  EXPECT_TRUE(RefusedFor(Publish({{"", 1, 'x'}}), Reason::FIELD_INVALID));
  EXPECT_TRUE(RefusedFor(Publish({{std::string(129, 'a'), 1, 'x'}}), Reason::FIELD_INVALID));
  EXPECT_TRUE(RefusedFor(Publish({{"a", 0, 'x'}}), Reason::FIELD_INVALID));
}

TEST_F(SystemApplicationTest, EachStartOfASignerIsAnEpoch) {
  using Epoch = std::pair<uint64_t, uint32_t>;
  EXPECT_EQ(Claimed(Claim('a')), Epoch(1, 1));
  EXPECT_EQ(Claimed(Claim('b', 1, std::string(32, 'o'))), Epoch(2, 1));
  // That of the last claimant, which was not told: it counts once.
  EXPECT_TRUE(std::holds_alternative<eventstore::NothingToDo>(Claim('b')));
  EXPECT_EQ(Claimed(Claim('a')), Epoch(3, 1));
}

TEST_F(SystemApplicationTest, AGenerationNeverGoesBack) {
  EXPECT_TRUE(RefusedFor(Claim('a', 0), Reason::FIELD_INVALID));
  EXPECT_EQ(Claimed(Claim('a', 2)).second, 2u);
  EXPECT_TRUE(RefusedFor(Claim('b', 1), Reason::FIELD_INVALID));
  EXPECT_EQ(Claimed(Claim('b', 2)).second, 2u);
  EXPECT_EQ(Claimed(Claim('c', 4)).second, 4u);
}

TEST_F(SystemApplicationTest, AClaimThatCannotBeIsRefused) {
  EXPECT_TRUE(RefusedFor(Claim('a', 1, {}, "short"), Reason::FIELD_INVALID));
  EXPECT_TRUE(RefusedFor(Claim('a', 1, "short"), Reason::FIELD_INVALID));
  EXPECT_TRUE(RefusedFor(Claim('a', 1, std::string(32, 'k')), Reason::FIELD_INVALID));
}

}  // namespace
}  // namespace jalon::domain
