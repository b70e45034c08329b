// Where a scenario takes place: something that answers commands and queries. The same scenarios run
// in every world.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "jalon/command/v1/command.pb.h"
#include "jalon/log/v1/log.pb.h"
#include "jalon/refusal/v1/refusal.pb.h"
#include "jalon/type/v1/header.pb.h"
#include "services/domain/request.h"

namespace google::protobuf {
class Message;
}

namespace jalon::scenarios {

// What a call came to.
struct Answer {
  bool accepted = false;
  bool repeated = false;  // an earlier call with this request id was accepted
  command::v1::CommandResult result =
      {};  // accepted: with its position, unless nothing was written
  refusal::v1::RefusalDetail refusal = {};  // refused
};

// A world begins without any school, and its clock stands at `start`.
class World {
 public:
  virtual ~World() = default;

  // Sends `command`, such as a jalon.stay.v1.EndStay, whose sections are clear. `who` names the
  // school; so does `header.school_id` where the credential spans schools. An error is a fault of
  // the world or the test, never a refusal.
  virtual Result<Answer> Send(const domain::Principal& who,
                              const google::protobuf::Message& command,
                              const type::v1::CommandHeader& header) = 0;

  // Asks `request`, such as a GetSummativeEligibilityRequest, and fills `response`.
  virtual Result<Answer> Query(const domain::Principal& who,
                               const google::protobuf::Message& request,
                               google::protobuf::Message* response) = 0;

  // The events of an accepted command's record, in order.
  virtual Result<std::vector<log::v1::Event>> EventsOf(const Answer& answer) = 0;

  // The code of the school that a scenario calls `name`. Where worlds share a server, no other
  // world has a school of that code.
  virtual std::string SchoolCode(const std::string& name) const { return name; }

  // The public key that transfers to the caller's school are sealed to.
  virtual Result<Bytes> TransferKeyOf(const domain::Principal& who) = 0;

  virtual Micros Now() const = 0;
  // Moves the clock forward.
  virtual Result<void> Advance(Micros by) = 0;
};

}  // namespace jalon::scenarios
