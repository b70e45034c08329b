#include "tests/simulation/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "eventstore/base/hash.h"

namespace jalon::eventstore::simulation {
namespace {

using Kind = Outcome::Kind;

// The counters at one position of the log.
struct Counters {
  struct Counter {
    int64_t value = 0;
    uint64_t version = 0;
  };
  std::map<std::string, Counter> counters;

  // The first counter that the changes would drive out of its range, and what it is at.
  std::optional<std::pair<std::string, int64_t>> Refuses(
      const std::vector<CounterChange>& changes) const {
    for (const CounterChange& change : changes) {
      const int64_t value = ValueOf(change.key);
      const int64_t changed = value + change.delta;
      if (changed < 0 || changed > testing::kCounterMax) return std::pair(change.key, value);
    }
    return std::nullopt;
  }
  int64_t ValueOf(const std::string& key) const {
    const auto counter = counters.find(key);
    return counter == counters.end() ? 0 : counter->second.value;
  }
  std::string Reply(const std::vector<CounterChange>& changes) const {
    return std::to_string(ValueOf(changes.front().key) + changes.front().delta);
  }
};

std::string Name(const std::string& request_id) { return ToHex(request_id).substr(0, 32); }

bool SameChanges(const std::vector<CounterChange>& sent,
                 const std::vector<RecordedChange>& recorded) {
  size_t at = 0;
  for (const CounterChange& change : sent) {
    if (change.delta == 0) continue;
    if (at == recorded.size() || recorded[at].key != change.key ||
        recorded[at].delta != change.delta) {
      return false;
    }
    ++at;
  }
  return at == recorded.size();
}

class Checker {
 public:
  explicit Checker(const History& history) : history_(history) {}

  std::vector<std::string> Run() {
    for (size_t i = 0; i < history_.operations.size(); ++i) {
      operations_[history_.operations[i].request_id] = i;
    }
    FoldLog();
    for (const Attempt& attempt : history_.attempts) {
      if (!attempt.answer || IsExcused(attempt)) continue;
      if (WasCutOff(attempt)) continue;
      if (attempt.answer->kind == Kind::kAccepted) CheckAccepted(attempt);
      if (attempt.answer->kind == Kind::kRefused) CheckRefused(attempt);
      if (attempt.answer->kind == Kind::kNothingToDo) CheckNothingToDo(attempt);
    }
    CheckWhatLeftNothing();
    CheckOrder();
    return std::move(violations_);
  }

 private:
  template <typename... Args>
  void Violated(int invariant, fmt::format_string<Args...> words, Args&&... args) {
    violations_.push_back(
        fmt::format("{}: {}", invariant, fmt::format(words, std::forward<Args>(args)...)));
  }

  // 2, 4, and the once of 1: walks the log and keeps the counters at each position.
  void FoldLog() {
    states_.push_back({});
    int64_t recorded_at = INT64_MIN;
    for (const Record& record : history_.log) {
      if (record.seq != states_.size()) {
        Violated(4, "seq {} stands where {} is due", record.seq, states_.size());
      }
      if (record.recorded_at < recorded_at) Violated(4, "seq {} is dated back", record.seq);
      recorded_at = record.recorded_at;
      Counters next = states_.back();
      if (!record.request_id.empty()) Fold(record, &next);
      states_.push_back(std::move(next));
    }
  }

  void Fold(const Record& record, Counters* next) {
    if (!positions_.try_emplace(record.request_id, &record).second) {
      Violated(1, "request {} is in the log twice, again at {}", Name(record.request_id),
               record.seq);
    }
    const auto sent = operations_.find(record.request_id);
    if (sent == operations_.end()) {
      return Violated(2, "seq {} is of a request nobody sent", record.seq);
    }
    const std::vector<CounterChange>& changes = history_.operations[sent->second].changes;
    if (!SameChanges(changes, record.changes)) {
      Violated(2, "seq {} is not what its request asked for", record.seq);
    }
    if (states_.back().Refuses(changes)) Violated(4, "seq {} should be refused", record.seq);
    if (record.reply != states_.back().Reply(changes)) {
      Violated(4, "seq {} replies {} and not {}", record.seq, record.reply,
               states_.back().Reply(changes));
    }
    for (const RecordedChange& change : record.changes) {
      Counters::Counter& counter = next->counters[change.key];
      if (change.version != counter.version + 1) {
        Violated(4, "seq {} leaves a gap in the versions of {}", record.seq, change.key);
      }
      counter = {counter.value + change.delta, change.version};
      if (counter.value == 0) next->counters.erase(change.key);
    }
  }

  // What an answer claims that was given before the cut, about what was cut off.
  bool IsExcused(const Attempt& attempt) const {
    return history_.cut && attempt.answer->given_at <= history_.cut->at &&
           attempt.answer->kind != Kind::kFailed && attempt.answer->seq > history_.cut->last_seq;
  }

  // After the cut, from a writer that had counted more: the checks against the log do not apply. It
  // may repeat what it knew; if it was told, it says nothing new. One that was not told may go on
  // until it meets something that does not fit: that is best effort.
  bool WasCutOff(const Attempt& attempt) {
    if (!GivenAhead(attempt)) return false;
    const uint64_t known = history_.cut->seen_ahead.at(attempt.writer);
    if (history_.cut->told && attempt.answer->seq > known) {
      Violated(1, "a writer that counted up to {} answered {} after the log was cut to {}", known,
               attempt.answer->seq, history_.cut->last_seq);
    }
    return true;
  }

