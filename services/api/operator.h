// What an operator may ask of one server (jalon.admin.v1.AdminService), and the socket it is asked
// through: a Unix socket in the data folder, of mode 0600. Whoever may open it may do all of it,
// and needs no token.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "eventstore/base/result.h"
#include "jalon/admin/v1/admin_service.pb.h"

namespace jalon::api {

class VaultOperator;

// Thread safety: every call may come from any thread. Calls that report progress take as long as
// the work does; the caller may be gone meanwhile, which `report` says by returning false.
class Operator {
 public:
  template <typename Progress>
  using Report = std::function<bool(const Progress&)>;

  virtual ~Operator() = default;
  virtual Result<admin::v1::ListViewsResponse> ListViews() = 0;
  // Goes on although `report` returned false. An empty name: all views.
  virtual Result<void> RebuildView(const std::string& name,
                                   const Report<admin::v1::RebuildViewResponse>& report) = 0;
  virtual Result<admin::v1::CancelRebuildResponse> CancelRebuild(const std::string& name) = 0;
  virtual Result<admin::v1::GetLogStatusResponse> GetLogStatus() = 0;
  // Ends when `report` returns false.
  virtual Result<void> VerifyLog(const Report<admin::v1::VerifyLogResponse>& report) = 0;
  virtual Result<void> BackupLog(const std::string& target_path,
                                 const Report<admin::v1::BackupLogResponse>& report) = 0;
  virtual Result<admin::v1::AdvanceClockResponse> AdvanceClock(
      const admin::v1::AdvanceClockRequest& request) = 0;
};

// Thread safety: Stop from one thread.
class OperatorSocket {
 public:
  // Both, or one and null, must work until the socket is stopped. UNAVAILABLE LISTEN_FAILED with
  // what to do.
  static Result<std::unique_ptr<OperatorSocket>> Start(const std::string& path, Operator* asked,
                                                       VaultOperator* of_keys);
  virtual ~OperatorSocket() = default;
};

}  // namespace jalon::api
