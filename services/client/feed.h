// The public feed watched through gRPC.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "jalon/feed/v1/feed_service.pb.h"
#include "services/client/client.h"

namespace jalon::client {

// Thread safety: every call may come from any thread.
class Feed {
 public:
  // Called for each response; false ends the call.
  using Step = std::function<bool(const feed::v1::WatchEventsResponse&)>;

  // As Client; of the options, the deadline counts only where `bounded` is passed to Watch.
  Feed(std::string_view target, Options options);
  ~Feed();

  // Until the server ends it, or `step` does. With until_now in the request `ok` means that all is
  // there; without, it always ends with an error, UNAVAILABLE where one watches anew.
  Reply Watch(const feed::v1::WatchEventsRequest& request, const Step& step,
              bool bounded = false) const;

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace jalon::client