  bool GivenAhead(const Attempt& attempt) const {
    return history_.cut && attempt.answer->given_at > history_.cut->at &&
           attempt.answer->kind != Kind::kFailed &&
           history_.cut->seen_ahead.contains(attempt.writer);
  }

  void CheckAccepted(const Attempt& attempt) {
    const Operation& operation = history_.operations[attempt.operation];
    const Answer& answer = *attempt.answer;
    const auto found = positions_.find(operation.request_id);
    if (found == positions_.end()) {
      return Violated(1, "request {} was acknowledged at {} and is not in the log",
                      Name(operation.request_id), answer.seq);
    }
    const Record& record = *found->second;
    if (record.seq != answer.seq || record.recorded_at != answer.recorded_at ||
        record.reply != answer.reply) {
      Violated(1, "request {} is at {} and was acknowledged at {}", Name(operation.request_id),
               record.seq, answer.seq);
    }
    const auto [first, is_first] = first_answers_.try_emplace(attempt.operation, &answer);
    const Answer& told = *first->second;
    if (told.seq != answer.seq || told.recorded_at != answer.recorded_at ||
        told.reply != answer.reply) {
      Violated(3, "request {} was told {} and then {}", Name(operation.request_id), told.seq,
               answer.seq);
    }
  }

  void CheckRefused(const Attempt& attempt) {
    const Answer& answer = *attempt.answer;
    const auto& changes = history_.operations[attempt.operation].changes;
    if (answer.seq >= states_.size()) {
      return Violated(3, "refused at {}, the log ends at {}", answer.seq, states_.size() - 1);
    }
    const auto refuses = states_[answer.seq].Refuses(changes);
    if (!refuses || *refuses != std::pair(answer.refused_key, answer.refused_value)) {
      Violated(3, "request {} was refused at {}, where {} was not at {}",
               Name(history_.operations[attempt.operation].request_id), answer.seq,
               answer.refused_key, answer.refused_value);
    }
  }

  void CheckNothingToDo(const Attempt& attempt) {
    const Answer& answer = *attempt.answer;
    const auto& changes = history_.operations[attempt.operation].changes;
    if (answer.seq >= states_.size() || states_[answer.seq].Reply(changes) != answer.reply) {
      Violated(3, "nothing to do at {}, where {} was not at {}", answer.seq, changes.front().key,
               answer.reply);
    }
  }

  // An operation of which every sending was answered, none of them with a position or a doubt.
  void CheckWhatLeftNothing() {
    std::set<size_t> may_be_there;
    for (const Attempt& attempt : history_.attempts) {
      const bool in_doubt = !attempt.answer || attempt.answer->kind == Kind::kAccepted ||
                            attempt.answer->reason == "OUTCOME_UNKNOWN";
      if (in_doubt) may_be_there.insert(attempt.operation);
    }
    for (size_t i = 0; i < history_.operations.size(); ++i) {
      const std::string& request_id = history_.operations[i].request_id;
      if (positions_.contains(request_id) && !may_be_there.contains(i)) {
        Violated(3, "request {} was refused or failed, and is in the log", Name(request_id));
      }
    }
  }

  void CheckOrder() {
    // Acknowledgements by when they were received, with the highest position so far.
    std::vector<std::pair<Micros, uint64_t>> acknowledged;
    std::map<size_t, Micros> first_sent;
    for (const Attempt& attempt : history_.attempts) {
      const auto [first, is_new] = first_sent.try_emplace(attempt.operation, attempt.sent_at);
      first->second = std::min(first->second, attempt.sent_at);
      if (!attempt.answer || !attempt.received_at || IsExcused(attempt)) continue;
      if (attempt.answer->kind == Kind::kAccepted && !GivenAhead(attempt)) {
        acknowledged.emplace_back(*attempt.received_at, attempt.answer->seq);
      }
    }
    std::ranges::sort(acknowledged);
    for (size_t i = 1; i < acknowledged.size(); ++i) {
      acknowledged[i].second = std::max(acknowledged[i].second, acknowledged[i - 1].second);
    }
    const auto before = [&acknowledged](Micros time) {
      const auto after = std::ranges::lower_bound(acknowledged, std::pair(time, uint64_t{0}));
      return after == acknowledged.begin() ? 0 : std::prev(after)->second;
    };
    for (const Attempt& attempt : history_.attempts) {
      if (!attempt.answer || IsExcused(attempt) || GivenAhead(attempt)) continue;
      const Answer& answer = *attempt.answer;
      const bool accepted = answer.kind == Kind::kAccepted;
      if (accepted && answer.seq <= before(first_sent[attempt.operation])) {
        Violated(5, "{} was sent when {} was acknowledged", answer.seq,
                 before(first_sent[attempt.operation]));
      }
      const bool judged = answer.kind == Kind::kRefused || answer.kind == Kind::kNothingToDo;
      if (judged && answer.seq < before(attempt.sent_at)) {
        Violated(5, "refused on the state at {}, when {} was acknowledged already", answer.seq,
                 before(attempt.sent_at));
      }
    }
  }

  const History& history_;
  std::map<std::string, size_t> operations_;        // by request id
  std::map<std::string, const Record*> positions_;  // by request id
  std::map<size_t, const Answer*> first_answers_;   // by operation
  std::vector<Counters> states_;                    // [seq]: after that record
  std::vector<std::string> violations_;
};

}  // namespace

std::vector<std::string> Check(const History& history) { return Checker(history).Run(); }

}  // namespace jalon::eventstore::simulation
