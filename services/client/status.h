// What a call of gRPC came to, with the details that a server gave.
#pragma once

#include <grpcpp/support/status.h>

#include "services/client/client.h"

namespace jalon::client {

// Fills `ok`, and unless it is true `error` and `refusals`.
void ReadStatus(const grpc::Status& status, Reply* reply);

}  // namespace jalon::client
