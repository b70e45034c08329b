// What an operator asks of the server whose data folder is at hand, through the socket in it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "jalon/admin/v1/admin_service.pb.h"
#include "services/client/client.h"

namespace jalon::client {

struct AdminOptions {
  std::string language = "en";  // or "fr"
  // Of each call. Without it the calls that report progress last as long as the work does, and all
  // others are given 30 seconds, where a few are enough.
  std::optional<uint32_t> deadline_ms = {};
};

// Thread safety: every call may come from any thread.
class Admin {
 public:
  // Called for each report; false ends the call. What that ends on the server, the call says.
  template <typename Progress>
  using Step = std::function<bool(const Progress&)>;

  // `data_folder`: the server's. No connection is made before the first call.
  Admin(const std::string& data_folder, AdminOptions options);
  ~Admin();

  Reply ListViews(admin::v1::ListViewsResponse* response) const;
  // The rebuild goes on when the call ends; CancelRebuild ends it.
  Reply RebuildView(const std::string& name,
                    const Step<admin::v1::RebuildViewResponse>& step) const;
  Reply CancelRebuild(const std::string& name, admin::v1::CancelRebuildResponse* response) const;
  Reply GetLogStatus(admin::v1::GetLogStatusResponse* response) const;
  // Verifying ends when the call does.
  Reply VerifyLog(const Step<admin::v1::VerifyLogResponse>& step) const;
  // Ends when the call does; what was copied until then is no backup.
  Reply BackupLog(const std::string& target_path,
                  const Step<admin::v1::BackupLogResponse>& step) const;
  Reply AdvanceClock(const admin::v1::AdvanceClockRequest& request,
                     admin::v1::AdvanceClockResponse* response) const;

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

// The path of the socket in a data folder.
std::string AdminSocket(const std::string& data_folder);

}  // namespace jalon::client
