#include "eventstore/log/rocks/numbered_testing.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/base/check.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore::testing {
namespace {

std::string Refused(const Error& error) { return "refused: " + error.reason; }

// What is wrong with these entries of one partition, which begin at `first`.
std::string CheckEntries(const std::vector<StoredEntry>& entries, uint32_t partition,
                         uint64_t first) {
  for (const StoredEntry& entry : entries) {
    if (entry.partition.value != partition || entry.offset.value != first ||
        *entry.bytes != NumberedText(partition, first)) {
      return fmt::format("lost: {}/{} is another one", partition, first);
    }
    ++first;
  }
  return "";
}

std::string CheckReads(Log& log, uint32_t partition, uint64_t wanted) {
  uint64_t next = 0;
  while (true) {
    const auto entries = log.ReadFrom(Partition{partition}, Offset{next}, {.entries = 7});
    if (!entries) return Refused(entries.error());
    if (entries->empty()) break;
    const std::string wrong = CheckEntries(*entries, partition, next);
    if (!wrong.empty()) return wrong;
    next += entries->size();
  }
  if (next >= wanted) return "";
  return fmt::format("lost: partition {} has {} entries of {}", partition, next, wanted);
}

std::string CheckFollows(Log& log, const Heads& heads) {
  std::vector<Start> from;
  for (uint32_t p = 0; p < kNumberedPartitions; ++p) from.push_back({Partition{p}, Offset{0}});
  const auto follower = log.Follow(from, [] {});
  if (!follower) return Refused(follower.error());
  Heads next{};
  while (true) {
    const auto entries = (*follower)->Poll({.entries = 11});
    if (!entries) return Refused(entries.error());
    if (entries->empty()) break;
    for (const StoredEntry& entry : *entries) {
      const uint32_t partition = entry.partition.value;
      const std::string wrong = CheckEntries({entry}, partition, next[partition]++);
      if (!wrong.empty()) return wrong;
    }
  }
  for (uint32_t p = 0; p < kNumberedPartitions; ++p) {
    if (next[p] < heads[p])
      return fmt::format("lost: follows {} of {} in {}", next[p], heads[p], p);
  }
  return "";
}

}  // namespace

Birth NumberedBirth() {
  return {.cluster_id = std::string(16, 'c'),
          .log_incarnation = std::string(16, 'i'),
          .partition_count = kNumberedPartitions,
          .virtual_clock = false};
}

std::string NumberedText(uint32_t partition, uint64_t offset) {
  if (offset == 0) return *EncodeGenesis(GenesisOf(NumberedBirth(), Partition{partition}));
  return fmt::format("{}/{}/", partition, offset) + std::string(offset * 37 % 90, 'x');
}

void AppendNumbered(Log& log, uint64_t count, bool one_by_one) {
  for (uint32_t p = 0; p < kNumberedPartitions; ++p) {
    const uint64_t head = log.Head(Partition{p})->value;
    std::vector<Blob> entries;
    for (uint64_t offset = head; offset < head + count; ++offset) {
      entries.push_back(std::make_shared<const std::string>(NumberedText(p, offset)));
      if (!one_by_one && entries.size() < count) continue;
      JALON_CHECK(log.Append(Partition{p}, std::exchange(entries, {})));
      while (log.Head(Partition{p})->value <= offset) ::usleep(100);
    }
  }
}

std::string CheckNumbered(Log& log, const Heads& heads) {
  for (uint32_t p = 0; p < kNumberedPartitions; ++p) {
    const std::string wrong = CheckReads(log, p, heads[p]);
    if (!wrong.empty()) return wrong;
  }
  return CheckFollows(log, heads);
}

Heads HeadsOf(const Seen& seen) {
  Heads heads;
  for (uint32_t p = 0; p < kNumberedPartitions; ++p) heads[p] = seen.heads[p];
  return heads;
}

std::string WriteOn(const std::string& folder, const RocksLogOptions& options, Seen& seen) {
  auto opened = RocksLog::Open(folder, options);
  if (!opened) return opened.error().message;
  RocksLog& log = **opened;
  const std::string wrong = CheckNumbered(log, HeadsOf(seen));
  if (!wrong.empty()) return wrong;
  std::vector<Start> from;
  std::vector<std::jthread> writers;
  for (uint32_t p = 0; p < kNumberedPartitions; ++p) {
    const uint64_t head = log.Head(Partition{p})->value;
    from.push_back({Partition{p}, Offset{head}});
    writers.emplace_back([&log, &seen, p, offset = head]() mutable {
      while (true) {
        std::vector<Blob> entries;
        for (uint64_t i = 0; i <= offset % 4; ++i) {
          entries.push_back(std::make_shared<const std::string>(NumberedText(p, offset + i)));
        }
        offset += entries.size();
        seen.appended += entries.size();
        if (!log.Append(Partition{p}, std::move(entries))) ::abort();
        while (offset - seen.heads[p] > 64) std::this_thread::yield();
      }
    });
  }
  const auto follower = log.Follow(from, [] {}).value();
  while (true) {
    const auto entries = follower->Poll({}).value();
    for (const StoredEntry& entry : entries) {
      seen.heads[entry.partition.value] = entry.offset.value + 1;
    }
    if (entries.empty()) std::this_thread::yield();
  }
}

std::string OpenAndCheck(const std::string& folder, const Heads& heads,
                         const RocksLogOptions& options) {
  for (const bool again : {false, true}) {
    auto log = RocksLog::Open(folder, options);
    if (!log) return Refused(log.error());
    std::string wrong = CheckNumbered(**log, heads);
    if (!wrong.empty()) return wrong;
    if (!again) AppendNumbered(**log, 1, true);
  }
  return "";
}

}  // namespace jalon::eventstore::testing
