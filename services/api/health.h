// The health service (grpc.health.v1) of one server. gRPC has one of its own, but its watchers stay
// open until a server that ends loses patience with them.
#pragma once

#include <grpcpp/impl/service_type.h>

#include <cstddef>
#include <memory>
#include <string>

namespace jalon::api {

// Nobody who asks says who it is, so both are bounded: INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
inline constexpr size_t kHealthNameBytesMax = 256;
inline constexpr size_t kHealthWatchersMax = 1024;

// Thread safety: every call may come from any thread.
class Health {
 public:
  static std::unique_ptr<Health> Make();
  virtual ~Health() = default;

  // The service to register; lives as long as this does.
  virtual grpc::Service& service() = 0;
  // What is told of that name, and to whoever watches it, from now on.
  virtual void Set(const std::string& name, bool serving) = 0;
  // Ends every watcher's call, and those that come later, once each was told the last of its name.
  virtual void EndWatchers() = 0;
};

}  // namespace jalon::api
