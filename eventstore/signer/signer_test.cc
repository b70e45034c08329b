#include "eventstore/signer/signer.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "eventstore/trail/note.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/trail_testing.h"

namespace jalon::eventstore {
namespace {

using trail::Checkpoint;
using trail::NaiveTree;

constexpr size_t kEntries = 20;

std::vector<Hash> Leaves(const std::string& of) {
  std::vector<std::string> entries;
  for (size_t i = 0; i < kEntries; ++i) entries.push_back(of + std::to_string(i));
  return trail::LeavesOf(entries);
}

// Says when it is written.
class WatchedMemory final : public SignerMemory {
 public:
  explicit WatchedMemory(SignerMemory& memory) : memory_(memory) {}
  Result<std::optional<Checkpoint>> Last(std::string_view origin) override {
    return memory_.Last(origin);
  }
  Result<void> Remember(std::span<const Checkpoint> checkpoints) override {
    if (fails) return Fail(Code::kUnavailable, "SIGNER_UNAVAILABLE", "the disk is gone");
    ++writes;
    return memory_.Remember(checkpoints);
  }
  int writes = 0;
  bool fails = false;

 private:
  SignerMemory& memory_;
};

class SignerTest : public testing::Test {
 protected:
  // The process ends, and another one begins with what the memory kept.
  void Restart() {
    auto watched = std::make_unique<WatchedMemory>(disk_);
    watched_ = watched.get();
    signer_ = std::make_unique<Signer>(SigningKey(trail::SeedFrom(7)), std::move(watched),
                                       [this](const Error&) { ++incidents_; });
  }
  Checkpoint At(NaiveTree& tree, size_t size, const std::string& origin = kOrigin) {
    return {.origin = origin, .size = size, .root = tree.Root(size)};
  }
  Result<std::string> Sign(NaiveTree& tree, size_t size, const std::string& origin = kOrigin) {
    return signer_->Sign(At(tree, size, origin), [&](uint64_t old_size) -> Result<trail::Proof> {
      return tree.Consistency(old_size, size);
    });
  }
  std::string ReasonOf(const Result<std::string>& asked) {
    return asked ? "" : asked.error().reason;
  }

