// The power goes under a node that signs: under its log, its views and its signer's memory at once.
// What it released before holds of the log that is left, and it signs on from there.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/log/rocks/folder.h"
#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/signer/key_folder.h"
#include "services/node/data_folder.h"
#include "services/node/signing.h"
#include "services/node/tail_cut.h"
#include "tests/faults/power_cut.h"
#include "tests/faults/trail_node.h"

namespace jalon::faults {
namespace {

using eventstore::testing::Ending;
using eventstore::testing::RunInChild;
using eventstore::testing::Shared;
using eventstore::testing::TempFolder;

constexpr uint64_t kOperations = 500;  // a cut comes within so many
constexpr std::chrono::milliseconds kSyncMax{1};
constexpr uint64_t kLong = 200;  // by then much was released
constexpr size_t kOwedMax = 20;  // records: a node waits for its log
constexpr uint64_t kTurnsPerPublication = 8;

// How the power goes once.
struct Life {
  Loss loss = Loss::kAll;
  bool log_syncs = true;
  bool memory_syncs = true;
  bool witness_is_old = false;  // also one in three of the others
  uint64_t lasts = 0;           // so many operations at least
};

std::string Refused(const Error& error) {
  return "refused: " + error.reason + ": " + error.message + "\n";
}

// What failed of what a child takes for granted, such as that what it wrote counts.
std::string Failures() {
  const auto& result = *::testing::UnitTest::GetInstance()->current_test_info()->result();
  std::string words;
  for (int i = 0; i < result.total_part_count(); ++i) {
    words += std::string("failed: ") + result.GetTestPartResult(i).message() + "\n";
  }
  return words;
}

// One turn of a node: some records, and receipts of those that are durable, before the views fold
// them; a trail's checkpoint; now and then the root log's. False: nothing was durable yet.
Result<bool> Turn(TrailNode& node, uint64_t turn, std::mt19937_64& random, const ReleasedFile& to) {
  for (uint64_t left = 1 + random() % 3; left != 0 && node.owed() < kOwedMax; --left) {
    node.Report(random);
  }
  const size_t owed = node.owed();
  JALON_RETURN_IF_ERROR(node.ReleaseReceipts(to));
  if (node.owed() == owed) return false;
  JALON_RETURN_IF_ERROR(node.Fold());
  JALON_RETURN_IF_ERROR(node.ReleaseTrail(node.schools[random() % node.schools.size()],
                                          node.companies[random() % node.companies.size()], to));
  if (turn % kTurnsPerPublication == 0) JALON_RETURN_IF_ERROR(node.Publish());
  if (turn % kTurnsPerPublication == 1) JALON_RETURN_IF_ERROR(node.ReleaseRoot(to));
  return true;
}

// Serves for ever.
std::string Serve(const std::string& data, const TrailNode::Options& options, uint64_t seed,
                  const std::string& released) {
  const auto node = TrailNode::Open(data, options);
  if (!node) return Refused(node.error());
  if (const auto folded = (*node)->FoldAll(); !folded) return Refused(folded.error());
  std::mt19937_64 random(seed);
  const ReleasedFile to(released);
  for (uint64_t turn = 0; Failures().empty();) {
    const auto done = Turn(**node, turn, random, to);
    if (!done) return Refused(done.error());
    if (*done) {
      ++turn;
    } else {
      std::this_thread::yield();
    }
  }
  return Failures();
}

// What a node finds when it is started again over what is left.
class Restarted {
 public:
  Restarted(TrailNode& node, const eventstore::SigningKey& key, const std::string& released)
      : node_(node), key_(key), path_(released), released_(ReleasedFile::Read(released, key)) {}

  // Holds what was released to the log as it is now.
  Result<void> CheckLog() {
    JALON_ASSIGN_OR_RETURN(LogTrees log, LogTrees::Read(node_.log(), node_.log().birth()));
    CheckReleased(released_, log, &complaints_);
    return {};
  }
  // Whatever was released was remembered before. Complaint: "memory".
  Result<void> CheckMemory() {
    for (const Released& one : released_) {
      if (!one.checkpoint) continue;
      const auto& [origin, size, root] = *one.checkpoint;
      JALON_ASSIGN_OR_RETURN(const auto last, node_.memory().Last(origin));
      if (last && (last->size > size || last == one.checkpoint)) continue;
      complaints_.Add("memory", fmt::format("{} was released at {} entries, and remembered at {}",
                                            origin, size, last ? last->size : 0));
    }
    return {};
  }
  // Signs all as it is, and once more when there is more; what is signed goes on from all that was
  // released before. Complaints: "silent", "forked".
  Result<void> SignOn(std::mt19937_64& random) {
    const ReleasedFile to(path_);
    JALON_RETURN_IF_ERROR(node_.FoldAll());
    JALON_RETURN_IF_ERROR(node_.ReleaseAll(to));
    for (int i = 0; i < 5; ++i) node_.Report(random);
    JALON_RETURN_IF_ERROR(node_.Publish());
    JALON_RETURN_IF_ERROR(node_.ReleaseReceipts(to));  // of what is durable, before it is folded
    JALON_RETURN_IF_ERROR(node_.FoldAll());
    JALON_RETURN_IF_ERROR(node_.ReleaseAll(to));
    std::vector<Released> signed_on = ReleasedFile::Read(path_, key_, released_.size());
    std::map<std::string, trail::Checkpoint> newest;
    for (const Released& one : signed_on) {
      if (one.checkpoint) newest[one.checkpoint->origin] = *one.checkpoint;
    }
    for (const Released& one : released_) {
      if (one.checkpoint) CheckGoesOn(*one.checkpoint, newest);
    }
    std::ranges::move(signed_on, std::back_inserter(released_));
    return CheckLog();
  }
  std::string Complained() const { return complaints_.Text(); }

