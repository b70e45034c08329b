// Which partition holds a tenant. Fixed at birth and written in the genesis, so that every node,
// and Kafka's own Java clients, agree for ever.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "eventstore/base/ids.h"

namespace jalon::eventstore {

// The name of the rule below, as Genesis.hash states it.
inline constexpr std::string_view kPartitionHash = "murmur2 & 0x7fffffff mod N";

// MurmurHash2 as Kafka's default partitioner computes it.
uint32_t Murmur2(std::string_view bytes);

// The partition of `key`: the tenant's id as lower-case hexadecimal text.
// REQUIRES: `partition_count` is over 0.
Partition PartitionOf(std::string_view key, uint32_t partition_count);

}  // namespace jalon::eventstore
