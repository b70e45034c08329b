#include "tests/faults/history_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace jalon::faults {
namespace {

using Kind = Fact::Kind;

// What is known of one command.
struct Known {
  bool acked = false;
  std::string refused;  // the reason
  uint32_t partition = 0;
  uint64_t seq = 0;
};

class Checker {
 public:
  Checker(const std::vector<History>& clients, const Held& held, const Terms& terms)
      : clients_(clients), held_(held), terms_(terms) {}

  Verdict Run() && {
    for (const History& history : clients_) Collect(history);
    for (const auto& [id, command] : commands_) {
      ++(command.acked             ? verdict_.acked
         : command.refused.empty() ? verdict_.unknown
                                   : verdict_.refused);
      CheckPlaces(id, command);
    }
    CheckLog();
    for (const History& history : clients_) {
      CheckOrder(history);
      CheckReads(history);
    }
    return std::move(verdict_);
  }

 private:
  template <typename... Values>
  void Fault(fmt::format_string<Values...> words, Values&&... values) {
    verdict_.faults.push_back(fmt::format(words, std::forward<Values>(values)...));
  }

  void Collect(const History& history) {
    std::set<std::string> questions;
    for (const Fact& fact : history) {
      if (fact.kind == Kind::kAsked) questions.insert(fact.id);
      if (fact.kind == Kind::kRefused && questions.contains(fact.id)) {
        Fault("6 question {} failed: {}", fact.id, fact.reason);
        continue;
      }
      if (fact.kind == Kind::kAsked || fact.kind == Kind::kRead) continue;
      Known& command = commands_[fact.id];
      if (fact.kind == Kind::kRefused) Refused(fact, command);
      if (fact.kind != Kind::kAcked) continue;
      if (command.acked && (command.seq != fact.seq || command.partition != fact.partition)) {
        Fault("1 {} was acknowledged at {} and at {}", fact.id, command.seq, fact.seq);
      }
      command.acked = true;
      command.partition = fact.partition;
      command.seq = fact.seq;
    }
  }

  void Refused(const Fact& fact, Known& command) {
    command.refused = fact.reason;
    if (command.acked) Fault("9 {} was acknowledged and then refused: {}", fact.id, fact.reason);
    if (!terms_.may_be_refused.contains(fact.reason)) {
      Fault("9 {} failed: {}", fact.id, fact.reason);
    }
  }

  // What the log holds of one command.
  void CheckPlaces(const std::string& id, const Known& command) {
    const auto found = held_.places.find(id);
    const size_t times = found == held_.places.end() ? 0 : found->second.size();
    verdict_.lost += command.acked && times == 0;
    verdict_.doubled += times > 1;
    if (command.acked && times == 0) Fault("1 {} was acknowledged and is lost", id);
    if (command.acked && times > 1) Fault("1 {} is in the log {} times", id, times);
    if (command.acked && times == 1 &&
        found->second[0] != std::pair(command.partition, command.seq)) {
      Fault("1 {} was acknowledged at {} and stands at {}", id, command.seq,
            found->second[0].second);
    }
    if (!command.refused.empty() && !command.acked && times > 0) {
      Fault("3 {} was refused and is in the log", id);
    }
    if (command.refused.empty() && !command.acked && times > 1) {
      Fault("3 {} was not answered and is in the log {} times", id, times);
    }
  }

  // Each sequence number up to the head holds one command of the history.
  void CheckLog() {
    std::map<uint32_t, std::set<uint64_t>> taken;
    for (const auto& [id, places] : held_.places) {
      if (!commands_.contains(id)) Fault("2 {} is in the log and was never sent", id);
      for (const auto& [partition, seq] : places) {
        if (!taken[partition].insert(seq).second) Fault("4 place {} holds two commands", seq);
        if (seq > HeadOf(partition)) Fault("4 {} stands at {}, beyond the head", id, seq);
      }
    }
    for (const auto& [partition, head] : held_.heads) {
      const size_t there = taken[partition].size();
      const auto barriers = held_.barriers.find(partition);
      if (there + (barriers == held_.barriers.end() ? 0 : barriers->second) != head) {
        Fault("4 partition {} has {} records and holds {} commands", partition, head, there);
      }
    }
  }

  uint64_t HeadOf(uint32_t partition) const {
    const auto head = held_.heads.find(partition);
    return head == held_.heads.end() ? 0 : head->second;
  }

  // Walking the history: the highest place acknowledged so far precedes whatever is sent later.
  void CheckOrder(const History& history) {
    std::map<uint32_t, uint64_t> acknowledged;
    std::map<std::string, uint64_t> floors;  // what had been acknowledged when it was sent
    for (const Fact& fact : history) {
      if (fact.kind == Kind::kSent) {
        const Known& command = commands_.at(fact.id);
        floors.try_emplace(fact.id, acknowledged[command.partition]);
      }
      if (fact.kind != Kind::kAcked) continue;
      const auto floor = floors.find(fact.id);
      if (floor != floors.end() && fact.seq <= floor->second) {
        Fault("5 {} stands at {}, before {} which was acknowledged before it was sent", fact.id,
              fact.seq, floor->second);
      }
      uint64_t& highest = acknowledged[fact.partition];
      highest = std::max(highest, fact.seq);
    }
  }

  // Walking the history: the latest answer so far is no later than those asked for after it.
  void CheckReads(const History& history) {
    struct Question {
      uint64_t min_seq = 0;
      std::map<uint32_t, uint64_t> served;  // by partition, before it was asked
    };
    std::map<std::string, Question> questions;
    std::map<uint32_t, uint64_t> served;
    for (const Fact& fact : history) {
      if (fact.kind == Kind::kAsked) questions[fact.id] = {fact.seq, served};
      if (fact.kind != Kind::kRead) continue;
      Question& question = questions[fact.id];
      const uint64_t before = question.served[fact.partition];
      ++verdict_.reads;
      if (question.min_seq > 0) ++verdict_.reads_after;
      if (fact.seq < question.min_seq) {
        Fault("6 {} asked for {} and was answered as of {}", fact.id, question.min_seq, fact.seq);
      }
      if (fact.seq < before && terms_.served_by == ServedBy::kOneServer) {
        Fault("8 {} was answered as of {}, after {} was served", fact.id, fact.seq, before);
      }
      CheckShown(fact);
      uint64_t& latest = served[fact.partition];
      latest = std::max(latest, fact.seq);
    }
  }

  void CheckShown(const Fact& read) {
    if (read.seq > HeadOf(read.partition)) {
      Fault("7 {} was answered as of {}, which the log does not hold", read.id, read.seq);
    }
    const auto sets = held_.policy_sets.find(read.partition);
    const auto there =
        sets == held_.policy_sets.end()
            ? 0
            : std::ranges::upper_bound(sets->second, read.seq) - sets->second.begin();
    if (static_cast<uint64_t>(there) != read.shown) {
      Fault("7 {} shows policy {} as of {}, where the log has {}", read.id, read.shown, read.seq,
            there);
    }
  }

  const std::vector<History>& clients_;
  const Held& held_;
  const Terms& terms_;
  std::map<std::string, Known> commands_;
  Verdict verdict_;
};

}  // namespace

Verdict Check(const std::vector<History>& clients, const Held& held, const Terms& terms) {
  return Checker(clients, held, terms).Run();
}

}  // namespace jalon::faults
