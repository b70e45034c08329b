#include "services/api/query_door.h"

#include <google/protobuf/arena.h>

#include <utility>

#include "services/api/buffers.h"
#include "services/api/call.h"
#include "services/api/queries/access_note.h"
#include "services/api/status.h"
#include "services/domain/reason.h"

namespace jalon::api {

using domain::Reason;
using domain::Refusals;
using google::protobuf::Message;

// One query in the door. Lives from the handler's call until it is answered, then deletes itself.
class QueryCall {
 public:
  QueryCall(const QueryDoor::Parts& parts, const QuerySpec& spec, const QueryMethod& method,
            grpc::ServerUnaryReactor& reactor, grpc::ByteBuffer& response)
      : parts_(parts), spec_(spec), method_(method), reactor_(reactor), response_bytes_(response) {}

  void Run(const grpc::CallbackServerContext& context, const grpc::ByteBuffer& body) {
    Call call;
    const auto read = ReadCall(context, parts_.tokens, parts_.real_clock, spec_.open_to_all, &call);
    caller_.language = call.language;
    if (!read) return Fail(read.error());
    if (call.claims != nullptr) caller_.principal = call.claims->principal;
    if (body.Length() > spec_.bytes_max) return Refuse(Refusals().Add(Reason::TOO_LARGE));
    Message* request = spec_.request->New(&arena_);
    if (!ParseBuffer(body, request)) return Refuse(Refusals().Add(Reason::MALFORMED));
    Refusals refusals;
    spec_.plan.Check(*request, "", &refusals, nullptr);
    if (refusals) return Refuse(refusals);
    response_ = spec_.response->New(&arena_);
    parts_.frame.Ask(method_, *request, caller_, parts_.clock.Monotonic() + call.remaining,
                     response_, [this](const Result<void>& asked) {
                       if (!asked) return Finish(ToStatus(asked.error(), caller_.language));
                       response_bytes_ = ToBuffer(*response_);
                       Finish(grpc::Status::OK);
                     });
  }

 private:
  // Most answers are a few KiB of small messages.
  static google::protobuf::ArenaOptions FirstBlock() {
    google::protobuf::ArenaOptions options;
    options.start_block_size = 8192;
    return options;
  }
  // Answers; `this` is gone afterwards.
  void Finish(grpc::Status status) {
    reactor_.Finish(std::move(status));
    delete this;
  }
  void Refuse(const Refusals& refusals) {
    NoteRefusal(parts_.access, {.who = &caller_.principal, .action = spec_.action}, refusals);
    Finish(ToStatus(refusals, caller_.language));
  }
  void Fail(const Error& error) {
    NoteRefusal(parts_.access, {.action = spec_.action}, error);
    Finish(ToStatus(error, caller_.language));
  }

  const QueryDoor::Parts& parts_;
  const QuerySpec& spec_;
  const QueryMethod& method_;
  grpc::ServerUnaryReactor& reactor_;
  grpc::ByteBuffer& response_bytes_;
  google::protobuf::Arena arena_{FirstBlock()};
  Caller caller_;
  Message* response_ = nullptr;
};

RawHandler QueryDoor::HandlerOf(const QuerySpec& spec, const QueryMethod& method) {
  return [this, &spec, &method](grpc::CallbackServerContext* context, const grpc::ByteBuffer* body,
                                grpc::ByteBuffer* response) -> grpc::ServerUnaryReactor* {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    (new QueryCall(parts_, spec, method, *reactor, *response))->Run(*context, *body);
    return reactor;
  };
}

}  // namespace jalon::api
