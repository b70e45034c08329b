// What witnesses signed: what is taken, what is refused, and what outlives the process.
#include "eventstore/signer/cosignatures.h"

#include <gtest/gtest.h>

#include "eventstore/trail/trail_testing.h"

namespace jalon::eventstore {
namespace {

using trail::KeyType;
using trail::SignerKey;

constexpr std::string_view kRoot = "audit.example/root/1";
constexpr uint64_t kNow = 1'767'225'600;

SignerKey Witness(uint8_t number) {
  return {"witness.example/w" + std::to_string(number), KeyType::kWitness,
          trail::SeedFrom(static_cast<uint8_t>(100 + number))};
}

class CosignaturesTest : public testing::Test {
 protected:
  CosignaturesTest() { Open(); }

  // As if the process began again.
  void Open(const std::string& quorum = "both") {
    store_.reset();
    auto opened = TryOpen(quorum);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }
  Result<std::unique_ptr<Cosignatures>> TryOpen(const std::string& quorum) {
    std::string policy;
    for (const uint8_t number : {uint8_t{1}, uint8_t{2}}) {
      policy += "witness w" + std::to_string(number) + " " +
                trail::FormatVerifierKey(Witness(number).verifier()) + "\n";
    }
    policy += "group both all w1 w2\nquorum " + quorum + "\n";
    return Cosignatures::Open({.folder = folder_,
                               .forked = {},
                               .policy = trail::ParsePolicy(policy).value(),
                               .logs = logs_});
  }
  std::string Text(uint64_t size) {
    return trail::FormatCheckpoint(
        {.origin = std::string(kRoot), .size = size, .root = tree_.Root(size)});
  }
  std::string Signed(uint64_t size, const SignerKey& key = trail::LogKey(kRoot)) {
    return trail::FormatNote({.text = Text(size), .lines = {trail::SignText(Text(size), key)}});
  }
  // While a change of the key goes on.
  std::string SignedByBoth(uint64_t size) {
    return trail::FormatNote({.text = Text(size),
                              .lines = {trail::SignText(Text(size), NextKey()),
                                        trail::SignText(Text(size), trail::LogKey(kRoot))}});
  }
  static SignerKey NextKey() { return {std::string(kRoot), KeyType::kLog, trail::SeedFrom(41)}; }
  static std::string LineOf(const trail::SignatureLine& line) {
    return trail::FormatNote({.text = "", .lines = {line}}).substr(1);
  }
  std::string Line(uint64_t size, uint8_t number, uint64_t time_s = kNow) {
    return LineOf(trail::Cosign(Text(size), Witness(number), time_s));
  }
  Result<Cosignatures::Kept> Add(uint64_t size, const std::string& lines) {
    JALON_ASSIGN_OR_RETURN(const Cosigned read, store_->Read(Signed(size), lines, kNow));
    return store_->Keep(read);
  }
  // Why the lines are refused; empty: they are taken.
  std::string WhyNot(const std::string& lines, uint64_t size = 8) {
    const auto read = store_->Read(Signed(size), lines, kNow);
    if (read) return "";
    EXPECT_EQ(read.error().reason, "COSIGNATURE_REFUSED");
    return read.error().message;
  }
  uint64_t NewestSize(uint64_t least = 0, uint64_t most = 100) {
    const auto newest = store_->Newest(least, most);
    return newest ? newest->checkpoint.size : 0;
  }

  const trail::TempFolder temp_;
  const std::string folder_ = (temp_.path() / "signer/cosigned/generation-1").string();
  std::vector<trail::VerifierKey> logs_ = {trail::LogKey(kRoot).verifier()};
  trail::NaiveTree tree_{std::vector<Hash>(40)};
  std::unique_ptr<Cosignatures> store_;
};

TEST_F(CosignaturesTest, WhatWitnessesSignIsKeptAndServedWithTheCheckpoint) {
  const auto first = Add(8, Line(8, 1));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->is_kept);
  EXPECT_FALSE(first->cosigned.quorum_met);
  const auto second = Add(8, Line(8, 2, kNow - 5));
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->cosigned.quorum_met);
  Open();
  const auto newest = store_->Newest(0, 100);
  ASSERT_TRUE(newest);
  EXPECT_TRUE(newest->quorum_met);
  EXPECT_EQ(newest->by.at(1).time_s, kNow - 5);
  const std::vector<trail::VerifierKey> keys = {trail::LogKey(kRoot).verifier(),
                                                Witness(1).verifier(), Witness(2).verifier()};
  const auto opened = trail::OpenNote(trail::ParseNote(newest->Note()).value(), keys);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->size(), 3u);
}

