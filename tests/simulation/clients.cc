#include "tests/simulation/clients.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace jalon::eventstore::simulation {
namespace {

using Kind = Outcome::Kind;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr double kLost = 0.02;       // per message
constexpr double kDoubled = 0.03;    // per request
constexpr double kImpatient = 0.1;   // per operation: gives up after one attempt
constexpr double kRepeated = 0.05;   // per turn: a known operation is sent again
constexpr double kElsewhere = 0.05;  // per attempt: to any node
constexpr int kCounters = 6;

Answer AnswerOf(const Outcome& outcome, Micros now) {
  Answer answer;
  answer.kind = outcome.kind;
  answer.seq = outcome.seq.value;
  answer.recorded_at = outcome.recorded_at.count();
  answer.reply = outcome.reply;
  answer.reason = outcome.error.reason;
  answer.given_at = now;
  if (outcome.kind == Kind::kRefused) {
    const auto& refusal = dynamic_cast<const testing::CounterRefusal&>(*outcome.refusal);
    answer.refused_key = refusal.key;
    answer.refused_value = refusal.value;
  }
  return answer;
}

}  // namespace

Clients::Clients(Surroundings& world, std::vector<std::unique_ptr<Node>>& nodes, History& history)
    : world_(world), nodes_(nodes), history_(history) {}

void Clients::Start(int count) {
  believed_owner_.assign(static_cast<size_t>(count), 0);
  for (int client = 0; client < count; ++client) Next(client);
}

void Clients::Finish() {
  finishing_ = true;
  for (size_t i = 0; i < progress_.size(); ++i) {
    if (!progress_[i].known && progress_[i].given_up) Retry(i);
  }
}

void Clients::Next(int client) {
  world_.scheduler.In(world_.dice.Time(microseconds(100), microseconds(60'000)), [this, client] {
    if (finishing_) return;
    if (!accepted_before_.empty() && world_.dice.Happens(kRepeated)) {
      const auto last = static_cast<int64_t>(accepted_before_.size()) - 1;
      Send(accepted_before_[static_cast<size_t>(world_.dice.Between(0, last))], NodeFor(client));
      return Next(client);
    }
    Begin(client);
  });
}

void Clients::Begin(int client) {
  const Micros now = NodeClock::kBirth + world_.scheduler.now();
  history_.operations.push_back({testing::MakeRequestId(now, ++ids_), SomeChanges()});
  const int patience = world_.dice.Happens(kImpatient) ? 1 : INT32_MAX;
  progress_.push_back({client, patience});
  ++unknown_;
  Send(progress_.size() - 1, NodeFor(client));
}

std::vector<CounterChange> Clients::SomeChanges() {
  std::vector<CounterChange> changes;
  const int64_t first = world_.dice.Between(0, kCounters - 1);
  const int64_t count = world_.dice.Happens(0.15) ? 2 : 1;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t delta = world_.dice.Happens(0.05) ? 0 : world_.dice.Between(-40, 45);
    changes.push_back({fmt::format("c{}", (first + i) % kCounters), delta});
  }
  return changes;
}

void Clients::Send(size_t operation, size_t node) {
  const int copies = world_.dice.Happens(kDoubled) && !finishing_ ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    const size_t attempt = history_.attempts.size();
    history_.attempts.push_back({operation, 0, world_.scheduler.now(), std::nullopt, std::nullopt});
    if (copy == 0) {
      progress_[operation].newest = attempt;
      world_.scheduler.In(world_.dice.Time(milliseconds(100), milliseconds(900)),
                          [this, attempt] { OnTimeout(attempt); });
    }
    if (world_.dice.Happens(kLost) && !finishing_) {
      ++world_.counts.lost_messages;
      continue;
    }
    world_.scheduler.In(Latency(), [this, attempt, node] { Arrive(attempt, node); });
  }
}

void Clients::Arrive(size_t attempt, size_t node) {
  if (!nodes_[node]->running()) return;
  const Operation& operation = history_.operations[history_.attempts[attempt].operation];
  nodes_[node]->Submit(testing::MakeSubmission(operation.request_id, operation.changes, nullptr),
                       [this, attempt](uint64_t writer, Outcome outcome) {
                         OnAnswer(attempt, writer, std::move(outcome));
                       });
}

void Clients::OnAnswer(size_t attempt, uint64_t writer, Outcome outcome) {
  Attempt& sent = history_.attempts[attempt];
  const std::string& reason = outcome.error.reason;
  world_.trace(fmt::format("writer {} answers operation {} with {} {} {}", writer, sent.operation,
                           static_cast<int>(outcome.kind), outcome.seq.value, reason));
  sent.writer = writer;
  sent.answer = AnswerOf(outcome, world_.scheduler.now());
  world_.counts.clock_suspect += reason == "CLOCK_SUSPECT";
  world_.counts.not_owner += reason == "NOT_OWNER";
  world_.counts.unknown += reason == "OUTCOME_UNKNOWN";
  world_.counts.disk_full += reason == "DISK_FULL";
  if (world_.dice.Happens(kLost) && !finishing_) {
    ++world_.counts.lost_messages;
    return;
  }
  const std::string owner = outcome.error.metadata["node"];
  world_.scheduler.In(Latency(), [this, attempt, owner] { Receive(attempt, owner); });
}

void Clients::Receive(size_t attempt, const std::string& owner) {
  Attempt& sent = history_.attempts[attempt];
  sent.received_at = world_.scheduler.now();
  const Progress& progress = progress_[sent.operation];
  if (progress.known) return;
  if (sent.answer->kind != Kind::kFailed) {
    if (sent.answer->kind == Kind::kAccepted) accepted_before_.push_back(sent.operation);
    return Known(sent.operation);
  }
  const auto client = static_cast<size_t>(progress.client);
  if (!owner.empty()) {
    believed_owner_[client] = static_cast<size_t>(owner.back() - '0');
  } else if (sent.answer->reason != "DISK_FULL") {
    believed_owner_[client] = (believed_owner_[client] + 1) % nodes_.size();
  }
  world_.scheduler.In(world_.dice.Time(milliseconds(1), milliseconds(40)),
                      [this, attempt] { OnTimeout(attempt); });
}

void Clients::OnTimeout(size_t attempt) {
  const size_t operation = history_.attempts[attempt].operation;
  Progress& progress = progress_[operation];
  if (progress.known || progress.given_up || attempt != progress.newest) return;
  if (--progress.patience <= 0 && !finishing_) {
    progress.given_up = true;
    return Next(progress.client);
  }
  Retry(operation);
}

void Clients::Retry(size_t operation) {
  Progress& progress = progress_[operation];
  progress.given_up = false;
  const auto client = static_cast<size_t>(progress.client);
  if (world_.dice.Happens(0.3)) believed_owner_[client] = NodeFor(progress.client);
  Send(operation, NodeFor(progress.client));
}

void Clients::Known(size_t operation) {
  progress_[operation].known = true;
  --unknown_;
  if (!progress_[operation].given_up) Next(progress_[operation].client);
}

Micros Clients::Latency() {
  return world_.dice.Time(microseconds(50), milliseconds(world_.dice.Happens(0.05) ? 150 : 3));
}

size_t Clients::NodeFor(int client) {
  if (world_.dice.Happens(kElsewhere) ||
      !nodes_[believed_owner_[static_cast<size_t>(client)]]->running()) {
    return static_cast<size_t>(world_.dice.Between(0, static_cast<int64_t>(nodes_.size()) - 1));
  }
  return believed_owner_[static_cast<size_t>(client)];
}

}  // namespace jalon::eventstore::simulation
