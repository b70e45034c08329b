// Says what is wrong with a client's history, against the log that a server left. Knows no server.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "deploy/demo/history.h"

namespace jalon::faults {

using demo::Fact;
using demo::History;

// What the log holds.
struct Held {
  // Each request id, with every place (partition, seq) it stands at.
  std::map<std::string, std::vector<std::pair<uint32_t, uint64_t>>> places;
  std::map<uint32_t, uint64_t> heads;     // last seq by partition
  std::map<uint32_t, uint64_t> barriers;  // records that are no command, by partition
  // By partition, which belongs to one school: the records that set its policy, in order.
  std::map<uint32_t, std::vector<uint64_t>> policy_sets;

  bool operator==(const Held&) const = default;
};

struct Verdict {
  uint64_t acked = 0, refused = 0, unknown = 0;  // commands
  uint64_t lost = 0, doubled = 0;       // of them: acknowledged and not there; there more than once
  uint64_t reads = 0, reads_after = 0;  // answered questions; those with a min_position
  std::vector<std::string> faults;      // each begins with its invariant; empty: the history holds
};

// The invariants, by their numbers:
//
//   1 an acknowledged command is in the log exactly once, at the place acknowledged
//   2 no record without a command that was sent
//   3 a refused command left nothing; one of unknown outcome left itself once or not at all
//   4 no place holds two commands, none is empty or lies beyond the head
//   5 what was acknowledged before another of the same partition was sent precedes it
//   6 a question is answered as of its min_position or later, and does not fail
//   7 what an answer shows is what the log holds at its as_of: no less, and no record more
//   8 what was served before a question was asked, in any session and by any life of the server, is
//     not later than its answer: nobody sees time run backwards. Of several servers each has a
//     time of its own: then only 6 holds.
//   9 a command is refused only for a reason that its sender provokes, and never once it was
//     acknowledged: whatever else it is told is a failure
enum class ServedBy { kOneServer, kSeveral };
struct Terms {
  ServedBy served_by = ServedBy::kOneServer;
  std::set<std::string> may_be_refused;  // the reasons
};
// Of several clients: each one's history by itself says what came before what.
Verdict Check(const std::vector<History>& clients, const Held& held, const Terms& terms);

}  // namespace jalon::faults
