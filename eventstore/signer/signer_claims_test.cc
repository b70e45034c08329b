#include "eventstore/signer/signer_claims.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "eventstore/signer/signer.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/trail_testing.h"

namespace jalon::eventstore {
namespace {

using trail::Checkpoint;
using trail::NaiveTree;

constexpr size_t kEntries = 60;
const std::string kOrigin = "d/s/c/1";

Bytes NameOf(char of) { return Bytes(kClaimantBytes, of); }

SignerClaim By(char of, uint32_t generation = 1) {
  return {.claimant = NameOf(of), .epoch = 1, .generation = generation};
}

TEST(SignerClaimsTest, OneThatClaimsNothingMaySign) {
  SignerClaims claims;
  EXPECT_TRUE(claims.MaySign());
  EXPECT_EQ(claims.Generation(), trail::kFirstGeneration);
  claims.Counted(By('a', 3));
  EXPECT_TRUE(claims.MaySign());
  EXPECT_EQ(claims.Generation(), 3u);
  EXPECT_EQ(claims.Last(), By('a', 3));
}

TEST(SignerClaimsTest, SignsFromItsOwnClaimToTheNextOne) {
  SignerClaims claims;
  std::vector<SignerSeat> told;
  claims.Counted(By('z'));
  claims.Begin(NameOf('a'));
  claims.Attach([&](SignerSeat seat) { told.push_back(seat); });
  EXPECT_EQ(claims.MaySign().error().reason, "NOT_SERVING");
  claims.Counted(By('y'));  // of one that began before
  EXPECT_EQ(claims.MaySign().error().reason, "NOT_SERVING");
  claims.Counted(By('a'));
  EXPECT_TRUE(claims.MaySign());
  claims.Counted(By('b'));
  EXPECT_EQ(claims.MaySign().error().reason, "SIGNER_SUPERSEDED");
  EXPECT_EQ(claims.MaySign().error().code, Code::kFailedPrecondition);
  claims.Counted(By('c'));
  claims.Counted(By('a'));  // whoever says its name again
  EXPECT_EQ(claims.MaySign().error().reason, "SIGNER_SUPERSEDED");
  EXPECT_EQ(told, (std::vector{SignerSeat::kClaiming, SignerSeat::kHeld, SignerSeat::kSuperseded}));
}

// What reading, proving and remembering take is time in which another one may claim.
TEST(SignerClaimsTest, WhoLosesTheSeatMeanwhileSignsNothing) {
  SignerClaims claims;
  claims.Begin(NameOf('a'));
  claims.Counted(By('a'));
  NaiveTree tree(trail::LeavesOf({"1", "2"}));
  Signer signer(SigningKey(trail::SeedFrom(7)), std::make_unique<TransientSignerMemory>(), {},
                &claims);
  const auto at = [&](size_t size) {
    return Checkpoint{.origin = kOrigin, .size = size, .root = tree.Root(size)};
  };
  const std::string transfer = "jalon.transfer/1\n";
  const std::string publication = "jalon publication\n";
  EXPECT_TRUE(signer.Sign(at(1), [](uint64_t) { return trail::Proof(); }));
  EXPECT_TRUE(signer.SignTransfer(transfer, "d/transfers"));
  EXPECT_TRUE(signer.SignPublication(publication));
  const auto note = signer.Sign(at(2), [&](uint64_t old) -> Result<trail::Proof> {
    claims.Counted(By('b'));
    return tree.Consistency(old, 2);
  });
  EXPECT_EQ(note.error().reason, "SIGNER_SUPERSEDED");
  EXPECT_EQ(signer.SignTransfer(transfer, "d/transfers").error().reason, "SIGNER_SUPERSEDED");
  EXPECT_EQ(signer.SignPublication(publication).error().reason, "SIGNER_SUPERSEDED");
}

// It never signs under the name of the generation that another one has opened.
TEST(SignerClaimsTest, TheSeatIsLostBeforeTheGenerationChanges) {
  SignerClaims claims;
  claims.Begin(NameOf('a'));
  claims.Counted(By('a'));
  std::vector<std::pair<SignerSeat, uint32_t>> told;
  claims.Attach([&](SignerSeat seat) { told.emplace_back(seat, claims.Generation()); });
  claims.Counted(By('b', 2));
  EXPECT_EQ(told, (std::vector<std::pair<SignerSeat, uint32_t>>{{SignerSeat::kHeld, 1},
                                                                {SignerSeat::kSuperseded, 1}}));
  EXPECT_EQ(claims.Generation(), 2u);
}

// A process with the deployment's key and a memory of its own, which reads the claims of the one
// log as late as it likes.
struct Process {
  explicit Process(char name)
      : name(name),
        signer(
            SigningKey(trail::SeedFrom(7)), std::make_unique<TransientSignerMemory>(),
            [](const Error& error) { ADD_FAILURE() << error.message; }, &claims) {
    claims.Begin(NameOf(name));
  }
  void ReadOne(const std::vector<SignerClaim>& log) {
    if (read < log.size()) claims.Counted(log[read++]);
  }

  char name;
  size_t read = 0;
  SignerClaims claims;
  Signer signer;
};

// Two that were started with one key: whatever they sign, in whatever order, is one history; and
// once all claims are read only the later one signs.
TEST(SignerClaimsTest, TwoSignersAtOnceStayConsistentAndTheFirstStops) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::string> entries;
    for (size_t i = 0; i < kEntries; ++i) entries.push_back(std::to_string(i));
    NaiveTree tree(trail::LeavesOf(entries));
    std::vector<SignerClaim> log;  // of claims
    std::vector<std::unique_ptr<Process>> processes;
    std::map<uint64_t, std::string> notes;
    size_t size = 1;
    const auto try_to_sign = [&](Process& process) {
      const Checkpoint now{.origin = kOrigin, .size = size, .root = tree.Root(size)};
      const auto note = process.signer.Sign(now, [&](uint64_t old) -> Result<trail::Proof> {
        return tree.Consistency(old, now.size);
      });
      if (!note) return false;
      // The same size has one note, byte for byte, whoever signs it.
      EXPECT_EQ(notes.try_emplace(size, *note).first->second, *note) << "seed " << seed;
      return true;
    };
    for (const char name : {'a', 'b'}) {
      processes.push_back(std::make_unique<Process>(name));
      log.push_back(By(name));
      for (int step = 0; step < 20; ++step) {
        Process& process = *processes[random() % processes.size()];
        if (random() % 3 == 0) process.ReadOne(log);
        if (random() % 3 == 0 && size < kEntries) ++size;
        try_to_sign(process);
      }
    }
    for (const auto& process : processes) {
      while (process->read < log.size()) process->ReadOne(log);
    }
    EXPECT_FALSE(try_to_sign(*processes[0])) << "seed " << seed;
    EXPECT_TRUE(try_to_sign(*processes[1])) << "seed " << seed;
    EXPECT_EQ(processes[0]->claims.Seat(), SignerSeat::kSuperseded);
    const trail::VerifierKey key = processes[0]->signer.VerifierOf(kOrigin);
    for (const auto& [at, note] : notes) {
      const auto parsed = trail::ParseNote(note);
      ASSERT_TRUE(parsed && trail::OpenNote(*parsed, {&key, 1}));
      EXPECT_EQ(trail::ParseCheckpoint(parsed->text)->root, tree.Root(at));
    }
  }
}

}  // namespace
}  // namespace jalon::eventstore
