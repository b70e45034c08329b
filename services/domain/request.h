// A command as the domain gets it: parsed, authenticated, authorised, validated, sealed. The one
// door (services/api) makes it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/writer/application.h"
#include "jalon/refusal/v1/refusal_reason.pb.h"
#include "jalon/type/v1/header.pb.h"
#include "jalon/type/v1/role.pb.h"

namespace google::protobuf {
class Message;
}

namespace jalon::domain {

// Who sent the command, from a verified credential. Never from the command itself.
struct Principal {
  Bytes person_id;  // 8 bytes; empty for a region coordinator's bootstrap token
  type::v1::Role role = type::v1::ROLE_UNSPECIFIED;
  Bytes school_id;   // 16 bytes; empty where the credential spans schools
  Bytes company_id;  // 8 bytes, for the company roles
  // TEA: the modules this teacher may evaluate; empty: all of the school's.
  std::vector<std::string> modules;

  bool IsCompany() const {
    return role == type::v1::ROLE_WORKPLACE_TUTOR || role == type::v1::ROLE_COMPANY_SIGNATORY;
  }
};

// What the door read in clear sections before it sealed them, where a rule asks for it: facts about
// the content, never the content.
struct Seen {
  std::vector<uint32_t> minors_without_guardian;  // rows of EnrolStudents; 0: RectifyPerson
  std::string estimate_word;                      // of ReportFormativeEstimate; never stored
};

// Invariants: `request` is an XRequest {header, command}; every section in it is sealed; unknown
// fields are absent; the role may send it, or is a company role whose denial is a rule (`denied_as`
// is set, and decide is not run: see Refuse in the door).
class Request final : public eventstore::Command {
 public:
  std::shared_ptr<const google::protobuf::Message> request;  // the whole XRequest
  const google::protobuf::Message* command = nullptr;        // its `command` field
  const type::v1::CommandHeader* header = nullptr;           // its `header` field
  Principal principal;
  Bytes school_id;  // 16 bytes: the tenant
  Seen seen;
  Bytes id_seed;  // 16 random bytes drawn at the door: every id that the command creates derives
                  // from them

  // No decision looks at these: for a node that hands the command to the partition's owner.
  std::string method;      // "/jalon.stay.v1.StayService/EndStay"
  std::string credential;  // the bearer token, which the owner verifies again
  Micros until{};          // the caller's deadline, on the monotonic clock of this machine
};

}  // namespace jalon::domain
