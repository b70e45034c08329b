// Exports to tamper with, and what is said of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/trail/note.h"
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

inline constexpr std::string_view kRootOrigin = "audit.example/root/1";
// A root log of checkpoints of other logs, and one of an export's.
class PublishedIn {
 public:
  // The export's stands at `at`. Logs of another `history` differ in their first entry.
  PublishedIn(const std::filesystem::path& folder, size_t size, size_t at = 2,
              const std::string& history = "one", const SignerKey& key = LogKey(kRootOrigin));

  // Its checkpoint at that size, signed, with these lines behind the log's.
  std::string NoteOf(size_t size, const std::vector<SignatureLine>& more = {});
  std::string Text(size_t size);
  // Such a line, of the witness of the published example or another one.
  SignatureLine CosignatureOf(size_t size, uint64_t time_s, const SignerKey& key = WitnessKey());
  // Writes the export's proof into its folder; of the checkpoint of that size, as `note` has it.
  void Prove(size_t size, const std::string& note);
  // And that this goes on from `old_size`, with the entry after it where that is a power of two.
  void ProveSince(size_t old_size, size_t size, const std::string& note);

 private:
  const std::filesystem::path folder_;
  const size_t at_;
  const SignerKey key_;
  NaiveTree tree_;
};

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