TEST_F(CosignaturesTest, TheSameAgainChangesNothingAndALaterTimeReplacesAnEarlierOne) {
  ASSERT_TRUE(Add(8, Line(8, 1)));
  const std::string note = store_->Newest(0, 100)->Note();
  ASSERT_TRUE(Add(8, Line(8, 1)));
  ASSERT_TRUE(Add(8, Line(8, 1, kNow - 60)));
  EXPECT_EQ(store_->Newest(0, 100)->Note(), note);
  // Nor is it written again.
  std::filesystem::remove(folder_ + "/8");
  ASSERT_TRUE(Add(8, Line(8, 1)));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/8"));
  ASSERT_TRUE(Add(8, Line(8, 1, kNow + 60)));
  EXPECT_EQ(store_->Newest(0, 100)->by.at(0).time_s, kNow + 60);
  // The note as it was served, with a line that stands in it already.
  EXPECT_TRUE(store_->Read(note, Line(8, 1), kNow));
}

TEST_F(CosignaturesTest, AStrangersLineIsRefusedWhereItIsAlone) {
  EXPECT_NE(WhyNot(Line(8, 3)).find("no witness that this node was told of"), std::string::npos);
  const SignerKey namesake("witness.example/w1", KeyType::kWitness, trail::SeedFrom(7));
  EXPECT_NE(WhyNot(LineOf(trail::Cosign(Text(8), namesake, kNow))).find("no witness"),
            std::string::npos);
  EXPECT_EQ(NewestSize(), 0u);
  // Beside one that is known it is left out, and no reason not to keep that one.
  const auto kept = Add(8, Line(8, 3) + Line(8, 1));
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->cosigned.by.size(), 1u);
  EXPECT_EQ(kept->cosigned.Note().find("witness.example/w3"), std::string::npos);
  // One that is known and does not hold still is one.
  EXPECT_NE(WhyNot(Line(8, 3) + Line(7, 1)).find("has not signed this checkpoint"),
            std::string::npos);
}

TEST_F(CosignaturesTest, ALineThatDoesNotHoldIsRefused) {
  EXPECT_NE(WhyNot(Line(7, 1)).find("has not signed this checkpoint"), std::string::npos);
  for (const size_t byte : {0, 7, 8, 71}) {
    auto line = trail::Cosign(Text(8), Witness(1), kNow);
    line.signature[byte] = static_cast<char>(line.signature[byte] ^ 1);
    EXPECT_NE(WhyNot(LineOf(line)).find("has not signed"), std::string::npos) << byte;
  }
}

TEST_F(CosignaturesTest, ATimeToComeIsRefusedBeyondTheSkew) {
  EXPECT_EQ(WhyNot(Line(8, 1, kNow + trail::kWitnessAheadMaxS)), "");
  const std::string why = WhyNot(Line(8, 1, kNow + trail::kWitnessAheadMaxS + 1));
  EXPECT_NE(why.find("301 seconds ahead"), std::string::npos) << why;
}

TEST_F(CosignaturesTest, NoTimeIsRefused) {
  EXPECT_NE(WhyNot(Line(8, 1, 0)).find("does not say when"), std::string::npos);
  EXPECT_EQ(WhyNot(Line(8, 1, 1)), "");
}

