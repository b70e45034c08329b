// Checks an export of a trail offline, with a public key and what its holder has kept of the trail
// from before.
//
// In this order: the checkpoint's note; the entries, their tiles and the root; what each entry says
// of its own place; every checkpoint from before; the proof that it is in the root log, where there
// is one and its key is given; every checkpoint of that log from before; witnesses and their times;
// receipts. What a check rests on must have held: where the checkpoint is void, or the entries are
// not those it was signed for, what comes after is not looked at.
//
// Memory: a few bundles of entries for each thread, whatever the size of the trail.
//
// Thread safety: one call, which starts threads of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/flaw.h"
#include "eventstore/trail/key.h"
#include "eventstore/trail/policy.h"

namespace jalon::trail {

// A file that the caller holds: a checkpoint from before, or a receipt.
struct Evidence {
  std::string file;                  // what it is called in a report
  std::string bytes;                 // of the signed note, or of the .tlog-proof
  std::optional<std::string> entry;  // of a receipt: the entry's bytes, where they are held too
};

struct Question {
  std::filesystem::path folder;
  std::vector<VerifierKey> keys = {};    // of logs; the checkpoint's origin is the name of one
  std::vector<PublicKey> replaced = {};  // of them, those that vouch for one that came after
  std::vector<Evidence> older = {};
  std::vector<Evidence> receipts = {};
  std::optional<Policy> policy = {};
  bool published = false;  // it must be in a root log whose key is one of `keys`
  // Cosignatures before the one time are too old, and those after the other do not count: whoever
  // signs ahead of time would be fresh for ever. Needs a policy.
  std::optional<uint64_t> since_s = {};
  std::optional<uint64_t> until_s = {};
  unsigned threads = 1;
  // Is told how many entries of how many were read; false ends it. One call at a time.
  std::function<bool(uint64_t done, uint64_t total)> progress = {};
};

// One thing that is wrong. What does not apply is empty.
struct Finding {
  Flaw flaw;
  std::string file = {};               // under the folder, or of the evidence
  std::optional<uint64_t> entry = {};  // the index of the entry
  std::optional<uint64_t> last = {};   // of a run of entries: the last one
  // What stands there instead: an index, a size, a place in a file.
  std::optional<uint64_t> number = {};
  bool is_held = false;  // in what the holder gave, and not in the export

  bool operator==(const Finding&) const = default;
};

struct Cosigned {
  std::string witness;
  uint64_t time_s = 0;
};

struct Report {
  static constexpr size_t kFindingsMax = 100;

  // Of the gravest finding, the first of its gravity; kValid if there is none.
  Verdict verdict = Verdict::kValid;
  std::optional<Finding> gravest;
  std::vector<Finding> findings;  // the first ones, in the order of the checks; always the gravest
  uint64_t findings_total = 0;

  std::optional<Checkpoint> checkpoint;  // once it was read, signed or not
  std::vector<VerifierKey> signed_by;    // the keys given that have signed it
  bool only_replaced_signed = false;     // each of them one that another came after
  std::optional<Checkpoint> root_log;    // that the checkpoint was proven to be in
  std::string root_key_missing;          // the root log's origin, where nobody gave its key
  std::vector<Cosigned> cosigned;        // by witnesses of the policy, the trail's or the root's
  uint64_t witnesses_asked = 0;          // whom the policy names
  uint64_t witnesses_seen = 0;           // of them, who have signed
  uint64_t entries = 0;                  // read
  bool read_all = true;                  // false: it was plain enough before the end
  uint64_t bytes = 0;                    // of entries
  std::string tenant;                    // as the first entry names them; opaque
  std::string trail;
  int64_t first_recorded_at = 0;  // microseconds since the Unix epoch, UTC; 0 without entries
  int64_t last_recorded_at = 0;
  uint64_t older_checked = 0;
  uint64_t older_fitting = 0;  // of which the trail goes on, and that say more than it does itself
  uint64_t root_older_checked = 0;  // of the root log
  uint64_t root_older_fitting = 0;
  uint64_t receipts_checked = 0;
  uint64_t of_other_generations = 0;  // of those checked

  void Add(Finding finding);
  // So many more, which are not told one by one.
  void Count(uint64_t more) { findings_total += more; }
};

// Fails only where nothing can be said of the export: NOT_READ, a file that the system does not let
// be read, with what to do; CANCELLED.
Result<Report> VerifyExport(const Question& question);

}  // namespace jalon::trail
