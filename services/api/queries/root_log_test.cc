// The root log over a log and the view that folds it: what is proven, what witnesses sign, and what
// is refused of them.
#include "services/api/queries/root_log.h"

#include <gtest/gtest.h>

#include <bit>
#include <utility>

#include "eventstore/log/log_testing.h"
#include "eventstore/log/memory/memory_log.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tlog_witness.h"
#include "eventstore/trail/trail_testing.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/system_events.pb.h"
#include "jalon/type/v1/aggregate.pb.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/memory_store.h"
#include "projections/engine/projector.h"
#include "projections/views/all_views.h"
#include "projections/views/root_log.h"
#include "services/api/queries/engine_views.h"

namespace jalon::api {
namespace {

using eventstore::Cosignatures;

const Bytes kDeployment(16, 'D');
constexpr Partition kSystem{1};
constexpr std::chrono::seconds kNow{1'767'225'600};

trail::SignerKey Witness(uint8_t number) {
  return {"witness.example/w" + std::to_string(number), trail::KeyType::kWitness,
          trail::SeedFrom(static_cast<uint8_t>(100 + number))};
}

// Hands out the reader of before while something happens meanwhile.
class Racing final : public Views {
 public:
  explicit Racing(Views& views) : views_(views) {}

  Result<std::unique_ptr<Reader>> Read(Partition partition, const Bytes& school_id) override {
    auto reader = views_.Read(partition, school_id);
    if (const auto happens = std::exchange(meanwhile, {})) happens();
    return reader;
  }
  void Await(Partition partition, std::string_view log_incarnation, Seq seq, Micros deadline,
             Done done) override {
    views_.Await(partition, log_incarnation, seq, deadline, std::move(done));
  }

  std::function<void()> meanwhile;

 private:
  Views& views_;
};

// A deployment, as far as its root log goes. Every one has the same key.
struct World {
  World() {
    EXPECT_TRUE(projector->Open());
    writer.Claim(kSystem);
  }

  trail::Checkpoint Publish(const std::string& origin, uint64_t size) {
    trail::Checkpoint log{.origin = origin, .size = size, .root = Sha256({origin})};
    event::v1::LogsPublished published;
    auto* one = published.add_logs();
    one->set_origin(log.origin);
    one->set_size(log.size);
    one->set_root(Bytes(View(log.root)));
    log::v1::Event event;
    event.set_tenant(projections::PartitionScope());
    event.set_type(event::v1::EventBody::kLogsPublished);
    event.set_aggregate_kind(type::v1::AGGREGATE_KIND_ROOT_LOG);
    event.set_aggregate(projections::PartitionScope());
    event.set_version(1);
    event.set_occurred_on(20270601);
    event.set_payload(published.SerializeAsString());
    writer.Record(kSystem, {event});
    projections::testing::StepToEnd(*projector);
    return log;
  }

  eventstore::MemoryLog log{eventstore::testing::TestBirth(2)};
  projections::testing::LogWriter writer{log};
  const std::unique_ptr<const projections::ViewSet> views =
      projections::MakeOneView(projections::kRootLog, kDeployment);
  projections::MemoryViewStore store;
  const std::unique_ptr<projections::Projector> projector =
      std::make_unique<projections::Projector>(
          projections::ProjectorOptions{.partitions = projections::testing::Partitions(2)}, log,
          store, *views);
  EngineViews engine{projector->publication()};
  Racing racing{engine};
  const Placement placement{1, kSystem};
  eventstore::Signer signer{eventstore::SigningKey(trail::Seed{1, 2, 3}),
                            std::make_unique<eventstore::TransientSignerMemory>()};
  const TrailNames names{.deployment = kDeployment, .signer = &signer};
};

class RootLogTest : public ::testing::Test {
 protected:
  RootLogTest() {
    for (uint64_t size = 1; size <= 5; ++size) Grow();
  }
  void Grow() { world_.Publish("another/trail/1", ++published_); }

  // Both witnesses' word is needed.
  static std::unique_ptr<Cosignatures> OpenStore(const std::string& folder, const World& world) {
    std::string policy;
    for (const uint8_t number : {uint8_t{1}, uint8_t{2}}) {
      policy += "witness w" + std::to_string(number) + " " +
                trail::FormatVerifierKey(Witness(number).verifier()) + "\n";
    }
    auto opened = Cosignatures::Open(
        {.folder = folder + "/cosigned/generation-1",
         .forked = folder + "/forked/generation-1",
         .policy = trail::ParsePolicy(policy + "group both all w1 w2\nquorum both\n").value(),
         .logs = {world.signer.VerifierOf(trail::RootOrigin(kDeployment))}});
    EXPECT_TRUE(opened);
    return *std::move(opened);
  }
  static std::string LinesOf(const std::string& checkpoint, const std::vector<uint8_t>& numbers) {
    trail::Note note{.text = trail::ParseNote(checkpoint).value().text, .lines = {}};
    for (const uint8_t number : numbers) {
      note.lines.push_back(trail::Cosign(note.text, Witness(number), kNow.count()));
    }
    return trail::FormatNote(note).substr(note.text.size() + 1);
  }
  // Has the checkpoint as it is now signed by these.
  Result<Cosignatures::Kept> Cosign(const std::vector<uint8_t>& numbers) {
    const std::string note = root_.Checkpoint(0).value().note;
    return root_.AddCosignatures(note, LinesOf(note, numbers));
  }
  std::string ReasonOf(const std::string& checkpoint) {
    const auto added = root_.AddCosignatures(checkpoint, LinesOf(checkpoint, {1}));
    return added ? "" : added.error().reason;
  }
  // The checkpoint that the proof leads to.
  static trail::Checkpoint Proven(const std::optional<RootLog::Published>& proof,
                                  const trail::Checkpoint& published) {
    const auto parsed = trail::ParseTlogProof(proof.value().proof).value();
    const auto checkpoint =
        trail::ParseCheckpoint(trail::ParseNote(parsed.checkpoint).value().text).value();
    EXPECT_TRUE(trail::VerifyInclusion(parsed.index, checkpoint.size,
                                       trail::LeafHash(trail::FormatCheckpoint(published)),
                                       parsed.hashes, checkpoint.root));
    return checkpoint;
  }
  static size_t LinesIn(const std::string& proof) {
    return trail::ParseNote(trail::ParseTlogProof(proof).value().checkpoint).value().lines.size();
  }

  const trail::TempFolder temp_;
  World world_;
  uint64_t published_ = 0;
  ManualClock clock_{kNow};
  const std::unique_ptr<Cosignatures> store_ = OpenStore(temp_.path() / "one", world_);
  std::vector<Error> told_;
  std::vector<Error> refused_;
  RootLog root_{{.views = world_.racing,
                 .placement = world_.placement,
                 .names = world_.names,
                 .cosignatures = store_.get(),
                 .real_clock = &clock_,
                 .on_forked = [this](const Error& error) { told_.push_back(error); },
                 .on_refused = [this](const Error& error) { refused_.push_back(error); }}};
};

TEST_F(RootLogTest, IsProvenByTheCheckpointThatEnoughWitnessesSigned) {
  const auto trail = world_.Publish("trail/1", 7);
  ASSERT_TRUE(Cosign({1, 2}));
  Grow();
  ASSERT_TRUE(Cosign({1}));
  const auto proof = root_.ProofOf(trail, 0);
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(Proven(*proof, trail).size, 6u);
  EXPECT_EQ(LinesIn((*proof)->proof), 3u);
  const auto served = root_.Checkpoint(0);
  ASSERT_TRUE(served && served->cosigned);
  EXPECT_EQ(served->checkpoint.size, 7u);
  EXPECT_EQ(served->cosigned->checkpoint.size, 6u);
  EXPECT_TRUE(served->cosigned->quorum_met);
}

TEST_F(RootLogTest, IsProvenByWhatIsThereWhereNoWitnessHasSeenItYet) {
  ASSERT_TRUE(Cosign({1, 2}));
  const auto trail = world_.Publish("trail/1", 7);
  auto proof = root_.ProofOf(trail, 0);
  ASSERT_TRUE(proof);
  EXPECT_EQ(Proven(*proof, trail).size, 6u);
  EXPECT_EQ(LinesIn((*proof)->proof), 1u);
  ASSERT_TRUE(Cosign({2}));  // rather one witness than none
  Grow();
  proof = root_.ProofOf(trail, 0);
  EXPECT_EQ(Proven(*proof, trail).size, 6u);
  EXPECT_EQ(LinesIn((*proof)->proof), 2u);
  EXPECT_FALSE(*root_.ProofOf({.origin = "trail/2", .size = 7, .root = {}}, 0));
}

TEST_F(RootLogTest, GoesOnFromWhatSomebodyKept) {
  const auto kept = root_.Checkpoint(0).value().checkpoint;
  const auto trail = world_.Publish("trail/1", 7);
  ASSERT_TRUE(Cosign({1, 2}));
  Grow();
  const auto proof = root_.ProofOf(trail, kept.size);
  ASSERT_TRUE(proof && *proof && (*proof)->consistency);
  const auto now = Proven(*proof, trail);
  const auto goes_on = trail::ParseAddCheckpoint(*(*proof)->consistency);
  ASSERT_TRUE(goes_on);
  EXPECT_EQ(goes_on->old_size, kept.size);
  EXPECT_EQ(goes_on->checkpoint, trail::ParseTlogProof((*proof)->proof).value().checkpoint);
  EXPECT_TRUE(trail::VerifyConsistency(kept.size, kept.root, now.size, now.root, goes_on->hashes));
  // What was kept is newer than what witnesses signed.
  EXPECT_EQ(Proven(*root_.ProofOf(trail, 7), trail).size, 7u);
  const auto beyond = root_.ProofOf(trail, 8);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().reason, "FIELD_INVALID");
}

// A consistency proof leaves the root of that size out; the entry after it brings it.
TEST_F(RootLogTest, APowerOfTwoIsProvenByTheEntryAfterItToo) {
  const auto trail = world_.Publish("trail/1", 7);
  for (uint64_t since = 1; since <= 6; ++since) {
    const auto proof = root_.ProofOf(trail, since);
    ASSERT_TRUE(proof && *proof) << since;
    ASSERT_EQ((*proof)->next.has_value(), std::has_single_bit(since)) << since;
    if (!(*proof)->next) continue;
    const auto now = Proven(*proof, trail);
    const auto next = trail::ParseTlogProof(*(*proof)->next);
    ASSERT_TRUE(next) << since;
    EXPECT_EQ(next->index, since);
    EXPECT_EQ(next->checkpoint, trail::ParseTlogProof((*proof)->proof).value().checkpoint);
    EXPECT_EQ(trail::OldRootOfInclusion(since, now.size, HashFrom(next->extra.value()),
                                        next->hashes, now.root),
              root_.ConsistencyProof(since, 0).value().old.root)
        << since;
  }
}

TEST_F(RootLogTest, ProvesThatItGoesOnBetweenAnyTwoSizesAndNeedsNoKey) {
  const TrailNames keyless{.deployment = kDeployment, .signer = nullptr};
  const RootLog root({.views = world_.racing, .placement = world_.placement, .names = keyless});
  for (uint64_t size = 1; size <= 5; ++size) {
    for (uint64_t old_size = 0; old_size <= size; ++old_size) {
      const auto proof = root.ConsistencyProof(old_size, size);
      ASSERT_TRUE(proof) << proof.error().message;
      EXPECT_TRUE(trail::VerifyConsistency(old_size, proof->old.root, size, proof->now.root,
                                           proof->hashes));
    }
  }
  EXPECT_EQ(root.ConsistencyProof(2, 0).value().now.size, 5u);
  EXPECT_EQ(root.ConsistencyProof(2, 6).error().reason, "FIELD_INVALID");
  EXPECT_EQ(root.ConsistencyProof(4, 3).error().reason, "FIELD_INVALID");
  EXPECT_EQ(root.Checkpoint(0).error().reason, "SIGNER_ELSEWHERE");
  EXPECT_EQ(root.AddCosignatures("", "").error().reason, "SIGNER_ELSEWHERE");
}

// Another thread signs a larger one between a look at the log and the signature.
TEST_F(RootLogTest, ALargerOneThatIsSignedMeanwhileIsTakenInstead) {
  const auto trail = world_.Publish("trail/1", 7);
  const auto race = [&] {
    world_.racing.meanwhile = [&] {
      Grow();
      ASSERT_TRUE(root_.Checkpoint(0));
    };
  };
  race();
  const auto proof = root_.ProofOf(trail, 0);
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(Proven(*proof, trail).size, 7u);
  race();
  const auto checkpoint = root_.Checkpoint(0);
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_EQ(checkpoint->checkpoint.size, 8u);
}

TEST_F(RootLogTest, ACheckpointOfAnotherHistoryIsRefusedThoughTheKeySignedIt) {
  World other;  // the same deployment, the same key
  for (uint64_t size = 1; size <= 5; ++size) other.Publish("another/trail/1", size == 3 ? 9 : size);
  const RootLog forked({.views = other.engine, .placement = other.placement, .names = other.names});
  EXPECT_EQ(ReasonOf(forked.Checkpoint(0).value().note), "ROOT_NOT_SIGNED");
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_NE(told_[0].message.find("it is the evidence"), std::string::npos);
  // The evidence is kept, the log's signature and the witness's.
  const auto kept = trail::ParseNote(trail::ReadAll(temp_.path() / "one/forked/generation-1/5"));
  ASSERT_TRUE(kept);
  EXPECT_EQ(trail::ParseCheckpoint(kept->text).value(), forked.Checkpoint(0).value().checkpoint);
  EXPECT_EQ(kept->lines.size(), 2u);
  EXPECT_EQ(ReasonOf(root_.Checkpoint(0).value().note), "");
  EXPECT_EQ(told_.size(), 1u);
}

// Such as one that was put back from a backup, and went on otherwise.
TEST_F(RootLogTest, ALogOtherThanWitnessesSignedIsTold) {
  ASSERT_TRUE(Cosign({1}));
  World other;
  for (uint64_t size = 1; size <= 5; ++size) other.Publish("another/trail/1", size == 3 ? 9 : size);
  const RootLog changed({.views = other.engine,
                         .placement = other.placement,
                         .names = other.names,
                         .cosignatures = store_.get(),
                         .real_clock = &clock_,
                         .on_forked = [this](const Error& error) { told_.push_back(error); }});
  const RootLog same({.views = other.engine, .placement = other.placement, .names = other.names});
  const std::string note = same.Checkpoint(0).value().note;
  const auto added = changed.AddCosignatures(note, LinesOf(note, {2}));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().reason, "SIGNED_OTHERWISE");
  EXPECT_EQ(told_, std::vector<Error>{added.error()});
}

// Another node may have folded more than this one: nobody is accused, and asking again helps.
TEST_F(RootLogTest, ACheckpointThatTheLogHasNotReachedIsTakenOnceItHas) {
  World ahead;  // the same deployment, the same key, the same history
  for (uint64_t size = 1; size <= 6; ++size) ahead.Publish("another/trail/1", size);
  const RootLog other({.views = ahead.engine, .placement = ahead.placement, .names = ahead.names});
  const std::string note = other.Checkpoint(0).value().note;
  const auto early = root_.AddCosignatures(note, LinesOf(note, {1}));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, Code::kUnavailable);
  EXPECT_EQ(early.error().reason, "SIGNED_FURTHER");
  EXPECT_TRUE(told_.empty());
  EXPECT_FALSE(std::filesystem::exists(temp_.path() / "one/forked"));
  Grow();
  EXPECT_EQ(ReasonOf(note), "");
}

