#include "eventstore/log/log_testing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace jalon::eventstore::testing {

Birth TestBirth(uint32_t partition_count) {
  return {.cluster_id = "cluster-id-16byt",
          .log_incarnation = "incarnation-16by",
          .partition_count = partition_count};
}

Birth TestBirthWithSystem(uint32_t partition_count) {
  Birth birth = TestBirth(partition_count);
  birth.system_partition = true;
  return birth;
}

log::v1::Claim NextClaim(const ChainHead& head, std::string_view nonce) {
  log::v1::Claim claim;
  claim.set_level(1);
  claim.set_epoch(head.epoch.value + 1);
  claim.set_nonce(std::string(nonce));
  claim.set_node("node-a");
  claim.set_base_seq(head.seq.value);
  claim.set_base_hash(std::string(View(head.hash)));
  return claim;
}

log::v1::Record NextRecord(const ChainHead& head, std::string_view payload) {
  log::v1::Event event;
  event.set_tenant("tenant-of-16-byt");
  event.set_type(10);
  event.set_aggregate("a");
  event.set_version(head.seq.value + 1);
  event.set_payload(std::string(payload));
  log::v1::Record record;
  record.set_level(1);
  record.set_epoch(head.epoch.value);
  record.set_epoch_id(std::string(View(head.epoch_id)));
  record.set_seq(head.seq.value + 1);
  record.set_prev_hash(std::string(View(head.hash)));
  record.set_recorded_at(1'788'000'000'000'000);
  record.set_request_id("request-id-16byt");
  record.set_tenant("tenant-of-16-byt");
  record.add_events(event.SerializeAsString());
  return record;
}

Fate Feed(ChainHead& head, const Blob& entry, uint64_t offset) {
  const Result<EntryFrame> frame = ReadFrame(*entry);
  EXPECT_TRUE(frame) << (frame ? "" : frame.error().message);
  return frame ? Classify(head, Offset{offset}, *frame, *entry) : Fate::kDiverged;
}

ChainHead ClaimedHead() {
  ChainHead head;
  EXPECT_EQ(Feed(head, EncodeGenesis(GenesisOf(TestBirth(), Partition{0})), 0), Fate::kCounted);
  EXPECT_EQ(Feed(head, EncodeClaim(NextClaim(head)), 1), Fate::kCounted);
  return head;
}

Blob MakeBlob(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

namespace {

void Await(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

}  // namespace

void AwaitHead(Log& log, uint32_t partition, uint64_t count) {
  Await([&] { return log.Head(Partition{partition})->value >= count; });
  EXPECT_EQ(log.Head(Partition{partition})->value, count) << "partition " << partition;
}

void AwaitEqual(const std::atomic<int>& value, int expected) {
  Await([&] { return value == expected; });
  EXPECT_EQ(value, expected);
}

std::vector<StoredEntry> ReadAll(Log& log, Partition partition, Offset from) {
  std::vector<StoredEntry> all;
  while (true) {
    const auto entries = log.ReadFrom(partition, from, {});
    EXPECT_TRUE(entries) << (entries ? "" : entries.error().message);
    if (!entries || entries->empty()) return all;
    all.insert(all.end(), entries->begin(), entries->end());
    from = all.back().offset.Next();
  }
}

std::vector<std::string> TextsOf(const std::vector<StoredEntry>& entries, uint32_t partition,
                                 uint64_t first) {
  std::vector<std::string> texts;
  for (const StoredEntry& entry : entries) {
    EXPECT_EQ(entry.partition.value, partition);
    EXPECT_EQ(entry.offset.value, first + texts.size());
    texts.push_back(*entry.bytes);
  }
  return texts;
}

void Drain(Follower& follower, ReadLimit limit, size_t wanted,
           std::map<uint32_t, std::vector<StoredEntry>>* seen) {
  size_t count = 0;
  Await([&] {
    const auto entries = follower.Poll(limit);
    EXPECT_TRUE(entries) << (entries ? "" : entries.error().message);
    if (!entries) return true;
    EXPECT_LE(entries->size(), limit.entries);
    for (const StoredEntry& entry : *entries) (*seen)[entry.partition.value].push_back(entry);
    count += entries->size();
    return count >= wanted;
  });
  EXPECT_EQ(count, wanted);
}

}  // namespace jalon::eventstore::testing
