// The power fails: what was never synced is gone, half there, or zeros, and so are names of files.
// Whatever somebody was told of is there once the power is back.
#include "tests/faults/power_cut.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <iterator>
#include <latch>
#include <random>

#include "eventstore/base/check.h"
#include "eventstore/log/rocks/child_testing.h"
#include "eventstore/log/rocks/folder.h"
#include "eventstore/log/rocks/numbered_testing.h"
#include "eventstore/log/rocks/repair.h"
#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/key_repair.h"

namespace jalon::eventstore::testing {
namespace {

using faults::FaultCounts;
using faults::FaultyDisk;
using faults::GoDark;
using faults::kLosses;
using faults::Loss;

constexpr uint64_t kOperations = 500;  // a cut comes within so many

// Keys are made for the entries of partition 0: the key of a person is durable before the entry
// that names them is appended.
struct Given {
  std::atomic<uint64_t> keys = 0;  // handed out: those of offsets 1..keys
};
const Bytes kTenant = "school";
Bytes PersonOf(uint64_t offset) {
  Bytes person(8, '\0');
  for (int i = 0; i < 8; ++i) person[i] = static_cast<char>(offset >> (8 * i));
  return person;
}

Result<std::unique_ptr<Vault>> OpenVault(const std::string& folder,
                                         const KeyStore::Options& options, const Clock& clock) {
  JALON_ASSIGN_OR_RETURN(auto store, KeyStore::Open(folder, options));
  return MakeEmbeddedVault(std::move(store), EpochKeys(folder + ".epochs"),
                           Secret::From(std::string(32, 'r')), clock);
}

Result<void> MakeKey(Vault& vault, uint64_t offset) {
  std::latch done(1);
  Result<void> made;
  vault.PersonKeys(kTenant, {{PersonOf(offset), true}}, [&](const auto& found) {
    if (!found) made = std::unexpected(found.error());
    done.count_down();
  });
  done.wait();
  return made;
}

class PowerCutTest : public ::testing::Test {
 protected:
  void Create(const std::string& folder) {
    const Ending ending = RunInChild([&] {
      const auto created = RocksLog::Create(folder, NumberedBirth());
      return created ? std::string() : created.error().message;
    });
    ASSERT_EQ(ending.words, "");
  }
  // A new log, of which nobody has seen anything.
  void Begin(const std::string& name) {
    log_ = temp_ / name;
    for (auto& head : seen_->heads) head = 0;
    Create(log_);
  }
  // Runs `body` over a disk whose power goes at a random moment.
  void RunUntilCut(Loss loss, const std::function<std::string(FaultyDisk&)>& body) {
    const uint64_t seed = random_();
    const Ending ending = faults::RunUntilCut({.seed = seed,
                                               .at = seed % kOperations,
                                               .loss = loss,
                                               .witness = rocks::WitnessPath(log_),
                                               .witness_is_old = seed % 3 == 0},
                                              &*counts_, body);
    EXPECT_EQ(ending.words, "") << "seed " << seed;
    ASSERT_EQ(ending.signal, SIGKILL) << "seed " << seed;
  }
  void WriteUntilCut(Loss loss, bool sync) {
    RunUntilCut(loss, [&](FaultyDisk& disk) {
      RocksLogOptions options;
      options.memtable_bytes = 64 * 1024;  // flushes all the time
      options.testing.env = disk.env();
      options.testing.sync = sync;
      return WriteOn(log_, options, *seen_);
    });
  }
  // What a start finds. A damaged end that nobody was told of is cut first, as an operator would.
  std::string Start() {
    const auto open = [&] {
      return RunInChild([&] { return OpenAndCheck(log_, HeadsOf(*seen_)); }).words;
    };
    std::string found = open();
    if (found != "refused: LOG_CORRUPT") return found;
    ++repaired_;
    found = RunInChild([&] {
              const auto cut = RepairCutTail(log_, {}, SystemClock());
              return cut ? std::string() : "not repaired: " + cut.error().message;
            }).words;
    return found.empty() ? open() : found;
  }
  // Start has written one entry more to each partition.
  void StartedOnce() {
    for (auto& head : seen_->heads) ++head;
  }
  uint64_t SeenEntries() {
    uint64_t entries = 0;
    for (const auto& head : seen_->heads) entries += head;
    return entries;
  }

