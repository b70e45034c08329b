// The methods of every linked service, found from the descriptors.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jalon/command/v1/command.pb.h"
#include "jalon/type/v1/header.pb.h"

namespace google::protobuf {
class Message;
class MethodDescriptor;
}  // namespace google::protobuf

namespace jalon::client {

// A command's method: XRequest {header, command} → XResponse {result}.
struct Method {
  std::string path;
  const google::protobuf::Message* request = nullptr;  // prototypes, never changed
  const google::protobuf::Message* response = nullptr;

  std::unique_ptr<google::protobuf::Message> NewRequest(
      const google::protobuf::Message& command, const type::v1::CommandHeader& header) const;
  std::unique_ptr<google::protobuf::Message> NewResponse() const;
  command::v1::CommandResult ResultOf(const google::protobuf::Message& response) const;
};

// The method that takes the command of that full name ("jalon.stay.v1.EndStay"); null if there is
// none.
const Method* CommandMethod(std::string_view command_type);

// Every command and query, by service.
const std::vector<const google::protobuf::MethodDescriptor*>& Methods();
// The method of that name ("EndStay") or full name ("jalon.stay.v1.StayService/EndStay"); null if
// there is none.
const google::protobuf::MethodDescriptor* MethodNamed(std::string_view name);

}  // namespace jalon::client
