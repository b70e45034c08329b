// What a client saw of the commands it sent, kept in a file of its own, and the check of it against
// what the server holds.
//
// One line a fact: "sent ID", "acked ID PARTITION SEQ", "refused ID REASON". An answer is synced to
// disk before it counts, so that a history never claims less than what its client was told. A
// command with no answer has an unknown outcome.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace jalon::faults {

struct Fact {
  enum class Kind { kSent, kAcked, kRefused } kind = Kind::kSent;
  std::string id;  // request id, hex
  uint32_t partition = 0;
  uint64_t seq = 0;
  std::string reason;

  bool operator==(const Fact&) const = default;
};
using History = std::vector<Fact>;

// Appends facts to a file. Thread safety: one thread.
class Recorder {
 public:
  explicit Recorder(const std::string& path);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Written; synced only with the next answer: a command that was never sent may be missing.
  void Sent(std::string_view id);
  // Synced when it returns.
  void Acked(std::string_view id, uint32_t partition, uint64_t seq);
  void Refused(std::string_view id, std::string_view reason);

 private:
  void Append(const std::string& line, bool synced);
  int fd_;
};

// The facts of a file; a torn last line is left out.
History Read(const std::string& path);

// What the server holds: each request id found in its log, with every place it stands at, and the
// heads.
struct Held {
  std::map<std::string, std::vector<std::pair<uint32_t, uint64_t>>> places;
  std::map<uint32_t, uint64_t> heads;  // last seq by partition
  std::map<uint32_t, uint64_t> bases;  // last seq before the first command of the history
};

struct Verdict {
  uint64_t acked = 0, refused = 0, unknown = 0;
  std::vector<std::string> faults;  // empty: the history holds
};

// Invariants checked (reliability.md): 1 each acknowledged command is in the log once, at the place
// acknowledged; 3 a refused one left nothing; an unknown one is there once or not at all; 4 no
// place holds two commands, none lies beyond the head, and nothing but the history's commands is
// there; 5 what was acknowledged before another of the same partition was sent precedes it.
Verdict Check(const History& history, const Held& held);

}  // namespace jalon::faults