TEST_F(CosignaturesTest, AnotherSpellingIsRefused) {
  const std::string line = Line(8, 1);
  EXPECT_NE(WhyNot(line + line).find("stands twice"), std::string::npos);
  std::string spare = line;  // 76 bytes leave four spare bits before "=="
  ASSERT_EQ(spare[spare.size() - 2], '=');
  ++spare[spare.find('=') - 1];
  EXPECT_NE(WhyNot(spare).find("base64"), std::string::npos);
  std::string many;
  for (uint64_t i = 0; i <= kCosignaturesMax; ++i) many += Line(8, 1, kNow - i);
  EXPECT_NE(WhyNot(many).find("more than 32"), std::string::npos);
  for (uint64_t i = 0; i <= trail::kSignaturesMax; ++i) many += Line(8, 2, kNow - i);
  EXPECT_NE(WhyNot(many).find("more than 32"), std::string::npos);
  for (const std::string& lines : {std::string(), line.substr(0, line.size() - 1), "\n" + line,
                                   line + "\n" + line, "x" + line, line + "\r\n", Signed(8)}) {
    EXPECT_NE(WhyNot(lines), "") << lines;
  }
}

TEST_F(CosignaturesTest, ACheckpointThatTheLogHasNotSignedIsRefused) {
  const auto reason = [&](const std::string& checkpoint) {
    const auto read = store_->Read(checkpoint, Line(8, 1), kNow);
    return read ? "" : read.error().reason;
  };
  EXPECT_EQ(reason(Signed(8)), "");
  EXPECT_EQ(reason("no note"), "ROOT_NOT_SIGNED");
  EXPECT_EQ(reason(Signed(8, trail::LogKey("audit.example/root/2"))), "ROOT_NOT_SIGNED");
  EXPECT_EQ(reason(Signed(8, SignerKey(std::string(kRoot), KeyType::kLog, trail::SeedFrom(9)))),
            "ROOT_NOT_SIGNED");
  // Another key's signature under the name and the id of the log's.
  auto note = trail::ParseNote(Signed(8)).value();
  note.lines[0].signature[3] = static_cast<char>(note.lines[0].signature[3] ^ 1);
  EXPECT_EQ(reason(trail::FormatNote(note)), "ROOT_NOT_SIGNED");
}

TEST_F(CosignaturesTest, OnlyWhatIsNewerThanTheLastThatEnoughHaveSignedIsKept) {
  ASSERT_TRUE(Add(5, Line(5, 1)));
  ASSERT_TRUE(Add(8, Line(8, 1) + Line(8, 2)));
  ASSERT_TRUE(Add(9, Line(9, 1)));
  EXPECT_EQ(NewestSize(), 8u);      // enough have signed this one
  EXPECT_EQ(NewestSize(9), 9u);     // and not yet this one
  EXPECT_EQ(NewestSize(0, 7), 0u);  // what was before is dropped
  const auto late = Add(5, Line(5, 2));
  ASSERT_TRUE(late);
  EXPECT_FALSE(late->is_kept);
  for (uint64_t size = 10; size < 30; ++size) ASSERT_TRUE(Add(size, Line(size, 1)));
  Open();
  EXPECT_EQ(NewestSize(), 8u);
  EXPECT_EQ(NewestSize(9), 29u);
  EXPECT_EQ(NewestSize(9, 29 - kUnmetCheckpointsMax), 0u);
  EXPECT_EQ(NewestSize(9, 30 - kUnmetCheckpointsMax), 30 - kUnmetCheckpointsMax);
}

TEST_F(CosignaturesTest, AnotherCheckpointOfASizeThatIsKeptIsAnIncident) {
  ASSERT_TRUE(Add(8, Line(8, 1)));
  tree_ = trail::NaiveTree(std::vector<Hash>(40, Hash{1}));
  const auto other = Add(8, Line(8, 2));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().reason, "SIGNED_OTHERWISE");
}

// A rotation: for a while both keys sign, and an auditor may have either.
TEST_F(CosignaturesTest, WhatWasSignedBeforeAChangeOfTheKeyIsServedWithEachKeysLine) {
  ASSERT_TRUE(Add(8, Line(8, 1)));
  logs_ = {NextKey().verifier(), trail::LogKey(kRoot).verifier()};
  Open();
  EXPECT_EQ(NewestSize(), 8u);
  const auto read = store_->Read(Signed(8, NextKey()), Line(8, 2), kNow);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_TRUE(store_->Keep(*read));
  const auto later = store_->Read(SignedByBoth(9), Line(9, 1), kNow);
  ASSERT_TRUE(later && store_->Keep(*later));
  Open();
  EXPECT_TRUE(store_->Newest(0, 100)->quorum_met);
  for (const uint64_t size : {8, 9}) {
    const auto note = trail::ParseNote(store_->Newest(size, size)->Note()).value();
    for (const trail::VerifierKey& key : logs_) {
      EXPECT_TRUE(trail::OpenNote(note, {&key, 1})) << size << " " << key.id;
    }
  }
}

