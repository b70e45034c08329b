// The world of a running server: commands and queries go through gRPC, and what is accepted is in
// the log on disk.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/scenarios/runner/scenario_server.h"
#include "tests/scenarios/runner/world.h"

namespace jalon::scenarios {

class ServedWorld final : public World {
 public:
  // `number` keeps this world's schools apart from those of other worlds on the same server, whose
  // clock stands at `start`.
  ServedWorld(std::shared_ptr<ScenarioServer> server, uint64_t number, Micros start)
      : server_(std::move(server)), number_(number), now_(start) {}

  Result<Answer> Send(const domain::Principal& who, const google::protobuf::Message& command,
                      const type::v1::CommandHeader& header) override;
  // Waits until the view reflects what this world was answered last.
  Result<Answer> Query(const domain::Principal& who, const google::protobuf::Message& request,
                       google::protobuf::Message* response) override;
  Result<std::vector<log::v1::Event>> EventsOf(const Answer& answer) override;
  std::string SchoolCode(const std::string& name) const override;
  Result<Bytes> TransferKeyOf(const domain::Principal& who) override;
  // The server's clock also goes on with the real one; that of a scenario stands.
  Micros Now() const override { return now_; }
  Result<void> Advance(Micros by) override;

 private:
  const std::shared_ptr<ScenarioServer> server_;
  const uint64_t number_;
  Micros now_;
  type::v1::Position last_position_;
  std::map<std::string, type::v1::Position> accepted_;  // by request id
};

}  // namespace jalon::scenarios
