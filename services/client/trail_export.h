// A company's trail exported through gRPC.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "jalon/trail/v1/trail_service.pb.h"
#include "services/client/client.h"

namespace jalon::client {

// Thread safety: every call may come from any thread.
class TrailExports {
 public:
  // Called for each response; false ends the call.
  using Step = std::function<bool(const trail::v1::ExportTrailResponse&)>;

  // As Client; of the options, the deadline counts only where `bounded` is passed to Export.
  TrailExports(std::string_view target, Options options);
  ~TrailExports();

  // Until all is there, or `step` ends it; both are `ok`.
  Reply Export(const trail::v1::ExportTrailRequest& request, const Step& step,
               bool bounded = false) const;

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace jalon::client
