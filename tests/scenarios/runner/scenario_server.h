// A `jalon serve` for scenarios: a process of its own on a fresh data folder, with the log on disk
// or on Kafka and a virtual clock, called with real tokens.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "deploy/demo/jalon.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "jalon/log/v1/log.pb.h"
#include "jalon/type/v1/position.pb.h"
#include "services/client/admin.h"
#include "services/client/client.h"
#include "services/domain/request.h"
#include "services/token/signer.h"

namespace jalon::scenarios {

// Thread safety: one thread.
class ScenarioServer {
 public:
  // Starts `program` on the folder, which is removed first, with its clock at `start`. An error
  // says where the server's own words are. `kafka` is the address of a log that is made on Kafka;
  // empty: the log is the embedded one. `more`: options of `jalon serve`.
  static Result<std::unique_ptr<ScenarioServer>> Start(const std::string& program,
                                                       const std::string& folder, Micros start,
                                                       const std::string& kafka = "",
                                                       const std::vector<std::string>& more = {});

  // The client of this person: one token each, signed by a key that the server was told to trust.
  Result<client::Client> As(const domain::Principal& who);

  // Moves the clock to `to`.
  Result<void> MoveClock(Micros to);
  // Whether the clock was moved since the start: then no scenario can begin here any more.
  bool clock_moved() const { return clock_moved_; }

  // The record at that position, read from Kafka, or from a backup that the server makes.
  Result<log::v1::Record> RecordAt(const type::v1::Position& position) const;

  const client::Admin& admin() const { return admin_; }
  // The address of the log on Kafka; empty: it is the embedded one.
  const std::string& kafka() const { return kafka_; }
  // Everything of this server: data/ and data.out, what it printed.
  const std::string& folder() const { return folder_; }

  // Ends the server, well, and starts it again on what it left.
  Result<void> Restart();
  // SIGTERM: the server ends by itself and well, or an error says how.
  Result<void> Stop();

 private:
  ScenarioServer(const std::string& program, std::string folder, std::string kafka);
  Result<void> MakeLog(const std::vector<std::string>& init);
  Result<std::unique_ptr<eventstore::Log>> OpenLog() const;

  Result<void> Serve();

  const std::string folder_;
  const std::string kafka_;
  demo::Jalon jalon_;
  client::Admin admin_;
  std::unique_ptr<token::Signer> signer_;
  std::unique_ptr<client::Client> anyone_;
  std::map<std::string, std::string> tokens_;  // by principal
  std::vector<std::string> options_;           // of `jalon serve`
  bool clock_moved_ = false;
};

}  // namespace jalon::scenarios
