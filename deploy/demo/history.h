// What a client saw of the commands it sent and of the questions it asked, kept in a file of its
// own: what tests/faults judges.
//
// One line a fact: "sent ID", "acked ID PARTITION SEQ", "refused ID REASON", "asked ID SEQ", "read
// ID PARTITION SEQ SHOWN". An answer is synced to disk before it counts, so that a
// history never claims less than what its client was told. A command with no answer has an unknown
// outcome.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jalon::demo {

struct Fact {
  enum class Kind { kSent, kAcked, kRefused, kAsked, kRead } kind = Kind::kSent;
  std::string id;  // the request id, hex; of a question, a name of its own
  uint32_t partition = 0;
  uint64_t seq = 0;    // acked: its place; asked: the min_position, 0 for none; read: the as_of
  uint64_t shown = 0;  // read: the policy's version, which counts the records that set it
  std::string reason;  // of a refused command, or of a question that failed

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

  // Written before what it says is done; synced only with the next answer: a command that was never
  // sent may be missing.
  void Sent(std::string_view id);
  void Asked(std::string_view id, uint64_t min_seq);
  // Synced when they return.
  void Acked(std::string_view id, uint32_t partition, uint64_t seq);
  void Refused(std::string_view id, std::string_view reason);
  void Read(std::string_view id, uint32_t partition, uint64_t as_of, uint64_t shown);

 private:
  void Append(const std::string& line, bool synced);
  int fd_;
};

// The facts of a file; a torn last line is left out.
History ReadHistory(const std::string& path);

}  // namespace jalon::demo
