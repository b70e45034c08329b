// Entries for tests: whole, valid ones of which a test changes what it is about.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventstore/log/classify.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore::testing {

// The genesis of partition `partition` of `partition_count`, with fixed ids.
log::v1::Genesis MakeGenesis(uint32_t partition = 0, uint32_t partition_count = 1);

// The claim, and the record with one event of `payload`, that count next after `head`.
log::v1::Claim NextClaim(const ChainHead& head, std::string_view nonce = "0123456789abcdef");
log::v1::Record NextRecord(const ChainHead& head, std::string_view payload = "payload");

// Reads and classifies; an entry that cannot be read is a test failure.
Fate Feed(ChainHead& head, const Blob& entry, uint64_t offset);

// A head behind a genesis and a claim, at offset 1.
ChainHead ClaimedHead();

}  // namespace jalon::eventstore::testing
