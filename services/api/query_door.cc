#include "services/api/query_door.h"

#include <google/protobuf/arena.h>

#include <memory>
#include <utility>

#include "services/api/buffers.h"
#include "services/api/call.h"
#include "services/api/language.h"
#include "services/api/peer/handed_over.h"
#include "services/api/queries/access_note.h"
#include "services/api/queries/trail_of.h"
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
    const auto read =
        ReadCall(context, parts_.tokens, parts_.real_clock, spec_.open_to_all, &call_);
    caller_.language = call_.language;
    if (!read) return Fail(read.error());
    if (call_.claims != nullptr) caller_.principal = call_.claims->principal;
    if (body.Length() > spec_.bytes_max) return Refuse(Refusals().Add(Reason::TOO_LARGE));
    request_ = spec_.request->New(&arena_);
    if (!ParseBuffer(body, request_)) return Refuse(Refusals().Add(Reason::MALFORMED));
    Refusals refusals;
    spec_.plan.Check(*request_, "", &refusals, nullptr);
    if (refusals) return Refuse(refusals);
    response_ = spec_.response->New(&arena_);
    until_ = parts_.clock.Monotonic() + call_.remaining;
    parts_.frame.Ask(
        method_, *request_, caller_, until_, response_, [this](const Result<void>& asked) {
          if (!asked && asked.error().reason == kSignerElsewhere && parts_.remote != nullptr) {
            return AskSigner(asked.error());
          }
          if (!asked) return Tell(asked.error());
          response_bytes_ = ToBuffer(*response_);
          Finish(grpc::Status::OK);
        });
  }

 private:
  // What only another node can answer; `otherwise` where that is not known, or does not answer.
  void AskSigner(const Error& otherwise) {
    node::v1::AnswerQueryRequest asked;
    asked.set_method(spec_.path);
    asked.set_request(request_->SerializeAsString());
    asked.set_token(call_.token);
    asked.set_language(std::string(LocaleOf(caller_.language)));
    asked.set_told_seq(parts_.frame.ToldOf(*request_, caller_).value);
    const bool is_known = parts_.remote->AnswerQuery(
        std::move(asked), until_ - parts_.clock.Monotonic(),
        [this, otherwise](const grpc::Status& status, const std::string& response) {
          if (!status.ok() && status.error_details().empty()) return Tell(otherwise);
          if (!status.ok()) return Finish(status);
          const grpc::Slice slice(response);
          response_bytes_ = grpc::ByteBuffer(&slice, 1);
          Finish(grpc::Status::OK);
        });
    if (!is_known) Tell(otherwise);
  }
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
    Tell(error);
  }
  // What the frame has noted.
  void Tell(const Error& error) { Finish(ToStatus(error, caller_.language)); }

  const QueryDoor::Parts& parts_;
  const QuerySpec& spec_;
  const QueryMethod& method_;
  grpc::ServerUnaryReactor& reactor_;
  grpc::ByteBuffer& response_bytes_;
  google::protobuf::Arena arena_{FirstBlock()};
  Call call_;
  Caller caller_;
  Micros until_{};
  Message* request_ = nullptr;
  Message* response_ = nullptr;
};

void QueryDoor::Answer(const node::v1::AnswerQueryRequest& asked, Micros patience,
                       const RemoteSigner::Answered& answered) const {
  const auto found = known_.find(asked.method());
  if (found == known_.end()) {
    return answered(ToStatus(Refusals().Add(Reason::UNSUPPORTED), LanguageOf(asked.language())),
                    {});
  }
  const QuerySpec& spec = *found->second.spec;
  const auto read = HandedOver::Read(asked, spec, spec.plan, parts_.tokens);
  if (!read) return answered(read.error(), {});
  const std::shared_ptr<HandedOver>& handed = *read;
  Message* response = spec.response->New(&handed->arena);
  parts_.frame.Ask(*found->second.method, *handed->request, handed->caller,
                   parts_.clock.Monotonic() + patience, response,
                   [handed, response, answered](const Result<void>& done) {
                     if (!done) {
                       return answered(ToStatus(done.error(), handed->caller.language), {});
                     }
                     answered(grpc::Status::OK, response->SerializeAsString());
                   });
}

RawHandler QueryDoor::HandlerOf(const QuerySpec& spec, const QueryMethod& method) {
  known_[spec.path] = {.spec = &spec, .method = &method};
  return [this, &spec, &method](grpc::CallbackServerContext* context, const grpc::ByteBuffer* body,
                                grpc::ByteBuffer* response) -> grpc::ServerUnaryReactor* {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    (new QueryCall(parts_, spec, method, *reactor, *response))->Run(*context, *body);
    return reactor;
  };
}

}  // namespace jalon::api
