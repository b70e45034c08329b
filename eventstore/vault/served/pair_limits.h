// Every limit between a vault and its standby, with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace jalon::eventstore::served {

// How long a vault waits for its standby before it says that it is gone. A node waits for a key for
// kBlockingCallMax or longer (limits.h), and asks again.
inline constexpr std::chrono::milliseconds kStandbyAnswerMax{2000};
// For each kPartBytesMax of a change beyond the first, up to kStandbyCompactMax: a slow line brings
// that much in it.
inline constexpr std::chrono::seconds kStandbyPartMax{1};
inline constexpr std::chrono::seconds kStandbyCompactMax{30};  // within kDestroyMax
inline constexpr std::chrono::minutes kStandbyCopyMax{10};     // all keys, over a slow line

// One that is in step is asked this often whether it is there; one that is gone, to come back.
inline constexpr std::chrono::seconds kStandbyAskedEach{1};

inline constexpr size_t kPartBytesMax = 256 * 1024;  // of rows, in a message; peers take 1 MiB
inline constexpr size_t kSessionBytes = 16;
// Of one that was detached, what it may take to be told so; it is asked each kStandbyAskedEach too.
inline constexpr std::chrono::milliseconds kStandbyToldMax{1000};
// The metadata by which a node or a vault says the highest term that it has seen.
inline constexpr const char* kTermMetadata = "vault-term";

}  // namespace jalon::eventstore::served
