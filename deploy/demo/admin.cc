#include "deploy/demo/admin.h"

#include <grpcpp/create_channel.h>

#include "eventstore/base/clock.h"
#include "jalon/admin/v1/admin_service.grpc.pb.h"

namespace jalon::demo {
namespace {

uint64_t MonotonicMs() { return static_cast<uint64_t>(SystemClock().Monotonic().count()) / 1000; }

}  // namespace

struct Admin::Shared {
  std::unique_ptr<admin::v1::AdminService::Stub> stub;
};

Admin::Admin(const std::string& target) : shared_(std::make_unique<Shared>()) {
  shared_->stub = admin::v1::AdminService::NewStub(
      grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
}
Admin::~Admin() = default;

bool Admin::Refresh() {
  grpc::ClientContext context;
  admin::v1::GetLogStatusResponse response;
  const grpc::Status status = shared_->stub->GetLogStatus(&context, {}, &response);
  fault_ = status.error_message();
  if (!status.ok()) return false;
  now_ms_ = static_cast<uint64_t>(response.now()) / 1000;
  read_at_ms_ = MonotonicMs();
  today_on_ = response.today_on();
  return true;
}

bool Admin::AdvanceTo(uint32_t on) {
  grpc::ClientContext context;
  admin::v1::AdvanceClockRequest request;
  request.set_to_on(on);
  admin::v1::AdvanceClockResponse response;
  const grpc::Status status = shared_->stub->AdvanceClock(&context, request, &response);
  fault_ = status.error_message();
  if (!status.ok()) return false;
  now_ms_ = static_cast<uint64_t>(response.now()) / 1000;
  read_at_ms_ = MonotonicMs();
  today_on_ = response.today_on();
  return true;
}

bool Admin::RebuildViews(const std::function<void(uint64_t, uint64_t)>& on_progress) {
  grpc::ClientContext context;
  auto reader = shared_->stub->RebuildView(&context, {});
  admin::v1::RebuildViewResponse progress;
  bool done = false;
  while (reader->Read(&progress)) {
    on_progress(progress.records_done(), progress.records_total());
    done = progress.phase() == admin::v1::REBUILD_PHASE_DONE;
  }
  const grpc::Status status = reader->Finish();
  fault_ = status.error_message();
  return status.ok() && done;
}

std::set<uint32_t> Admin::Owned() {
  grpc::ClientContext context;
  admin::v1::GetLogStatusResponse response;
  if (!shared_->stub->GetLogStatus(&context, {}, &response).ok()) return {};
  std::set<uint32_t> owned;
  for (const auto& partition : response.partitions()) {
    if (partition.owned()) owned.insert(partition.partition());
  }
  return owned;
}

uint64_t Admin::NowMs() const { return now_ms_ + (MonotonicMs() - read_at_ms_); }

}  // namespace jalon::demo
