#include "services/api/registration.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/hash.h"
#include "jalon/event/v1/system_events.pb.h"
#include "jalon/school/v1/school_service.pb.h"

namespace jalon::api {
namespace {

using school::v1::RegisterSchoolRequest;

// Of a UUIDv7: the time and the version, and the byte that begins with the variant.
constexpr size_t kTimeBytes = 7;
constexpr size_t kVariantByte = 8;
constexpr uint8_t kVariantMask = 0xc0;
constexpr uint8_t kVariant = 0x80;

}  // namespace

bool IsRegistration(const domain::Request& request) {
  return request.command->GetDescriptor() == school::v1::RegisterSchool::descriptor();
}

std::optional<Partition> WantedPartition(const domain::Request& request) {
  if (!IsRegistration(request)) return std::nullopt;
  const auto& command = static_cast<const school::v1::RegisterSchool&>(*request.command);
  if (!command.has_partition()) return std::nullopt;
  return Partition{command.partition()};
}

Bytes PlacementRequestId(std::string_view request_id) {
  const Hash hash = Sha256({"jalon.placement.v1\n", request_id});
  Bytes id(request_id);
  std::copy(hash.begin() + kTimeBytes, hash.begin() + static_cast<ptrdiff_t>(id.size()),
            id.begin() + kTimeBytes);
  const auto drawn = static_cast<uint8_t>(id[kVariantByte]);
  id[kVariantByte] = static_cast<char>((drawn & ~kVariantMask) | kVariant);
  return id;
}

eventstore::Submission PlacementOf(const eventstore::Submission& registration,
                                   std::function<void(eventstore::Outcome)> done) {
  const auto& command = static_cast<const domain::Request&>(*registration.command);
  auto message = std::make_shared<RegisterSchoolRequest>(
      static_cast<const RegisterSchoolRequest&>(*command.request));
  message->mutable_header()->set_request_id(PlacementRequestId(registration.request_id));
  auto request = std::make_unique<domain::Request>();
  request->command = &message->command();
  request->header = &message->header();
  request->principal = command.principal;
  request->school_id = command.school_id;
  request->id_seed = command.id_seed;
  request->method = command.method;
  request->credential = command.credential;
  request->until = command.until;

  eventstore::Submission placement;
  placement.tenant = registration.tenant;
  placement.request_id = message->header().request_id();
  // Nothing of it is secret, and all that it must tell apart is where the school is to be: a
  // refused registration may come again with other words under the same id.
  const auto wanted = WantedPartition(command);
  const std::string at = wanted ? std::to_string(wanted->value) : "";
  placement.body_mac = Bytes(View(Sha256({"jalon.placement.v1\n", registration.tenant, at})));
  placement.actor = registration.actor;
  placement.trace = registration.trace;
  request->request = std::move(message);
  placement.command = std::move(request);
  placement.done = std::move(done);
  return placement;
}

std::optional<Partition> PlacedAt(std::string_view reply) {
  event::v1::TenantPlaced placed;
  if (!placed.ParseFromArray(reply.data(), static_cast<int>(reply.size()))) return std::nullopt;
  return Partition{placed.partition()};
}

}  // namespace jalon::api
