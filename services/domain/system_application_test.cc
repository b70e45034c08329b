#include "services/domain/system_application.h"

#include <gtest/gtest.h>

#include <optional>

#include "eventstore/trail/rotation.h"
#include "jalon/event/v1/system_events.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/domain/memory_state_testing.h"
#include "services/domain/school_code.h"
#include "services/domain/signed_claim.h"

namespace jalon::domain {
namespace {

constexpr uint32_t kPartitions = 8;
constexpr uint32_t kByHash = 3;
const Bytes kDeployment(16, 'D');

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
  // Signed by that key, unless it is null.
  eventstore::Verdict Publish(const std::vector<Log>& logs,
                              const trail::SignerKey* by = &FirstKey()) {
    const auto publication = std::make_shared<event::v1::LogsPublished>();
    for (const Log& log : logs) {
      auto* published = publication->add_logs();
      published->set_origin(log.origin);
      published->set_size(log.size);
      published->set_root(std::string(32, log.root));
    }
    if (by != nullptr) {
      publication->set_signature(by->Sign(PublicationText(*publication, kDeployment)));
    }
    return SendOwn(publication);
  }
  eventstore::Verdict SendOwn(const std::shared_ptr<const google::protobuf::Message>& wanted) {
    static const type::v1::CommandHeader kHeader;
    Request request;
    request.request = wanted;
    request.command = wanted.get();
    request.header = &kHeader;
    request.school_id = std::string(16, '\0');
    return Decided(request);
  }
  static const trail::SignerKey& FirstKey() {
    static const trail::SignerKey key("any", trail::KeyType::kLog, trail::Seed{1});
    return key;
  }
  static const trail::SignerKey& OtherKey() {
    static const trail::SignerKey key("any", trail::KeyType::kLog, trail::Seed{2});
    return key;
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

  // The claim of somebody who has read all before it, not signed yet.
  event::v1::SignerClaimed ClaimOf(char claimant, uint32_t generation = 1) const {
    event::v1::SignerClaimed claim;
    claim.set_claimant(std::string(16, claimant));
    claim.set_generation(generation);
    claim.set_epoch(claims_ + 1);
    return claim;
  }
  eventstore::Verdict Claim(event::v1::SignerClaimed claim,
                            const trail::SignerKey& key = FirstKey()) {
    SignClaim(key, kDeployment, &claim);
    return ClaimAsItIs(claim);
  }
  eventstore::Verdict Claim(char claimant, uint32_t generation = 1) {
    return Claim(ClaimOf(claimant, generation));
  }
  eventstore::Verdict ClaimAsItIs(const event::v1::SignerClaimed& claim) {
    eventstore::Verdict verdict = SendOwn(std::make_shared<event::v1::SignerClaimed>(claim));
    if (std::holds_alternative<eventstore::Accepted>(verdict)) ++claims_;
    return verdict;
  }
  // What the refusal is about; empty: it is none.
  static std::string About(const eventstore::Verdict& verdict) {
    const auto* refused = std::get_if<eventstore::Refused>(&verdict);
    if (refused == nullptr) return {};
    return static_cast<const Denied&>(*refused->refusal).refusals().Sorted().at(0).subjects.at(0);
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

  const SystemApplication application_{
      kPartitions, [](std::string_view) { return Partition{kByHash}; }, kDeployment};
  MemoryState state_{application_};
  int placed_ = 0;
  uint64_t claims_ = 0;
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
  Claim('a');
  EXPECT_EQ(Published(Publish({{"a", 3, 'x'}, {"b", 1, 'y'}})), (Origins{"a", "b"}));
  // At that size already, and at a larger one: nothing is written of them.
  EXPECT_EQ(Published(Publish({{"a", 3, 'x'}, {"b", 2, 'z'}})), Origins{"b"});
  EXPECT_EQ(Published(Publish({{"a", 2, 'w'}, {"b", 2, 'z'}})), Origins{});
  EXPECT_EQ(Published(Publish({{"a", 4, 'v'}})), Origins{"a"});
  EXPECT_EQ(Published(Publish({{"c", 12, 'x'}, {"c", 10, 'w'}, {"c", 12, 'x'}})), Origins{"c"});
  EXPECT_EQ(Published(Publish({{"c", 12, 'x'}})), Origins{}) << "the larger one is remembered";
  EXPECT_EQ(Published(Publish({{"c", 13, 'y'}, {"c", 14, 'z'}})), (Origins{"c", "c"}));
}

TEST_F(SystemApplicationTest, ALogWithAnotherRootAtItsSizeIsRefused) {
  Claim('a');
  Publish({{"a", 3, 'x'}});
  EXPECT_TRUE(RefusedFor(Publish({{"b", 1, 'y'}, {"a", 3, 'z'}}), Reason::FIELD_INVALID));
  EXPECT_EQ(Published(Publish({{"b", 1, 'y'}})).size(), 1u);  // nothing was half done
}

TEST_F(SystemApplicationTest, ALogThatCannotBeIsRefused) {
  Claim('a');
  EXPECT_TRUE(RefusedFor(Publish({{"", 1, 'x'}}), Reason::FIELD_INVALID));
  EXPECT_TRUE(RefusedFor(Publish({{std::string(129, 'a'), 1, 'x'}}), Reason::FIELD_INVALID));
  EXPECT_TRUE(RefusedFor(Publish({{"a", 0, 'x'}}), Reason::FIELD_INVALID));
}

// What the holder of the seat does not sign, nobody publishes.
TEST_F(SystemApplicationTest, OnlyTheSignerPublishes) {
  EXPECT_EQ(About(Publish({{"a", 3, 'x'}})), "signature");  // nobody has claimed
  Claim('a');
  EXPECT_EQ(About(Publish({{"a", 3, 'x'}}, nullptr)), "signature");
  EXPECT_EQ(About(Publish({{"a", 3, 'x'}}, &OtherKey())), "signature");
  event::v1::LogsPublished changed;
  changed.add_logs()->set_origin("a");
  changed.set_signature(FirstKey().Sign(PublicationText(changed, kDeployment)));
  changed.mutable_logs(0)->set_size(4);
  changed.mutable_logs(0)->set_root(std::string(32, 'x'));
  EXPECT_EQ(About(SendOwn(std::make_shared<event::v1::LogsPublished>(changed))), "signature");
  EXPECT_EQ(Published(Publish({{"a", 3, 'x'}})).size(), 1u);
}

TEST_F(SystemApplicationTest, EachStartOfASignerIsAnEpoch) {
  using Epoch = std::pair<uint64_t, uint32_t>;
  EXPECT_EQ(Claimed(Claim('a')), Epoch(1, 1));
  event::v1::SignerClaimed second = ClaimOf('b');
  second.set_previous_public_key(std::string(32, 'o'));
  EXPECT_EQ(Claimed(Claim(second)), Epoch(2, 1));
  // That of the last claimant, which was not told: it counts once.
  EXPECT_TRUE(std::holds_alternative<eventstore::NothingToDo>(Claim(second)));
  EXPECT_TRUE(std::holds_alternative<eventstore::NothingToDo>(Claim('b')));
  EXPECT_EQ(Claimed(Claim('a')), Epoch(3, 1));
}

// A claim is public once it is in the log: nobody gets the seat by saying it again.
TEST_F(SystemApplicationTest, AClaimCountsInItsPlaceAlone) {
  event::v1::SignerClaimed first = ClaimOf('a');
  SignClaim(FirstKey(), kDeployment, &first);
  EXPECT_EQ(About(ClaimAsItIs(first)), "");
  Claim('b');
  EXPECT_EQ(About(ClaimAsItIs(first)), "epoch");
  event::v1::SignerClaimed ahead = ClaimOf('c');
  ahead.set_epoch(ahead.epoch() + 1);
  EXPECT_EQ(About(Claim(ahead)), "epoch");
}

TEST_F(SystemApplicationTest, AClaimIsSignedByItsKeyAsItStands) {
  const auto changed = [&](auto change) {
    event::v1::SignerClaimed claim = ClaimOf('a');
    SignClaim(FirstKey(), kDeployment, &claim);
    change(claim);
    return About(ClaimAsItIs(claim));
  };
  EXPECT_EQ(changed([](auto& c) { c.clear_signature(); }), "signature");
  EXPECT_EQ(changed([](auto& c) { c.set_claimant(std::string(16, 'b')); }), "signature");
  EXPECT_EQ(changed([](auto& c) { c.set_generation(2); }), "signature");
  EXPECT_EQ(changed([](auto& c) { c.set_epoch(2); }), "signature");
  EXPECT_EQ(changed([](auto& c) { c.set_public_key(std::string(32, 'k')); }), "signature");
  EXPECT_EQ(changed([](auto& c) { c.set_previous_public_key(std::string(32, 'k')); }), "signature");
  EXPECT_EQ(changed([](auto& c) { c.set_replaces_lost_key(true); }), "signature");
  EXPECT_EQ(changed([](auto& c) { SignClaim(FirstKey(), Bytes(16, 'E'), &c); }), "signature");
  EXPECT_EQ(changed([](auto&) {}), "");
}

TEST_F(SystemApplicationTest, AnotherKeyIsVouchedForOrReplacesALostOne) {
  Claim('a');
  const trail::SignerKey third("any", trail::KeyType::kLog, trail::Seed{3});
  const auto note = [](const trail::SignerKey& from, const trail::SignerKey& to) {
    return trail::FormatRotation(from.Named(std::string(trail::kRotationName)), to.verifier().key);
  };
  EXPECT_EQ(About(Claim(ClaimOf('b'), OtherKey())), "public_key");
  event::v1::SignerClaimed by_note = ClaimOf('b');
  by_note.add_rotations(note(OtherKey(), OtherKey()));  // its own word
  EXPECT_EQ(About(Claim(by_note, OtherKey())), "public_key");
  by_note.set_rotations(0, note(FirstKey(), OtherKey()));
  EXPECT_EQ(About(Claim(by_note, third)), "public_key");
  EXPECT_EQ(About(Claim(by_note, OtherKey())), "");
  // The one before it is retired: it does not come back.
  EXPECT_EQ(About(Claim('c')), "public_key");
  event::v1::SignerClaimed over_two = ClaimOf('c');
  over_two.add_rotations(note(OtherKey(), third));
  over_two.add_rotations(note(third, FirstKey()));
  EXPECT_EQ(About(Claim(over_two, FirstKey())), "");
  event::v1::SignerClaimed lost = ClaimOf('d');
  lost.set_replaces_lost_key(true);
  EXPECT_EQ(About(Claim(lost, third)), "");
}

TEST_F(SystemApplicationTest, AGenerationNeverGoesBackNorFarAhead) {
  EXPECT_EQ(About(Claim('a', 0)), "generation");
  EXPECT_EQ(About(Claim('a', 4'294'967'295)), "generation");
  EXPECT_EQ(Claimed(Claim('a', 2)).second, 2u);
  EXPECT_EQ(About(Claim('b', 1)), "generation");
  EXPECT_EQ(Claimed(Claim('b', 2)).second, 2u);
  EXPECT_EQ(About(Claim('c', 19)), "generation");
  EXPECT_EQ(Claimed(Claim('c', 18)).second, 18u);
}

TEST_F(SystemApplicationTest, AClaimThatCannotBeIsRefused) {
  event::v1::SignerClaimed claim = ClaimOf('a');
  claim.set_public_key("short");
  EXPECT_EQ(About(ClaimAsItIs(claim)), "public_key");
  claim = ClaimOf('a');
  claim.set_claimant("short");
  EXPECT_EQ(About(Claim(claim)), "claimant");
  claim = ClaimOf('a');
  claim.set_previous_public_key("short");
  EXPECT_EQ(About(Claim(claim)), "previous_public_key");
  const trail::PublicKey& same = FirstKey().verifier().key;
  claim.set_previous_public_key(same.data(), same.size());
  EXPECT_EQ(About(Claim(claim)), "previous_public_key");
  claim = ClaimOf('a');
  for (int i = 0; i <= kRotationsMax; ++i) claim.add_rotations("note");
  EXPECT_EQ(About(Claim(claim)), "rotations");
}

}  // namespace
}  // namespace jalon::domain
