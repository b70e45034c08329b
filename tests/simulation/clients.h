// The clients of a run: each sends one operation after the other to whom it believes to be the
// owner, over a network that loses and doubles messages, and repeats the same request id until it
// knows. They write down all they see.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tests/simulation/history.h"
#include "tests/simulation/node.h"

namespace jalon::eventstore::simulation {

class Clients {
 public:
  Clients(Surroundings& world, std::vector<std::unique_ptr<Node>>& nodes, History& history);

  void Start(int count);
  // From now on no new operation is begun, no message is lost, and what was given up is taken up
  // again until it is known.
  void Finish();
  bool AllKnown() const { return unknown_ == 0; }

 private:
  struct Progress {
    int client = 0;
    int patience = 0;   // attempts before it gives up
    size_t newest = 0;  // attempt: its silence makes another one
    bool known = false;
    bool given_up = false;
  };

  void Next(int client);
  void Begin(int client);
  std::vector<CounterChange> SomeChanges();
  void Send(size_t operation, size_t node);
  void Arrive(size_t attempt, size_t node);
  void OnAnswer(size_t attempt, uint64_t writer, Outcome outcome);
  void Receive(size_t attempt, const std::string& owner);
  void OnTimeout(size_t attempt);
  void Retry(size_t operation);
  void Known(size_t operation);
  Micros Latency();
  size_t NodeFor(int client);

  Surroundings& world_;
  std::vector<std::unique_ptr<Node>>& nodes_;
  History& history_;
  std::vector<Progress> progress_;       // by operation
  std::vector<size_t> believed_owner_;   // by client
  std::vector<size_t> accepted_before_;  // operations to repeat now and then
  size_t unknown_ = 0;
  uint64_t ids_ = 0;
  bool finishing_ = false;
};

}  // namespace jalon::eventstore::simulation
