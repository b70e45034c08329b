// Every limit between a node and the vault that serves it, with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace jalon::eventstore::served {

inline constexpr size_t kKeysPerCallMax = 1024;  // a bulk command has 100 rows of a few sections
inline constexpr size_t kTenantBytesMax = 255;
inline constexpr size_t kPersonBytes = 8;
inline constexpr int kMessageBytesMax = 512 * 1024;  // 1024 persons of tenants with long names

// How long a node waits. Nobody holds a thread of gRPC longer than kBlockingCallMax, and nobody at
// all while the vault is known to be away.
inline constexpr std::chrono::milliseconds kPersonKeysMax{5000};  // holds up no thread
inline constexpr std::chrono::milliseconds kBlockingCallMax{1000};
inline constexpr std::chrono::seconds kDestroyMax{60};  // compacts the key store
inline constexpr std::chrono::seconds kSweepPageMax{10};
inline constexpr std::chrono::seconds kFirstContactMax{3};  // a start goes on without it then

// Whether the vault is there is asked this often; an answer may take kMarkMax.
inline constexpr std::chrono::seconds kAskedEach{2};
inline constexpr std::chrono::milliseconds kAskedEachWhileAway{500};
inline constexpr std::chrono::milliseconds kMarkMax{2000};

// Of keys in a node's memory: what was destroyed elsewhere is forgotten that fast.
inline constexpr std::chrono::seconds kKeysKept{60};
inline constexpr size_t kKeyListsKept = 4096;  // of days, and of a year of a tenant

}  // namespace jalon::eventstore::served
