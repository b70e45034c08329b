// A world of the real writer over the memory log, whose callers send everything several times: now
// and later, in one batch with other commands, before and after the first one is counted.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "eventstore/log/memory/memory_log.h"
#include "eventstore/state/memory_state_store.h"
#include "eventstore/writer/writer.h"
#include "eventstore/writer/writer_testing.h"
#include "services/domain/application.h"
#include "tests/scenarios/runner/local_door.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::properties {

class RetryingWorld final : public scenarios::World {
 public:
  RetryingWorld(Micros start, uint64_t seed);

  // Sends the command one to three times, with repeats of accepted ones between. The answers to one
  // request must be one answer: otherwise Wrong() says so.
  Result<scenarios::Answer> Send(const domain::Principal& who,
                                 const google::protobuf::Message& command,
                                 const type::v1::CommandHeader& header) override;
  Result<scenarios::Answer> Query(const domain::Principal& who,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message* response) override;
  Result<std::vector<log::v1::Event>> EventsOf(const scenarios::Answer& answer) override;
  Result<Bytes> TransferKeyOf(const domain::Principal&) override {
    return Fail(Code::kUnimplemented, "UNSUPPORTED", "nobody moves in these histories");
  }
  Micros Now() const override { return clock_.Wall(); }
  Result<void> Advance(Micros by) override;

  // What a fresh reader of the log counts, in order.
  std::vector<log::v1::Record> Counted();
  // What did not hold; empty while all did.
  const std::string& Wrong() const { return wrong_; }
  uint64_t repeats() const { return writer_.Status().repeats; }

 private:
  // One accepted request, as its caller knows it.
  struct Known {
    domain::Principal who;
    std::shared_ptr<google::protobuf::Message> command;
    type::v1::CommandHeader header;
    uint64_t seq = 0;
    std::string reply;
  };
  using Outcomes = std::vector<eventstore::Outcome>;

  void Submit(const domain::Principal& who, const google::protobuf::Message& command,
              const type::v1::CommandHeader& header, std::shared_ptr<Outcomes> outcomes);
  void Settle();
  void Check(bool holds, const std::string& what);

  eventstore::testing::TestClock clock_;
  std::mt19937_64 random_;
  domain::DomainApplication application_;
  eventstore::MemoryLog log_;
  eventstore::MemoryStateStore store_;
  eventstore::Writer writer_;
  scenarios::LocalDoor door_;
  std::deque<Known> known_;  // the last ones accepted
  std::string wrong_;
};

}  // namespace jalon::properties
