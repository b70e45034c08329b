// Entries for tests: whole, valid ones of which a test changes what it is about.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/log/classify.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore::testing {

// A log of so many partitions, with fixed ids.
Birth TestBirth(uint32_t partition_count = 1);
// The same with the system's partition beside them.
Birth TestBirthWithSystem(uint32_t partition_count);

// The claim, and the record with one event of `payload`, that count next after `head`.
log::v1::Claim NextClaim(const ChainHead& head, std::string_view nonce = "0123456789abcdef");
log::v1::Record NextRecord(const ChainHead& head, std::string_view payload = "payload");

// Reads and classifies; an entry that cannot be read is a test failure.
Fate Feed(ChainHead& head, const Blob& entry, uint64_t offset);

// A head behind a genesis and a claim, at offset 1.
ChainHead ClaimedHead();

Blob MakeBlob(std::string text);

// Waits, at most 20 s, until that many entries of the partition are durable.
void AwaitHead(Log& log, uint32_t partition, uint64_t count);
void AwaitEqual(const std::atomic<int>& value, int expected);

// The whole partition from `from` on; by default all after the genesis.
std::vector<StoredEntry> ReadAll(Log& log, Partition partition, Offset from = Offset{1});

// Their bytes. It is a failure if they are not of `partition`, contiguous from `first` on.
std::vector<std::string> TextsOf(const std::vector<StoredEntry>& entries, uint32_t partition,
                                 uint64_t first = 1);

// Polls until `wanted` entries were seen, at most 20 s.
void Drain(Follower& follower, ReadLimit limit, size_t wanted,
           std::map<uint32_t, std::vector<StoredEntry>>* seen);

}  // namespace jalon::eventstore::testing
