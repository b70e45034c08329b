// What stands before decide, reduced to what rules need: who may send a command, its school, and
// personal sections sealed by a cipher of no strength. The server's own door is services/api.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "jalon/type/v1/sealed.pb.h"
#include "services/domain/reason.h"
#include "services/domain/refusals.h"
#include "services/domain/request.h"

namespace jalon::scenarios {

class LocalDoor {
 public:
  // Seals the bytes for the section's subject, who is a person of that school.
  using SealSection = std::function<void(const Bytes& school_id, const std::string& clear,
                                         type::v1::Sealed* sealed)>;
  // From now on sections are sealed so, and not by the cipher of no strength.
  void SealBy(SealSection seal) { seal_ = std::move(seal); }

  // The command as decide gets it.
  Result<domain::Request> Admit(const domain::Principal& who,
                                const google::protobuf::Message& command,
                                const type::v1::CommandHeader& header, Micros now);
  // Why this role may not send it, by the option of its method.
  std::optional<domain::RefusalReason> Denied(const domain::Request& request) const;

  // Verifies and opens the transfer that the admitted command brings, as the door does; what is
  // wrong with it.
  std::optional<domain::Violation> OpenTransfer(const domain::Request& request) const;

 private:
  // Seals every section under `message`, whose enclosing messages are `outer`.
  struct Enclosing;
  void Seal(google::protobuf::Message& message, const Enclosing* outer, const Bytes& request_id);
  Bytes NewBytes(size_t size);

  uint64_t drawn_ = 0;
  SealSection seal_;
  Bytes school_id_;    // of the command
  uint32_t year_ = 0;  // of the command
};

}  // namespace jalon::scenarios
