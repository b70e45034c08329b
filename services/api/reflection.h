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

// Thread safety: every call may come from any thread.
class Reflection {
 public:
  // `listed` are the full names to list beside reflection itself; descriptors come from the
  // program's own pool.
  static std::unique_ptr<Reflection> Make(std::vector<std::string> listed);
  virtual ~Reflection() = default;

  // Both versions, to register; live as long as this does.
  virtual std::vector<grpc::Service*> services() = 0;
  // Ends every stream that is open, and those that come later.
  virtual void EndStreams() = 0;
};

}  // namespace jalon::api
