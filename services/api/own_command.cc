#include "services/api/own_command.h"

#include <array>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/base/random.h"
#include "jalon/event/v1/system_events.pb.h"
#include "jalon/type/v1/actor.pb.h"
#include "jalon/type/v1/header.pb.h"
#include "projections/views/tree_rows.h"
#include "services/api/deterministic.h"

namespace jalon::api {
namespace {

using google::protobuf::Message;

constexpr size_t kSeedBytes = 16;

// The command with the header that every one has.
struct Held {
  std::shared_ptr<const Message> wanted;
  type::v1::CommandHeader header;
};

}  // namespace

eventstore::Submission SubmissionOf(const OwnCommand& command) {
  const auto held = std::make_shared<Held>();
  held->wanted = command.wanted;
  held->header.set_request_id(command.request_id);
  auto request = std::make_unique<domain::Request>();
  request->command = held->wanted.get();
  request->header = &held->header;
  request->request = std::shared_ptr<const Message>(held, held->wanted.get());
  request->school_id = projections::PartitionScope();
  request->id_seed = RandomBytes(kSeedBytes);
  request->method = command.wanted->GetDescriptor()->full_name();
  request->until = command.until;
  eventstore::Submission submission;
  submission.tenant = request->school_id;
  submission.request_id = command.request_id;
  // Nothing of it is secret, and nobody else names its request id.
  submission.body_mac = Bytes(View(Sha256({DeterministicBytes(*command.wanted)})));
  submission.actor.set_origin(static_cast<uint32_t>(type::v1::ORIGIN_SYSTEM));
  submission.command = std::move(request);
  return submission;
}

bool IsOwn(const domain::Request& request) { return !request.method.starts_with('/'); }

std::unique_ptr<Message> NewOwnCommand(std::string_view method) {
  const std::array<const Message*, 2> known = {&event::v1::LogsPublished::default_instance(),
                                               &event::v1::SignerClaimed::default_instance()};
  for (const Message* one : known) {
    if (one->GetDescriptor()->full_name() == method) return std::unique_ptr<Message>(one->New());
  }
  return nullptr;
}

}  // namespace jalon::api