  const TempFolder temp_{TempFolder::kInMemory};
  std::string log_ = temp_ / "log";
  const std::string keys_ = temp_ / "keys";
  const Shared<Seen> seen_;
  const Shared<Given> given_;
  const Shared<FaultCounts> counts_;
  std::mt19937_64 random_{7};
  int repaired_ = 0;
};

TEST_F(PowerCutTest, NoEntryThatWasSeenIsLost) {
  constexpr int kRounds = 12;
  constexpr int kRoundsMax = 60;  // what a cut takes away depends on when it comes
  uint64_t entries = 0;
  const auto bitten = [&] {
    return entries > 5'000 && counts_->bytes_lost > 5'000 && counts_->names_undone > 0 &&
           repaired_ > 0;
  };
  for (int round = 0; round < kRounds || (round < kRoundsMax && !bitten()); ++round) {
    if (round % 2 == 0) Begin("log" + std::to_string(round));  // each check reads all of it
    entries -= SeenEntries();
    for (const Loss loss : kLosses) {
      WriteUntilCut(loss, true);
      ASSERT_EQ(Start(), "") << "round " << round << ", loss " << static_cast<int>(loss);
      StartedOnce();
    }
    entries += SeenEntries();
  }
  std::printf("%lu entries seen, %lu bytes lost, %lu names undone, %d tails cut\n", entries,
              counts_->bytes_lost, counts_->names_undone, repaired_);
  EXPECT_TRUE(bitten());
}

TEST_F(PowerCutTest, MutantThatDoesNotSyncIsCaught) {
  int rounds = 0;
  int caught = 0;
  for (; rounds < 12; ++rounds) {
    Begin("log" + std::to_string(rounds));
    WriteUntilCut(kLosses[rounds % 3], false);
    caught += !Start().empty();
  }
  std::printf("%d of %d caught\n", caught, rounds);
  EXPECT_GT(caught, 1);  // a cut may come where nothing waits for a sync
}

// Made and copied: what is there by its name is there whole.
TEST_F(PowerCutTest, ANewLogAndABackupAreDurableWhenTheyAreReported) {
  const std::string backup = temp_ / "backup";
  const auto cut_after = [&](const auto& body) {
    const Ending ending = RunInChild([&]() -> std::string {
      FaultyDisk disk({.at_cut = GoDark}, &*counts_);
      RocksLogOptions options;
      options.testing.env = disk.env();
      const std::string& made = body(options);
      disk.Moved(made + ".unborn", made);
      disk.Cut();
      return "the power was to go";
    });
    ASSERT_EQ(ending.words, "");
    ASSERT_EQ(ending.signal, SIGKILL);
  };
  const auto check = [](const std::string& folder, uint64_t entries) {
    Heads heads;
    heads.fill(entries);
    return RunInChild([&] { return OpenAndCheck(folder, heads); }).words;
  };
  const auto create = [&](bool sync) {
    cut_after([&](RocksLogOptions& options) {
      options.testing.sync = sync;
      JALON_CHECK(RocksLog::Create(log_, NumberedBirth(), options));
      return log_;
    });
    return check(log_, 1);
  };
  EXPECT_NE(create(false), "");  // a mutant: the cut does take away what was not synced
  std::filesystem::remove_all(log_);
  EXPECT_EQ(create(true), "");
  cut_after([&](const RocksLogOptions& options) -> const std::string& {
    const auto log = RocksLog::Open(log_, options).value();
    AppendNumbered(*log, 5, true);
    JALON_CHECK(log->Backup(backup));
    return backup;
  });
  EXPECT_EQ(check(log_, 7), "");
  std::filesystem::remove(rocks::BackupMarkPath(backup));  // else a start refuses it
  EXPECT_EQ(check(backup, 7), "");
}

class KeysPowerCutTest : public PowerCutTest {
 protected:
  // A new log and new keys.
  void BeginKeys() {
    for (const std::string& path : {keys_, keys_ + ".epochs", log_, witness_}) {
      std::filesystem::remove_all(path);
    }
    Create(log_);
    given_->keys = 0;
  }
  // Makes a key, then appends the entry that names it, for ever.
  void MakeKeysUntilCut(Loss loss, bool sync) {
    RunUntilCut(loss, [&](FaultyDisk& disk) -> std::string {
      const SystemClock clock;
      RocksLogOptions options;
      options.testing.env = disk.env();
      const auto log = RocksLog::Open(log_, options);
      if (!log) return log.error().message;
      const auto vault = OpenVault(
          keys_, {.witness_path = witness_, .testing = {.sync = sync, .env = disk.env()}}, clock);
      if (!vault) return vault.error().message;
      for (uint64_t next = (*log)->Head(Partition{0})->value;; ++next) {
        if (const auto made = MakeKey(**vault, next); !made) return made.error().message;
        given_->keys = next;
        const auto entry = std::make_shared<const std::string>(NumberedText(0, next));
        if (!(*log)->Append(Partition{0}, {entry})) return "cannot append";
        while ((*log)->Head(Partition{0})->value <= next) ::usleep(10);
        seen_->heads[0] = next + 1;
      }
    });
  }
  // Empty if every key is there that was handed out, or that an entry of the log names.
  std::string FindKeys() {
    return RunInChild([&]() -> std::string {
             const SystemClock clock;
             const auto log = RocksLog::OpenReadOnly(log_);
             if (!log) return log.error().message;
             const auto vault = OpenVault(keys_, {.witness_path = witness_}, clock);
             if (!vault) return vault.error().message;
             const uint64_t head = (*log)->Head(Partition{0})->value;
             for (uint64_t i = 1; i <= given_->keys || i < head; ++i) {
               const auto found = (*vault)->FindPersonKey(kTenant, PersonOf(i));
               if (found && found->state == KeyFound::State::kFound) continue;
               return i < head ? "an entry whose key is gone" : "a key that was given is gone";
             }
             return "";
           })
        .words;
  }
  // Cuts what a start of either refuses, as an operator would.
  void Repair() {
    const std::string log = RunInChild([&]() -> std::string {
                              const auto opened = RocksLog::Open(log_);
                              if (opened || opened.error().reason != "LOG_CORRUPT") return "";
                              const auto cut = RepairCutTail(log_, {}, SystemClock());
                              return cut ? "cut" : cut.error().message;
                            }).words;
    ASSERT_TRUE(log.empty() || log == "cut") << log;
    const std::string keys = RunInChild([&]() -> std::string {
                               const auto opened =
                                   KeyStore::Open(keys_, {.witness_path = witness_});
                               if (opened || !AsksToRepair(opened.error())) return "";
                               const auto cut = RepairKeyStore(keys_, witness_, false);
                               return cut ? "cut" : cut.error().message;
                             }).words;
    ASSERT_TRUE(keys.empty() || keys == "cut") << keys;
    repaired_ += log == "cut";
    keys_repaired_ += keys == "cut";
  }
  static bool AsksToRepair(const Error& error) {
    return error.message.find("jalon vault repair") != std::string::npos;
  }

