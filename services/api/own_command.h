// Commands that a node gives the system partition by itself: how far logs have grown, and that it
// signs from now on. They are the events that they want (event.v1.LogsPublished, SignerClaimed), no
// person sends them, and the door knows none of them; from node to node they go as others do.
//
// Thread safety: any thread.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/writer/application.h"
#include "services/domain/request.h"

namespace google::protobuf {
class Message;
}

namespace jalon::api {

struct OwnCommand {
  std::shared_ptr<const google::protobuf::Message> wanted;
  Bytes request_id;
  Micros until{};  // how long it is tried where another node owns the partition, monotonic
};

// Its submission, but for `done`.
eventstore::Submission SubmissionOf(const OwnCommand& command);

// Whether a door made the request, or this.
bool IsOwn(const domain::Request& request);
// An empty one by the name that IsOwn's requests have as their method; null: there is none of it.
std::unique_ptr<google::protobuf::Message> NewOwnCommand(std::string_view method);

}  // namespace jalon::api