// The key before is destroyed; another generation has another name. Neither is damage.
TEST_F(CosignaturesTest, WhatNoKeyOfTodaysSignedIsLeftAloneAndNotServed) {
  ASSERT_TRUE(Add(8, Line(8, 1)));
  const std::string before = trail::ReadAll(folder_ + "/8");
  logs_ = {NextKey().verifier()};
  Open();
  EXPECT_EQ(NewestSize(), 0u);
  EXPECT_EQ(store_->left(), std::set<uint64_t>{8});
  EXPECT_EQ(trail::ReadAll(folder_ + "/8"), before);
  // Nor is it written over.
  for (const uint8_t number : {uint8_t{1}, uint8_t{2}}) {
    const auto read = store_->Read(Signed(8, NextKey()), Line(8, number), kNow);
    ASSERT_TRUE(read && store_->Keep(*read));
  }
  EXPECT_EQ(trail::ReadAll(folder_ + "/8.before"), before);
  EXPECT_NE(trail::ReadAll(folder_ + "/8"), before);
  logs_ = {trail::LogKey("audit.example/root/2").verifier()};
  Open();
  EXPECT_EQ(NewestSize(), 0u);
  EXPECT_EQ(store_->left(), std::set<uint64_t>{8});
}

TEST_F(CosignaturesTest, AWitnessThatIsNamedNoMoreIsLeftOutAndDamageIsNotServed) {
  ASSERT_TRUE(Add(8, Line(8, 1)));
  trail::WriteAll(folder_ + "/9.next", "what a crash left over");
  Open();
  EXPECT_EQ(NewestSize(), 8u);
  const std::string note = trail::ReadAll(folder_ + "/8");
  std::string damaged = note;
  damaged[damaged.size() - 9] ^= 1;
  trail::WriteAll(folder_ + "/8", damaged);
  const auto refused = TryOpen("both");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "COSIGNATURES_DAMAGED");
  EXPECT_NE(refused.error().message.find("and keep it"), std::string::npos);
  trail::WriteAll(folder_ + "/8", note);
  const auto others = Cosignatures::Open(
      {.folder = folder_,
       .forked = {},
       .policy =
           trail::ParsePolicy("witness w2 " + trail::FormatVerifierKey(Witness(2).verifier()) +
                              "\nquorum w2\n")
               .value(),
       .logs = logs_});
  ASSERT_TRUE(others) << others.error().message;
  EXPECT_FALSE((*others)->Newest(0, 100));
  EXPECT_EQ((*others)->left(), std::set<uint64_t>{8});
  const auto nobody = Cosignatures::Open({.folder = folder_,
                                          .forked = {},
                                          .policy = trail::ParsePolicy("quorum none\n").value(),
                                          .logs = logs_});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().reason, "NO_WITNESSES");
  const auto needless = TryOpen("none");
  ASSERT_FALSE(needless);
  EXPECT_NE(needless.error().message.find("quorum none"), std::string::npos);
}

// A note that nobody could read would be served in each export.
TEST_F(CosignaturesTest, NoMoreWitnessesThanANoteHasRoomFor) {
  const auto opened = [&](size_t count) {
    std::string policy;
    for (size_t i = 0; i < count; ++i) {
      const SignerKey key("w" + std::to_string(i), KeyType::kWitness,
                          trail::SeedFrom(static_cast<uint8_t>(i)));
      policy +=
          "witness w" + std::to_string(i) + " " + trail::FormatVerifierKey(key.verifier()) + "\n";
    }
    return Cosignatures::Open({.folder = folder_,
                               .forked = {},
                               .policy = trail::ParsePolicy(policy + "quorum w0\n").value(),
                               .logs = logs_});
  };
  EXPECT_TRUE(opened(62));
  const auto refused = opened(63);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "NO_WITNESSES");
  EXPECT_NE(refused.error().message.find("63"), std::string::npos);
}

}  // namespace
}  // namespace jalon::eventstore