  std::string witness_ = {};  // of the keys; empty: none
  int keys_repaired_ = 0;
};

TEST_F(KeysPowerCutTest, NoKeyThatWasGivenIsLost) {
  constexpr int kCuts = 24;
  constexpr int kCutsMax = 400;  // what a cut takes away depends on when it comes
  witness_ = temp_ / "keys.witness";
  uint64_t given = 0;
  const auto bitten = [&] {
    return given > 200 && counts_->bytes_lost > 1'000 && keys_repaired_ > 0;
  };
  for (int cut = 0; cut < kCuts || (cut < kCutsMax && !bitten()); ++cut) {
    if (cut % kCuts == 0) BeginKeys();  // each check reads all of them
    // Only holes leave what a start refuses.
    const Loss loss = cut < kCuts ? kLosses[cut % std::size(kLosses)] : Loss::kHoles;
    const uint64_t before = given_->keys;
    MakeKeysUntilCut(loss, true);
    given += given_->keys - before;
    ASSERT_NO_FATAL_FAILURE(Repair());
    ASSERT_EQ(FindKeys(), "") << "cut " << cut << ", loss " << static_cast<int>(loss);
  }
  std::printf("%lu keys given, %lu bytes lost, %lu names undone, %d logs and %d key stores cut\n",
              given, counts_->bytes_lost, counts_->names_undone, repaired_, keys_repaired_);
  EXPECT_TRUE(bitten());
}

TEST_F(KeysPowerCutTest, MutantThatDoesNotSyncIsCaught) {
  int caught = 0;
  for (int round = 0; round < 6; ++round) {
    BeginKeys();
    MakeKeysUntilCut(Loss::kAll, false);
    caught += !FindKeys().empty();
  }
  EXPECT_GT(caught, 3);
}

// A sync that fails once leaves bytes of which nobody knows whether they are there; a second one
// says that all is well. So there is none.
TEST_F(KeysPowerCutTest, AFailedSyncEndsTheLog) {
  Create(log_);
  const Ending ending = RunInChild([&] {
    FaultyDisk disk({.cut_at = 5000, .fail_sync_at = 40, .at_cut = GoDark}, &*counts_);
    RocksLogOptions options;
    options.testing.env = disk.env();
    return WriteOn(log_, options, *seen_);
  });
  EXPECT_EQ(ending.signal, SIGABRT) << ending.words;
  EXPECT_EQ(counts_->failed, 1u);
  EXPECT_EQ(counts_->syncs_after, 0u);
  EXPECT_GT(SeenEntries(), 20u);
  EXPECT_EQ(Start(), "");
}

TEST_F(KeysPowerCutTest, AFailedSyncOfTheKeysIsNeverRetried) {
  const Ending ending = RunInChild([&]() -> std::string {
    const SystemClock clock;
    FaultyDisk disk({.fail_sync_at = 20}, &*counts_);
    uint64_t told = 0;
    const auto on_failure = [&](const Error& error) {
      told += error.reason == "VAULT_UNAVAILABLE";
    };
    const auto vault =
        OpenVault(keys_, {.on_failure = on_failure, .testing = {.env = disk.env()}}, clock).value();
    uint64_t next = 1;
    while (next < 1000 && MakeKey(*vault, next)) given_->keys = next++;
    if (MakeKey(*vault, next) || MakeKey(*vault, next + 1)) return "it went on";
    if (vault->FindPersonKey(kTenant, PersonOf(next))->key != nullptr) return "a key was given";
    if (told == 0) return "nobody was told";
    return "";
  });
  EXPECT_EQ(ending.words, "");
  EXPECT_EQ(counts_->failed, 1u);
  EXPECT_EQ(counts_->syncs_after, 0u);
  EXPECT_GT(given_->keys, 10u);
  Create(log_);
  EXPECT_EQ(FindKeys(), "");
}

}  // namespace
}  // namespace jalon::eventstore::testing