  inline static const std::string kOrigin = "d/s/c/1";
  NaiveTree tree_{Leaves("entry ")};
  NaiveTree other_{Leaves("changed ")};
  TransientSignerMemory disk_;
  WatchedMemory* watched_ = nullptr;
  std::unique_ptr<Signer> signer_;
  int incidents_ = 0;
};

TEST_F(SignerTest, SignsWhatGoesOnAndAnybodyCanCheckIt) {
  Restart();
  for (const size_t size : {size_t{0}, size_t{1}, size_t{2}, size_t{7}, size_t{8}, kEntries}) {
    const auto note = Sign(tree_, size);
    ASSERT_TRUE(note) << note.error().message;
    const auto parsed = trail::ParseNote(*note);
    ASSERT_TRUE(parsed);
    const auto key =
        trail::ParseVerifierKey(trail::FormatVerifierKey(signer_->VerifierOf(kOrigin)));
    ASSERT_TRUE(key);
    EXPECT_TRUE(trail::OpenNote(*parsed, {&*key, 1}));
    EXPECT_EQ(trail::ParseCheckpoint(parsed->text), At(tree_, size));
  }
  EXPECT_EQ(incidents_, 0);
}

TEST_F(SignerTest, TheSameAgainIsTheSameBytesAndNoWrite) {
  Restart();
  const auto first = Sign(tree_, 5);
  Restart();
  const auto again = Sign(tree_, 5);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(*first, *again);
  EXPECT_EQ(watched_->writes, 0);
}

TEST_F(SignerTest, AnotherRootOfTheSameSizeIsRefused) {
  Restart();
  ASSERT_TRUE(Sign(tree_, 5));
  Restart();
  EXPECT_EQ(ReasonOf(Sign(other_, 5)), "SIGNED_OTHERWISE");
  EXPECT_EQ(incidents_, 1);
  EXPECT_TRUE(Sign(tree_, 6));  // and the true one goes on
}

TEST_F(SignerTest, ASmallerOneIsRefusedAndSaysToAskAgain) {
  Restart();
  ASSERT_TRUE(Sign(tree_, 5));
  const auto smaller = Sign(tree_, 4);
  EXPECT_EQ(ReasonOf(smaller), "SIGNED_FURTHER");
  EXPECT_EQ(smaller.error().code, Code::kUnavailable);
  EXPECT_EQ(incidents_, 0);  // meanwhile, by this process
  Restart();
  ASSERT_TRUE(Sign(tree_, 5));
  EXPECT_EQ(ReasonOf(Sign(tree_, 4)), "SIGNED_FURTHER");
  EXPECT_EQ(incidents_, 0);  // the log was seen to go as far
  EXPECT_EQ(disk_.Last(kOrigin).value()->size, 5u);
}

// The log was put back from a backup that lacks signed entries: asking again does not help.
TEST_F(SignerTest, ALogThatLacksWhatWasSignedIsAnIncidentOnce) {
  Restart();
  ASSERT_TRUE(Sign(tree_, 5, "d/s/c/1"));
  ASSERT_TRUE(Sign(tree_, 5, "d/s/e/1"));
  Restart();
  EXPECT_EQ(ReasonOf(Sign(tree_, 4, "d/s/c/1")), "SIGNED_FURTHER");
  EXPECT_EQ(incidents_, 1);
  EXPECT_EQ(ReasonOf(Sign(tree_, 4, "d/s/c/1")), "SIGNED_FURTHER");
  EXPECT_EQ(incidents_, 1);
  EXPECT_EQ(ReasonOf(Sign(tree_, 3, "d/s/e/1")), "SIGNED_FURTHER");
  EXPECT_EQ(incidents_, 2);
  // It grew beyond, another way.
  EXPECT_EQ(ReasonOf(Sign(other_, 6, "d/s/c/1")), "SIGNED_OTHERWISE");
  EXPECT_EQ(incidents_, 3);
}

TEST_F(SignerTest, ALargerOneThatDoesNotGoOnIsRefused) {
  for (size_t size = 1; size < kEntries; ++size) {
    Restart();
    const std::string origin = "d/s/c/" + std::to_string(size);
    ASSERT_TRUE(Sign(tree_, size, origin));
    EXPECT_EQ(ReasonOf(Sign(other_, size + 1, origin)), "SIGNED_OTHERWISE") << size;
    EXPECT_EQ(disk_.Last(origin).value(), At(tree_, size, origin));
  }
}

TEST_F(SignerTest, AProofThatLacksAHashOrIsOfAnotherTreeIsNone) {
  Restart();
  ASSERT_TRUE(Sign(tree_, 5));
  const Checkpoint wanted = At(tree_, 9);
  const auto with = [&](trail::Proof proof) {
    return ReasonOf(signer_->Sign(wanted, [&](uint64_t) -> Result<trail::Proof> { return proof; }));
  };
  trail::Proof good = tree_.Consistency(5, 9);
  trail::Proof shorter(good.begin(), good.end() - 1);
  EXPECT_EQ(with(shorter), "SIGNED_OTHERWISE");
  EXPECT_EQ(with(other_.Consistency(5, 9)), "SIGNED_OTHERWISE");
  EXPECT_EQ(with(good), "");
}

TEST_F(SignerTest, NothingIsSignedThatIsNotRemembered) {
  Restart();
  ASSERT_TRUE(Sign(tree_, 5));
  watched_->fails = true;
  EXPECT_EQ(ReasonOf(Sign(tree_, 6)), "SIGNER_UNAVAILABLE");
  watched_->fails = false;
  EXPECT_EQ(watched_->writes, 1);
  ASSERT_TRUE(Sign(tree_, 6));
  EXPECT_EQ(disk_.Last(kOrigin).value()->size, 6u);
}

TEST_F(SignerTest, AProofThatCannotBeMadeSignsNothing) {
  Restart();
  ASSERT_TRUE(Sign(tree_, 5));
  const auto asked = signer_->Sign(At(tree_, 6), [](uint64_t) -> Result<trail::Proof> {
    return Fail(Code::kDataLoss, "INTERNAL", "rows are missing");
  });
  EXPECT_EQ(ReasonOf(asked), "INTERNAL");
  EXPECT_EQ(disk_.Last(kOrigin).value()->size, 5u);
}

TEST_F(SignerTest, EachOriginIsForItself) {
  Restart();
  ASSERT_TRUE(Sign(tree_, 9, "d/s/c/1"));
  EXPECT_TRUE(Sign(other_, 3, "d/s/e/1"));
  EXPECT_NE(signer_->VerifierOf("d/s/c/1").id, signer_->VerifierOf("d/s/e/1").id);
  EXPECT_EQ(signer_->VerifierOf("d/s/c/1").key, signer_->VerifierOf("d/s/e/1").key);
}

// Whoever holds either key verifies.
TEST_F(SignerTest, AfterAChangeOfTheKeyBothSign) {
  Restart();
  ASSERT_TRUE(Sign(tree_, 5));
  const trail::VerifierKey old_key = signer_->VerifierOf(kOrigin);
  const auto with = [&](SigningKeys keys) {
    signer_ = std::make_unique<Signer>(std::move(keys), std::make_unique<WatchedMemory>(disk_));
    return trail::ParseNote(Sign(tree_, 5).value()).value();
  };
  const SigningKey now(trail::SeedFrom(8));
  const auto both = with({now, SigningKey(trail::SeedFrom(7))});
  EXPECT_EQ(both.lines.size(), 2u);
  const trail::VerifierKey new_key = signer_->VerifierOf(kOrigin);
  EXPECT_NE(new_key, old_key);
  EXPECT_TRUE(trail::OpenNote(both, {&new_key, 1}));
  EXPECT_TRUE(trail::OpenNote(both, {&old_key, 1}));
  const auto retired = with(now);
  EXPECT_TRUE(trail::OpenNote(retired, {&new_key, 1}));
  EXPECT_EQ(trail::OpenNote(retired, {&old_key, 1}).error(), trail::Flaw::kNoKnownSignature);
  EXPECT_EQ(ReasonOf(Sign(other_, 6)),
            "SIGNED_OTHERWISE");  // it is held to what the old one signed
}

TEST(OriginTest, IsAKeysNameWhateverTheIds) {
  const std::string origin =
      trail::TrailOrigin(std::string(16, '+'), std::string(16, ' '), "\n\xff");
  EXPECT_EQ(origin, "2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b/20202020202020202020202020202020/0aff/1");
  const auto key = SigningKey(trail::SeedFrom(1)).VerifierOf(origin);
  EXPECT_TRUE(trail::ParseVerifierKey(trail::FormatVerifierKey(key)));
}

}  // namespace
}  // namespace jalon::eventstore