 private:
  void CheckGoesOn(const trail::Checkpoint& old,
                   const std::map<std::string, trail::Checkpoint>& newest) {
    const auto found = newest.find(old.origin);
    if (found == newest.end()) return complaints_.Add("silent", old.origin);
    const trail::Checkpoint& now = found->second;
    if (old.size <= now.size) {
      const auto proof = node_.ConsistencyProof(old.origin, old.size, now.size);
      if (proof && trail::VerifyConsistency(old.size, old.root, now.size, now.root, *proof)) return;
    }
    complaints_.Add("forked",
                    fmt::format("{} at {} and at {} entries", old.origin, old.size, now.size));
  }

  TrailNode& node_;
  const eventstore::SigningKey& key_;
  const std::string path_;
  std::vector<Released> released_;
  Complaints complaints_;
};

class TrailPowerCutTest : public ::testing::Test {
 protected:
  void Begin(const std::string& name) {
    data_ = temp_ / name;
    std::filesystem::create_directories(data_);
    const Ending ending = RunInChild([&] {
      const auto created = TrailNode::Create(data_);
      return created ? std::string() : Refused(created.error());
    });
    ASSERT_EQ(ending.words, "");
    const ReleasedFile none_yet(Path());
  }

  void ServeUntilCut(const Life& life) {
    const uint64_t seed = random_();
    const PowerCut cut{.seed = seed,
                       .at = life.lasts + seed % (kOperations - life.lasts),
                       .loss = life.loss,
                       .witness = eventstore::rocks::WitnessPath(node::LogIn(data_)),
                       .witness_is_old = life.witness_is_old || seed % 3 == 0,
                       .never_synced = life.memory_syncs ? std::string() : node::SignerIn(data_),
                       .sync_max = kSyncMax};
    const Ending ending = RunUntilCut(cut, &*counts_, [&](FaultyDisk& disk) {
      return Serve(data_, {.env = disk.env(), .log_syncs = life.log_syncs}, seed, Path());
    });
    EXPECT_EQ(ending.words, "") << "seed " << seed;
    ASSERT_EQ(ending.signal, SIGKILL) << "seed " << seed;
  }

  // What is wrong once it was started again. What a start refuses is mended first, as an operator
  // would.
  std::string Restart() {
    const uint64_t seed = random_();
    std::string found;
    for (int mended = 0; mended < 4; ++mended) {
      const Ending ending = RunInChild([&] { return Check(seed); });
      found = ending.words;
      if (ending.signal != 0) return "ended by signal " + std::to_string(ending.signal) + "\n";
      std::string failed;
      if (found.starts_with("refused: LOG_CORRUPT")) {
        ++tails_cut_;
        failed = CutTail();
      } else if (found.starts_with("refused: INTERNAL")) {
        DeleteDamagedViews(found);
      } else if (found.find("jalon signer repair") != std::string::npos) {
        ++memories_cut_;
        failed = CutMemory();
      } else {
        return found;
      }
      if (!failed.empty()) return found + failed;
    }
    return found;
  }

  std::string Path() const { return data_ + ".released"; }

  // How much was released by the node that was begun last.
  void CountReleased() {
    const auto key = eventstore::LoadSigningKey(eventstore::KeyIn(node::SignerIn(data_)));
    ASSERT_TRUE(key);
    for (const Released& one : ReleasedFile::Read(Path(), *key)) {
      ++(one.receipt ? receipts_ : checkpoints_);
    }
  }

  // They are folded anew, so that only what is checked here tells what is lost.
  void DeleteViews() { std::filesystem::remove_all(node::ViewsIn(data_)); }

  const TempFolder temp_{TempFolder::kInMemory};
  std::string data_;
  const Shared<FaultCounts> counts_;
  const Shared<std::atomic<uint64_t>> folded_again_;  // entries, by views that were behind
  std::mt19937_64 random_{11};
  uint64_t receipts_ = 0;
  uint64_t checkpoints_ = 0;
  int tails_cut_ = 0;
  int views_deleted_ = 0;
  int memories_cut_ = 0;

