// What the operator's socket may ask of this node.
#pragma once

#include "projections/engine/projector.h"
#include "projections/engine/store.h"
#include "projections/engine/view_set.h"
#include "services/api/operator.h"
#include "services/node/data_folder.h"
#include "services/node/rebuilding.h"
#include "services/node/writers.h"

namespace jalon::node {

class NodeOperator final : public api::Operator {
 public:
  struct Parts {
    DataFolder& folder;
    Writers& writers;
    projections::Projector& projector;
    projections::ViewStore& store;
    const projections::ViewSet& views;
    Rebuilding& rebuilding;
  };
  // All must outlive the operator.
  explicit NodeOperator(const Parts& parts) : parts_(parts) {}

  Result<admin::v1::ListViewsResponse> ListViews() override;
  Result<void> RebuildView(const std::string& name,
                           const Report<admin::v1::RebuildViewResponse>& report) override;
  Result<admin::v1::CancelRebuildResponse> CancelRebuild(const std::string& name) override;
  Result<admin::v1::GetLogStatusResponse> GetLogStatus() override;
  Result<void> VerifyLog(const Report<admin::v1::VerifyLogResponse>& report) override;
  Result<void> BackupLog(const std::string& target_path,
                         const Report<admin::v1::BackupLogResponse>& report) override;
  Result<admin::v1::AdvanceClockResponse> AdvanceClock(
      const admin::v1::AdvanceClockRequest& request) override;

 private:
  const Parts parts_;
};

}  // namespace jalon::node
