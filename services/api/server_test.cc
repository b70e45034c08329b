#include "services/api/server.h"

#include <arpa/inet.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/client_unary_call.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"

namespace jalon::api {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{20};

std::unique_ptr<Server> StartServer(std::vector<Endpoint> endpoints = {}, size_t connections = 16,
                                    std::function<void(uint64_t)> on_refused = {}) {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.connections_max = connections;
  options.on_refused = std::move(on_refused);
  auto server = Server::Start(options, std::move(endpoints));
  EXPECT_TRUE(server) << server.error().message;
  return std::move(*server);
}

std::shared_ptr<grpc::Channel> ChannelTo(const Server& server) {
  grpc::ChannelArguments alone;  // a connection of its own
  alone.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server.port()),
                                   grpc::InsecureChannelCredentials(), alone);
}

TEST(Server, ItsEndEndsStreamsAtOnceAndAnswersCalls) {
  std::promise<grpc::ServerUnaryReactor*> asked;
  const auto server =
      StartServer({{"/test.Service/Slow", [&](grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer*, grpc::ByteBuffer* response) {
                      const grpc::Slice empty;
                      *response = grpc::ByteBuffer(&empty, 1);
                      grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
                      asked.set_value(reactor);
                      return reactor;
                    }}});
  const auto channel = ChannelTo(*server);
  server->SetServing(true);

  const auto health = grpc::health::v1::Health::NewStub(channel);
  grpc::ClientContext watch;
  const auto watcher = health->Watch(&watch, HealthCheckRequest());
  HealthCheckResponse status;
  ASSERT_TRUE(watcher->Read(&status));
  EXPECT_EQ(status.status(), HealthCheckResponse::SERVING);

  const auto reflection = grpc::reflection::v1::ServerReflection::NewStub(channel);
  grpc::ClientContext reflect;
  const auto stream = reflection->ServerReflectionInfo(&reflect);
  grpc::reflection::v1::ServerReflectionRequest list;
  list.set_list_services("");
  grpc::reflection::v1::ServerReflectionResponse listed;
  ASSERT_TRUE(stream->Write(list));
  ASSERT_TRUE(stream->Read(&listed));

  auto slow = std::async(std::launch::async, [&] {
    const grpc::internal::RpcMethod method("/test.Service/Slow",
                                           grpc::internal::RpcMethod::NORMAL_RPC);
    grpc::ClientContext context;
    HealthCheckResponse response;
    return grpc::internal::BlockingUnaryCall(channel.get(), method, &context, HealthCheckRequest(),
                                             &response);
  });
  grpc::ServerUnaryReactor* unanswered = asked.get_future().get();

  const auto began = steady_clock::now();
  auto drained = std::async(std::launch::async, [&] { server->Drain(kPatience); });
  ASSERT_TRUE(watcher->Read(&status));
  EXPECT_EQ(status.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watcher->Read(&status));
  EXPECT_EQ(watcher->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(stream->Read(&listed));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_NE(drained.wait_for(std::chrono::milliseconds(50)), std::future_status::ready);
  unanswered->Finish(grpc::Status::OK);
  EXPECT_TRUE(slow.get().ok());
  drained.get();
  EXPECT_LT(steady_clock::now() - began, kPatience / 2);
}

TEST(Server, ManyWatchersComeAndGoWhileStatusesChange) {
  const auto server = StartServer();
  std::atomic<bool> enough = false;
  std::jthread changing([&] {
    for (bool serving = true; !enough; serving = !serving) server->SetServing(serving);
  });
  {
    std::vector<std::jthread> watchers;
    for (int i = 0; i < 4; ++i) {
      watchers.emplace_back([&] {
        const auto health = grpc::health::v1::Health::NewStub(ChannelTo(*server));
        for (int call = 0; call < 50; ++call) {
          grpc::ClientContext context;
          const auto watcher = health->Watch(&context, HealthCheckRequest());
          HealthCheckResponse status;
          for (int read = 0; read < 5; ++read) EXPECT_TRUE(watcher->Read(&status));
          context.TryCancel();
          EXPECT_EQ(watcher->Finish().error_code(), grpc::StatusCode::CANCELLED);
        }
      });
    }
  }
  enough = true;
}

// A connection that says nothing.
class Connection {
 public:
  explicit Connection(const Server& server) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Connection() { close(socket_); }
  // gRPC speaks first, with its settings; a connection that is closed says nothing.
  bool Taken() const {
    pollfd file{.fd = socket_, .events = POLLIN, .revents = 0};
    char first = 0;
    return poll(&file, 1, 10'000) == 1 && recv(socket_, &first, 1, 0) == 1;
  }

 private:
  const int socket_;
};

TEST(Server, OneConnectionMoreThanItTakesIsClosed) {
  constexpr size_t kConnections = 8;
  std::atomic<uint64_t> refused = 0;
  const auto server = StartServer({}, kConnections, [&](uint64_t more) { refused += more; });
  std::vector<std::unique_ptr<Connection>> open;
  for (size_t i = 0; i < kConnections; ++i) {
    open.push_back(std::make_unique<Connection>(*server));
    EXPECT_TRUE(open.back()->Taken()) << i;
  }
  EXPECT_FALSE(Connection(*server).Taken());
  EXPECT_EQ(refused, 1U);
  open.pop_back();
  const auto patience = steady_clock::now() + std::chrono::seconds(10);
  bool taken = false;
  while (!taken && steady_clock::now() < patience) taken = Connection(*server).Taken();
  EXPECT_TRUE(taken);
}

}  // namespace
}  // namespace jalon::api
