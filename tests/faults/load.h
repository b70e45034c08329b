// What the kill loop sends and asks: schools of several partitions, and commands without end, some
// refused on purpose.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "eventstore/base/result.h"
#include "jalon/type/v1/header.pb.h"
#include "jalon/type/v1/position.pb.h"
#include "services/client/client.h"

namespace jalon::faults {

client::Client Connect(const std::string& address, const std::string& token,
                       uint32_t deadline_ms = 10'000);
type::v1::CommandHeader Header(const std::string& request_id);
std::string NewRequestId();

// What founds a school: by the region's coordinator, then by its own.
std::unique_ptr<google::protobuf::Message> RegistrationOf(const std::string& code);
std::unique_ptr<google::protobuf::Message> FirstProgramme();

// The command of that number, always the same, to a school that has its first programme. Every
// fourth one brings a new person, sealed. Every eighth is refused: half of those because of the
// first programme, so that a school which lost it would accept them, half whatever it holds.
std::unique_ptr<google::protobuf::Message> CommandOf(uint64_t number);
// For what it is refused: whatever else a client is told is a failure.
std::set<std::string> RefusedOnPurpose();

// Nothing is known of what became of the call: the server went, or was not there.
bool IsUnknown(const Error& error);

// What an answer about the policy of a school shows.
struct SeenPolicy {
  type::v1::Position as_of;
  uint64_t version = 0;  // counts the records that set the policy
};
// Without `min_position`: as of whatever the server has.
Result<SeenPolicy> AskPolicy(const client::Client& coordinator,
                             const type::v1::Position* min_position);

}  // namespace jalon::faults
