// Server reflection (grpc.reflection.v1 and v1alpha): clients ask which services there are and for
// the descriptors of their messages, and so need no proto files.
//
// The library's own plugin (grpc++_reflection) serves it with gRPC's synchronous API, whose polling
// threads then take part in every call of the server and hand it over to the callback threads: a
// third more CPU for each command. This one is a callback service like all others here.
#pragma once

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <string>
#include <vector>

namespace jalon::api {

// Both versions of the service. `services` are the full names to list beside reflection itself;
// descriptors come from the program's own pool.
std::vector<std::unique_ptr<grpc::Service>> MakeReflection(std::vector<std::string> services);

}  // namespace jalon::api
