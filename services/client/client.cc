#include "services/client/client.h"

#include <google/protobuf/message.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <chrono>
#include <map>

#include "eventstore/base/mutex.h"
#include "services/client/methods.h"
#include "services/client/status.h"

namespace jalon::client {
namespace {

using google::protobuf::Message;
using RawStub = grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer>;

// One call in flight. gRPC keeps pointers into it until `done` ran.
struct Call {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
};

grpc::ByteBuffer ToBuffer(const Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

bool FromBuffer(grpc::ByteBuffer* buffer, Message* message) {
  grpc::ProtoBufferReader reader(buffer);
  return reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
}

}  // namespace

// A server that restarts is back in a second or two: gRPC's own 1 to 120 s is for the open
// Internet.
static grpc::ChannelArguments ArgumentsFor(std::string_view target) {
  grpc::ChannelArguments arguments;
  // Of several nodes, one after the other that can be reached.
  if (target.find(',') != target.npos) arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // Bounds one attempt, whatever its name says: a busy machine takes its time to shake hands.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return arguments;
}

struct Client::Shared {
  explicit Shared(std::shared_ptr<grpc::Channel> to) : channel(std::move(to)), stub(channel) {}
  std::shared_ptr<grpc::Channel> channel;
  RawStub stub;
};

Client::Client(std::string_view target, Options options)
    : shared_(std::make_shared<Shared>(grpc::CreateCustomChannel(
          std::string(target), grpc::InsecureChannelCredentials(), ArgumentsFor(target)))),
      options_(std::move(options)) {}
Client::Client(std::shared_ptr<Shared> shared, Options options)
    : shared_(std::move(shared)), options_(std::move(options)) {}
Client::~Client() = default;

Client Client::As(std::string token) const {
  Options options = options_;
  options.token = std::move(token);
  return Client(shared_, std::move(options));
}

namespace {

std::shared_ptr<Call> NewCall(const Message& request, const Options& options) {
  auto call = std::make_shared<Call>();
  call->context.set_deadline(std::chrono::system_clock::now() +
                             std::chrono::milliseconds(options.deadline_ms));
  call->context.set_wait_for_ready(options.wait_for_server);
  if (!options.token.empty()) call->context.AddMetadata("authorization", "Bearer " + options.token);
  call->context.AddMetadata("accept-language", options.language);
  call->request = ToBuffer(request);
  return call;
}

// Waits for a callback that another thread makes.
class Wait {
 public:
  void Finish() {
    MutexLock lock(mutex_);
    done_ = true;
    condition_.notify_one();
  }
  void Join() {
    MutexLock lock(mutex_);
    lock.Wait(condition_, [this] { return done_; });
  }

 private:
  Mutex mutex_;
  Condition condition_;
  bool done_ = false;
};

}  // namespace

void Client::CommandLater(const Message& command, const type::v1::CommandHeader& header,
                          std::function<void(Reply)> done) const {
  const Method* method = CommandMethod(command.GetDescriptor()->full_name());
  if (method == nullptr) {
    Reply reply;
    reply.error = {Code::kUnimplemented, "", "no service takes this command", {}};
    return done(std::move(reply));
  }
  const std::unique_ptr<Message> request = method->NewRequest(command, header);
  auto call = NewCall(*request, options_);
  // The call ends before `done` runs: `done` may be what lets the owner drop this client, and the
  // channel must not go in the middle of its own callback.
  auto finish = [held = call, method, done = std::move(done)](grpc::Status status) mutable {
    Reply reply;
    reply.ok = status.ok();
    if (!status.ok()) {
      ReadStatus(status, &reply);
    } else {
      const std::unique_ptr<Message> response = method->NewResponse();
      reply.ok = FromBuffer(&held->response, response.get());
      if (reply.ok) reply.result = method->ResultOf(*response);
    }
    held.reset();
    done(std::move(reply));
  };
  Call& out = *call;
  call.reset();
  shared_->stub.UnaryCall(&out.context, method->path, {}, &out.request, &out.response,
                          std::move(finish));
}

Reply Client::Command(const Message& command, const type::v1::CommandHeader& header) const {
  Wait wait;
  Reply reply;
  CommandLater(command, header, [&](Reply answer) {
    reply = std::move(answer);
    wait.Finish();
  });
  wait.Join();
  return reply;
}

Reply Client::Query(const Message& request, Message* response) const {
  Reply reply;
  const std::string path = MethodPath(request.GetDescriptor()->full_name());
  if (path.empty()) {
    reply.error = {Code::kUnimplemented, "", "no service takes this request", {}};
    return reply;
  }
  auto call = NewCall(request, options_);
  Wait wait;
  grpc::Status status;
  shared_->stub.UnaryCall(&call->context, path, {}, &call->request, &call->response,
                          [&](grpc::Status answer) {
                            status = std::move(answer);
                            wait.Finish();
                          });
  wait.Join();
  reply.ok = status.ok() && FromBuffer(&call->response, response);
  if (!status.ok()) ReadStatus(status, &reply);
  return reply;
}

}  // namespace jalon::client
