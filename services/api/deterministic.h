// The bytes of a message, the same for the same content.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace jalon::api {

std::string DeterministicBytes(const google::protobuf::Message& message);

}  // namespace jalon::api
