// The world without a server: decide and evolve on rows in memory, and a door reduced to what rules
// need (roles, sealing, repeats).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/domain/application.h"
#include "services/domain/memory_state_testing.h"
#include "services/domain/scope.h"
#include "tests/scenarios/runner/local_door.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::scenarios {

class LocalWorld final : public World {
 public:
  // Who asks, of what, on which day.
  struct Asked {
    const domain::Principal& who;
    domain::Scope scope;
    domain::State& state;
    domain::LocalDate today;
  };
  // Answers one kind of query from the writer's rows, as a view would from its own.
  using QueryFunction =
      std::function<Result<void>(const Asked& asked, const google::protobuf::Message& request,
                                 google::protobuf::Message* response)>;

  explicit LocalWorld(Micros start);

  LocalDoor& door() { return door_; }
  void AddQuery(const google::protobuf::Descriptor* request, QueryFunction function);

  Result<Answer> Send(const domain::Principal& who, const google::protobuf::Message& command,
                      const type::v1::CommandHeader& header) override;
  Result<Answer> Query(const domain::Principal& who, const google::protobuf::Message& request,
                       google::protobuf::Message* response) override;
  Result<std::vector<log::v1::Event>> EventsOf(const Answer& answer) override;
  // The record of an accepted command, by its position.
  const log::v1::Record& RecordAt(uint64_t seq) const { return records_.at(seq - 1); }
  Result<Bytes> TransferKeyOf(const domain::Principal& who) override;
  Micros Now() const override { return now_; }
  Result<void> Advance(Micros by) override;

 private:
  // An accepted command, by tenant and request id.
  struct Accepted {
    std::string body;
    Answer answer;
  };

  Answer Accept(const domain::Request& request, const eventstore::Accepted& accepted);

  domain::DomainApplication application_;
  domain::MemoryState state_;
  LocalDoor door_;
  Micros now_;
  std::vector<log::v1::Record> records_;
  std::map<std::string, Accepted> accepted_;
  std::map<const google::protobuf::Descriptor*, QueryFunction> queries_;
};

}  // namespace jalon::scenarios
