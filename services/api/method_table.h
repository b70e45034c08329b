// Every method that the server offers, with what its option says: compiled once at start, from the
// descriptors. A method without an option, or with one that contradicts its messages, stops the
// start: deny by default.
//
// Thread safety: const after construction; any thread.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "jalon/option/v1/method.pb.h"
#include "services/api/message_plan.h"
#include "services/domain/reason.h"
#include "services/domain/request.h"

namespace jalon::api {

inline constexpr size_t kRequestBytesMax = 256 * 1024;
inline constexpr size_t kImportBytesMax = 4 * 1024 * 1024;

// What all kinds of method have.
struct MethodSpec {
  std::string path;                   // "/jalon.stay.v1.StayService/EndStay"
  std::string service;                // "jalon.stay.v1.StayService"
  std::string action;                 // "stay.end"
  std::vector<std::string> resource;  // fields that name what it is about
  uint32_t roles = 0;                 // a bit for each role's number
  bool open_to_all = false;
  size_t bytes_max = kRequestBytesMax;
  const google::protobuf::Message* request = nullptr;   // prototype, of the generated class
  const google::protobuf::Message* response = nullptr;  // prototype

  bool Allows(type::v1::Role role) const { return ((roles >> role) & 1) != 0; }
};

// XRequest {CommandHeader header = 1; X command = 2;} → XResponse {CommandResult result = 1;}
struct CommandSpec : MethodSpec {
  const google::protobuf::FieldDescriptor* header = nullptr;
  const google::protobuf::FieldDescriptor* command = nullptr;
  MessagePlan plan;  // of the command
  // Why company roles may not, where a rule denies them; the zero value: no rule does.
  domain::RefusalReason denied_as = refusal::v1::REFUSAL_REASON_UNSPECIFIED;
};

// XRequest {QueryHeader header = 1; …} → XResponse {AsOf as_of = 1; …}, or VectorAsOf where it
// spans schools
struct QuerySpec : MethodSpec {
  const google::protobuf::FieldDescriptor* header = nullptr;
  MessagePlan plan;  // of the request
};

// XRequest {QueryHeader header = 1; …} → a stream of XResponse
struct StreamSpec : MethodSpec {
  MessagePlan plan;  // of the request
};

struct MethodTable {
  std::vector<std::unique_ptr<const CommandSpec>> commands;
  std::vector<std::unique_ptr<const QuerySpec>> queries;
  std::vector<std::unique_ptr<const StreamSpec>> streams;

  // Of these services; methods of operators (option admin) are left out.
  static Result<MethodTable> Make(
      const std::vector<const google::protobuf::ServiceDescriptor*>& services);

  // The query that takes this request type; null if there is none.
  const QuerySpec* FindQuery(const google::protobuf::Descriptor* request) const;
};

}  // namespace jalon::api