TEST_F(RootLogTest, TheEvidenceOfAnotherHistoryIsBounded) {
  World other;
  const RootLog forked({.views = other.engine, .placement = other.placement, .names = other.names});
  for (uint64_t size = 1; size <= eventstore::kForkedMax + 2; ++size) {
    other.Publish("another/trail/1", 100 + size);
    if (size > published_) Grow();
    const std::string note = forked.Checkpoint(0).value().note;
    EXPECT_EQ(ReasonOf(note), "ROOT_NOT_SIGNED");
    EXPECT_EQ(ReasonOf(note), "ROOT_NOT_SIGNED");
  }
  size_t files = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(temp_.path() / "one/forked/generation-1")) {
    ++files;
    EXPECT_TRUE(trail::ParseNote(trail::ReadAll(file.path()))) << file.path();
  }
  EXPECT_EQ(files, eventstore::kForkedMax);
}

// The signer's memory was lost, and the log put back: only what witnesses signed tells.
TEST_F(RootLogTest, NothingIsSignedWhereWitnessesHaveSignedALongerLog) {
  ASSERT_TRUE(Cosign({1}));
  World other;  // its signer remembers nothing
  const auto trail = other.Publish("trail/1", 7);
  for (uint64_t size = 1; size <= 3; ++size) other.Publish("another/trail/1", size);
  const RootLog restored({.views = other.engine,
                          .placement = other.placement,
                          .names = other.names,
                          .cosignatures = store_.get(),
                          .real_clock = &clock_,
                          .on_refused = [this](const Error& error) { refused_.push_back(error); }});
  const auto checkpoint = restored.Checkpoint(0);
  ASSERT_FALSE(checkpoint);
  EXPECT_EQ(checkpoint.error().reason, "SIGNED_FURTHER");
  EXPECT_EQ(refused_.size(), 1u);
  const auto proof = restored.ProofOf(trail, 0);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().reason, "SIGNED_FURTHER");
  EXPECT_EQ(refused_.size(), 2u);
  // Nothing was signed: the signer is bound to no root of that size.
  const auto none = [](uint64_t) -> Result<trail::Proof> { return trail::Proof{}; };
  EXPECT_TRUE(
      other.signer.Sign({.origin = other.names.RootOrigin(), .size = 4, .root = Hash{9}}, none));
}

