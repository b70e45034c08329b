// Exports to tamper with, and what is said of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/trail/trail_testing.h"
#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

// The events of a trail, one for each index.
std::vector<std::string> TrailEvents(uint64_t size);

// Writes an export of these entries, signed by the key, into a new folder under `under`.
std::filesystem::path Export(const TempFolder& under, const std::vector<std::string>& entries,
                             const SignerKey& key = LogKey());

// A checkpoint of the first `size` of them, as somebody kept it.
Evidence OlderOf(const std::vector<std::string>& entries, size_t size,
                 const SignerKey& key = LogKey());
// A receipt for an entry, by the trail's own tree of the first `size`.
Evidence ReceiptOf(const std::vector<std::string>& entries, size_t index, size_t size);

inline constexpr std::string_view kReceiptsOrigin = "audit.example/receipts/3";
// A receipt by the line of a receipts log, which holds a few more.
Evidence ReceiptByLine(const std::string& entry, uint64_t index, std::string_view trail = kOrigin,
                       const SignerKey& log = LogKey(kReceiptsOrigin));

// Verified with the log's key, unless the question says otherwise.
Report Verified(Question question);
Report Verified(const std::filesystem::path& folder);

// The report's first finding; kStale, which no such export has, if there is none.
Flaw FirstFlaw(const Report& report);

// Changes a file by what `change` does to its bytes.
void Tamper(const std::filesystem::path& file, const std::function<void(std::string&)>& change);

// How a person would print it when a test fails.
std::string Describe(const Report& report);

}  // namespace jalon::trail
