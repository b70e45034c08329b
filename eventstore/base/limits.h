// Every limit of the event store, with its reason. A queue, a batch or a retry without a line here
// is a defect.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace jalon::limits {

inline constexpr size_t kRecordBytesMax = 512 * 1024;     // Kafka's 1 MiB default message, halved
inline constexpr size_t kReplyBytesMax = 16 * 1024;       // a bulk answer of 100 refused rows
inline constexpr size_t kTrailEventBytesMax = 60 * 1024;  // a tile's entry is at most 65,535 bytes
inline constexpr size_t kRecordsPerBatchMax = 256;  // decided before the log is handed anything
inline constexpr size_t kBytesPerBatchMax = 1024 * 1024;
inline constexpr size_t kQueuedCommandsMax = 4096;   // per partition; beyond: QUEUE_FULL
inline constexpr size_t kInflightRecordsMax = 8192;  // per partition: handed over, not yet counted
inline constexpr std::chrono::milliseconds kStall{5000};  // oldest in flight: then a new claim
inline constexpr std::chrono::milliseconds kClaimTimeout{1000};
inline constexpr std::chrono::seconds kDrainClaimMax{5};  // a drain waits for a claim to count
inline constexpr std::chrono::milliseconds kClaimBackoffMin{200};  // after another's claim counted
inline constexpr std::chrono::milliseconds kClaimBackoffMax{1200};
inline constexpr std::chrono::seconds kClockSuspect{5};
inline constexpr std::chrono::hours kRequestIdWindow{7 * 24};
inline constexpr std::chrono::minutes kRequestIdAhead{5};
inline constexpr size_t kStateFlushRecords = 200'000;  // a restart refolds at most this
inline constexpr std::chrono::seconds kStateFlushInterval{10};
inline constexpr size_t kGroupEntriesMax =
    4096;  // one fsync of the embedded log: about 2 ms of work
inline constexpr size_t kGroupBytesMax = 4 * 1024 * 1024;
inline constexpr size_t kRingEntriesMax = 64 * 1024;  // 2 s at full speed: then followers read disk
inline constexpr size_t kRingBytesMax = 32 * 1024 * 1024;
inline constexpr uint64_t kFreeSpaceFloorBytes = 512 * 1024 * 1024;  // what is in memory must fit
inline constexpr std::chrono::milliseconds kFreeSpaceInterval{
    100};                                          // between two looks at the disk
inline constexpr size_t kPrunedPerFlush = 10'000;  // expired dedupe rows, beside twice what came in
inline constexpr size_t kEntriesPerStepMax = 1024;  // read before other partitions have their turn
inline constexpr uint32_t kPartitionsDefault = 64;
inline constexpr uint32_t kLevel = 1;  // what this binary reads and writes

}  // namespace jalon::limits