 private:
  std::string Check(uint64_t seed) {
    const auto key = eventstore::LoadSigningKey(eventstore::KeyIn(node::SignerIn(data_)));
    if (!key) return Refused(key.error());
    const auto node = TrailNode::Open(data_, {});
    if (!node) return Refused(node.error());
    *folded_again_ += (*node)->folds_again();
    Restarted restarted(**node, *key, Path());
    std::string refused;
    const auto keep = [&](const Result<void>& done) {
      if (!done) refused += Refused(done.error());
    };
    keep(restarted.CheckLog());
    keep(restarted.CheckMemory());
    std::mt19937_64 random(seed);
    keep(restarted.SignOn(random));
    return refused + restarted.Complained() + Failures();
  }

  std::string CutTail() {
    return RunInChild([&] {
             const auto cut = node::CutTail(data_, false, SystemClock());
             return cut ? std::string() : Refused(cut.error());
           })
        .words;
  }
  std::string CutMemory() {
    return RunInChild([&] {
             const auto cut = node::RepairMemoryIn(data_, false);
             return cut ? std::string() : Refused(cut.error());
           })
        .words;
  }
  void DeleteDamagedViews(const std::string& told) {
    std::printf("views are deleted: %s", told.c_str());
    ++views_deleted_;
    DeleteViews();
  }
};

TEST_F(TrailPowerCutTest, WhatWasReleasedHoldsAndIsSignedOn) {
  constexpr int kRounds = 12;
  constexpr int kRoundsMax = 40;  // what a cut takes away depends on when it comes
  const auto bitten = [&] {
    return receipts_ > 1'000 && checkpoints_ > 500 && counts_->bytes_lost > 2'000 &&
           counts_->names_undone > 5 && *folded_again_ > 50 && memories_cut_ > 0;
  };
  for (int round = 0; round < kRounds || (round < kRoundsMax && !bitten()); ++round) {
    if (round % 2 == 0) Begin("data" + std::to_string(round));  // each check reads all of it
    for (const Loss cut : kLosses) {
      const Loss loss = round < kRounds ? cut : Loss::kHoles;  // which leave what a start refuses
      ServeUntilCut({.loss = loss});
      ASSERT_EQ(Restart(), "") << "round " << round << ", loss " << static_cast<int>(loss);
    }
    if (round % 2 == 1) CountReleased();
  }
  std::printf(
      "%lu receipts and %lu checkpoints held, %lu bytes lost, %lu names undone, %lu entries folded "
      "again, %d tails and %d memories cut, views deleted %d times\n",
      receipts_, checkpoints_, counts_->bytes_lost, counts_->names_undone, folded_again_->load(),
      tails_cut_, memories_cut_, views_deleted_);
  EXPECT_TRUE(bitten());
}

bool Says(const std::string& found, const std::string& what) {
  return found.starts_with(what) || found.find("\n" + what) != std::string::npos;
}

TEST_F(TrailPowerCutTest, MutantThatDoesNotSyncTheLogIsCaught) {
  int ahead = 0, receipts = 0, refused = 0;
  for (int round = 0; round < 6; ++round) {
    Begin("data" + std::to_string(round));
    ServeUntilCut(
        {.loss = kLosses[round % 2], .log_syncs = false, .witness_is_old = true, .lasts = kLong});
    DeleteViews();
    const std::string found = Restart();
    ahead += Says(found, "ahead: ");
    receipts += Says(found, "receipt: ");
    refused += Says(found, "refused: SIGNED_FURTHER") || Says(found, "refused: SIGNED_OTHERWISE");
  }
  std::printf("ahead %d, receipts %d, refused %d\n", ahead, receipts, refused);
  EXPECT_GT(ahead, 2);
  EXPECT_GT(receipts, 2);
  EXPECT_GT(refused, 2);
}

TEST_F(TrailPowerCutTest, MutantThatSignsBeforeItsMemoryIsSyncedIsCaught) {
  int caught = 0;
  for (int round = 0; round < 6; ++round) {
    Begin("data" + std::to_string(round));
    ServeUntilCut({.loss = kLosses[round % 2], .memory_syncs = false, .lasts = kLong});
    const std::string found = Restart();
    const bool is_caught = found.starts_with("memory: ") && std::ranges::count(found, '\n') == 1;
    EXPECT_TRUE(found.empty() || is_caught) << found;  // and nothing else is wrong
    caught += is_caught;
  }
  std::printf("%d caught\n", caught);
  EXPECT_GT(caught, 2);
}

// What the memory is for: without it, a log that lost what was signed is signed a second time.
TEST_F(TrailPowerCutTest, MutantThatSyncsNeitherSignsAnotherHistory) {
  int caught = 0;
  for (int round = 0; round < 4; ++round) {
    Begin("data" + std::to_string(round));
    ServeUntilCut({.loss = Loss::kAll,
                   .log_syncs = false,
                   .memory_syncs = false,
                   .witness_is_old = true,
                   .lasts = kLong});
    DeleteViews();
    const std::string lost = Restart();
    EXPECT_FALSE(Says(lost, "refused: ")) << lost;
    ServeUntilCut({.loss = Loss::kAll, .lasts = kLong});
    const std::string found = Restart();
    caught += Says(found, "forked: ") && Says(found, "other: ");
  }
  std::printf("%d caught\n", caught);
  EXPECT_GT(caught, 1);
}

}  // namespace
}  // namespace jalon::faults
