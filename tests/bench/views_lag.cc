#include "tests/bench/views_lag.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <map>

#include "jalon/admin/v1/admin_service.grpc.pb.h"

namespace jalon::bench {
namespace {

using admin::v1::AdminService;
using Time = std::chrono::steady_clock;

constexpr double kPatienceSeconds = 60;
constexpr useconds_t kPauseUs = 2000;

using Heads = std::map<uint32_t, uint64_t>;  // last seq by partition

std::optional<Heads> HeadsOfLog(AdminService::Stub& stub) {
  grpc::ClientContext context;
  admin::v1::GetLogStatusResponse status;
  if (!stub.GetLogStatus(&context, {}, &status).ok()) return std::nullopt;
  Heads heads;
  for (const auto& partition : status.partitions()) {
    if (partition.partition() >= status.partition_count()) continue;  // the system's has no views
    heads[partition.partition()] = partition.head().position().seq();
  }
  return heads;
}

bool Reached(const admin::v1::ViewStatus& view, const Heads& heads) {
  Heads reached;
  for (const auto& partition : view.partitions()) {
    reached[partition.partition()] = partition.as_of().position().seq();
  }
  for (const auto& [partition, seq] : heads) {
    if (reached[partition] < seq) return false;
  }
  return true;
}

}  // namespace

std::optional<double> SecondsUntilViewsFollow(const std::string& admin) {
  const auto start = Time::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Time::now() - start).count(); };
  const auto stub =
      AdminService::NewStub(grpc::CreateChannel(admin, grpc::InsecureChannelCredentials()));
  const auto heads = HeadsOfLog(*stub);
  while (heads && seconds() < kPatienceSeconds) {
    grpc::ClientContext context;
    admin::v1::ListViewsResponse response;
    if (!stub->ListViews(&context, {}, &response).ok() || response.views().empty()) break;
    bool all = true;
    for (const auto& view : response.views()) all = all && Reached(view, *heads);
    if (all) return seconds();
    usleep(kPauseUs);
  }
  fmt::print(stderr, "the views did not reach the end of the log\n");
  return std::nullopt;
}

}  // namespace jalon::bench
