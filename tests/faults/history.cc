#include "tests/faults/history.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

#include "eventstore/base/check.h"

namespace jalon::faults {
namespace {

// What is known of one command.
struct Known {
  size_t sent_at = 0;  // index of the fact
  bool acked = false;
  bool refused = false;
  uint32_t partition = 0;
  uint64_t seq = 0;
};

std::map<std::string, Known> Collect(const History& history, Verdict* verdict) {
  std::map<std::string, Known> known;
  for (size_t i = 0; i < history.size(); ++i) {
    const Fact& fact = history[i];
    Known& command = known[fact.id];
    if (fact.kind == Fact::Kind::kSent && command.sent_at == 0) command.sent_at = i + 1;
    if (fact.kind == Fact::Kind::kRefused) command.refused = true;
    if (fact.kind != Fact::Kind::kAcked) continue;
    if (command.acked && (command.seq != fact.seq || command.partition != fact.partition)) {
      verdict->faults.push_back(
          fmt::format("{} was acknowledged at {} and at {}", fact.id, command.seq, fact.seq));
    }
    command.acked = true;
    command.partition = fact.partition;
    command.seq = fact.seq;
  }
  return known;
}

// What the log holds of one command.
void CheckPlaces(const std::string& id, const Known& command, const Held& held, Verdict* verdict) {
  const auto found = held.places.find(id);
  const size_t times = found == held.places.end() ? 0 : found->second.size();
  if (times > 1) verdict->faults.push_back(fmt::format("{} is in the log {} times", id, times));
  if (command.acked && times == 0) {
    verdict->faults.push_back(fmt::format("{} was acknowledged and is lost", id));
  }
  if (command.acked && times == 1 &&
      found->second[0] != std::pair(command.partition, command.seq)) {
    verdict->faults.push_back(fmt::format("{} was acknowledged at {} and stands at {}", id,
                                          command.seq, found->second[0].second));
  }
  if (command.refused && !command.acked && times > 0) {
    verdict->faults.push_back(fmt::format("{} was refused and is in the log", id));
  }
}

// Each sequence number after the base holds one command of the history.
void CheckHeads(const std::map<std::string, Known>& known, const Held& held, Verdict* verdict) {
  std::map<uint32_t, std::set<uint64_t>> taken;
  for (const auto& [id, places] : held.places) {
    if (!known.contains(id)) verdict->faults.push_back(id + " is in the log and was never sent");
    for (const auto& [partition, seq] : places) {
      if (!taken[partition].insert(seq).second) {
        verdict->faults.push_back(fmt::format("seq {} holds two commands", seq));
      }
      const auto head = held.heads.find(partition);
      if (head == held.heads.end() || seq > head->second) {
        verdict->faults.push_back(fmt::format("{} stands at {}, beyond the head", id, seq));
      }
    }
  }
  for (const auto& [partition, head] : held.heads) {
    const auto base = held.bases.find(partition);
    const uint64_t expected = head - (base == held.bases.end() ? 0 : base->second);
    const size_t there = taken[partition].size();
    if (there != expected) {
      verdict->faults.push_back(fmt::format("partition {} grew by {} records and holds {} commands",
                                            partition, expected, there));
    }
  }
}

// Walking the history: the highest place acknowledged so far must precede whatever is sent later.
void CheckOrder(const History& history, const std::map<std::string, Known>& known,
                Verdict* verdict) {
  std::map<uint32_t, uint64_t> acknowledged;
  std::map<std::string, uint64_t> floor;  // by command: what had been acknowledged when it was sent
  for (const Fact& fact : history) {
    const Known& command = known.at(fact.id);
    if (fact.kind == Fact::Kind::kSent) floor.try_emplace(fact.id, acknowledged[command.partition]);
    if (fact.kind != Fact::Kind::kAcked) continue;
    const auto before = floor.find(fact.id);
    if (before != floor.end() && fact.seq <= before->second) {
      verdict->faults.push_back(
          fmt::format("{} stands at {}, before {} which was acknowledged "
                      "before it was sent",
                      fact.id, fact.seq, before->second));
    }
    acknowledged[fact.partition] = std::max(acknowledged[fact.partition], fact.seq);
  }
}

}  // namespace

Recorder::Recorder(const std::string& path)
    : fd_(open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {
  JALON_CHECK(fd_ >= 0);
}
Recorder::~Recorder() { close(fd_); }

void Recorder::Append(const std::string& line, bool synced) {
  JALON_CHECK(write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  if (synced) JALON_CHECK(fdatasync(fd_) == 0);
}

void Recorder::Sent(std::string_view id) { Append(fmt::format("sent {}\n", id), false); }
void Recorder::Acked(std::string_view id, uint32_t partition, uint64_t seq) {
  Append(fmt::format("acked {} {} {}\n", id, partition, seq), true);
}
void Recorder::Refused(std::string_view id, std::string_view reason) {
  Append(fmt::format("refused {} {}\n", id, reason), true);
}

History Read(const std::string& path) {
  History history;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (file.eof()) break;  // no newline: torn
    std::istringstream words(line);
    std::string kind;
    Fact fact;
    words >> kind >> fact.id;
    if (kind == "acked") {
      fact.kind = Fact::Kind::kAcked;
      words >> fact.partition >> fact.seq;
    } else if (kind == "refused") {
      fact.kind = Fact::Kind::kRefused;
      words >> fact.reason;
    }
    history.push_back(std::move(fact));
  }
  return history;
}

Verdict Check(const History& history, const Held& held) {
  Verdict verdict;
  const auto known = Collect(history, &verdict);
  for (const auto& [id, command] : known) {
    ++(command.acked ? verdict.acked : command.refused ? verdict.refused : verdict.unknown);
    CheckPlaces(id, command, held, &verdict);
  }
  CheckHeads(known, held, &verdict);
  CheckOrder(history, known, &verdict);
  return verdict;
}

}  // namespace jalon::faults