TEST_F(RootLogTest, WhatWitnessesSignedOfAnotherHistoryIsServedNoMore) {
  ASSERT_TRUE(Cosign({1, 2}));
  World other;  // as after a restore from a backup that lacks what was signed
  for (uint64_t size = 1; size <= 6; ++size) other.Publish("another/trail/1", size + 1);
  const RootLog restored({.views = other.engine,
                          .placement = other.placement,
                          .names = other.names,
                          .cosignatures = store_.get(),
                          .real_clock = &clock_,
                          .on_refused = [this](const Error& e) { refused_.push_back(e); }});
  EXPECT_EQ(restored.Checkpoint(0).error().reason, "SIGNED_OTHERWISE");
  EXPECT_EQ(refused_.size(), 1u);
}

TEST_F(RootLogTest, WithoutAPolicyNothingIsKept) {
  const RootLog root(
      {.views = world_.racing, .placement = world_.placement, .names = world_.names});
  const std::string note = root.Checkpoint(0).value().note;
  EXPECT_EQ(root.AddCosignatures(note, LinesOf(note, {1})).error().reason, "NO_WITNESSES");
  EXPECT_EQ(root_.AddCosignatures(note, LinesOf(note, {3})).error().reason, "COSIGNATURE_REFUSED");
  clock_.Advance(-std::chrono::seconds(trail::kWitnessAheadMaxS + 1));
  EXPECT_EQ(ReasonOf(note), "COSIGNATURE_REFUSED");
}

}  // namespace
}  // namespace jalon::api
