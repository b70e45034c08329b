#include "services/api/server.h"

#include <arpa/inet.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/client_unary_call.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <future>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"

namespace jalon::api {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{20};

std::unique_ptr<Server> StartServer(std::vector<Endpoint> endpoints = {},
                                    ServerOptions options = {.connections_max = 16}) {
  options.listen = "127.0.0.1:0";
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

// A connection that says nothing.
class Connection {
 public:
  explicit Connection(const Server& server) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(static_cast<uint16_t>(server.port()));
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  ~Connection() { close(socket_); }
  bool Connect() {
    return connect(socket_, reinterpret_cast<sockaddr*>(&address_), sizeof address_) == 0;
  }
  // gRPC speaks first, with its settings; a connection that is closed says nothing.
  bool Speaks(std::chrono::milliseconds patience = std::chrono::seconds(10)) const {
    pollfd file{.fd = socket_, .events = POLLIN, .revents = 0};
    char first = 0;
    return poll(&file, 1, static_cast<int>(patience.count())) == 1 &&
           recv(socket_, &first, 1, 0) == 1;
  }
  bool Taken() { return Connect() && Speaks(); }

 private:
  const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address_{};
};

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
  EXPECT_FALSE(Connection(*server).Connect());  // nobody waits at a door that does not open again
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

TEST(Server, OneConnectionMoreThanItTakesIsClosed) {
  constexpr size_t kConnections = 8;
  std::atomic<uint64_t> refused = 0;
  const auto server = StartServer(
      {}, {.connections_max = kConnections, .on_refused = [&](uint64_t more) { refused += more; }});
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

// The connection waits until there is a descriptor for it; meanwhile nothing is busy with it.
TEST(Server, WithoutDescriptorsItWaitsWithoutSpinning) {
  std::atomic<uint64_t> refused = 0;
  const auto server = StartServer(
      {}, {.connections_max = 16, .on_refused = [&](uint64_t more) { refused += more; }});
  Connection connection(*server);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{.rlim_cur = 3, .rlim_max = limit.rlim_max};  // poll takes as many
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const std::clock_t before = std::clock();
  const bool connected = connection.Connect();
  const bool spoke = connection.Speaks(std::chrono::milliseconds(500));
  const std::clock_t busy = std::clock() - before;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_TRUE(connected);
  EXPECT_FALSE(spoke);
  EXPECT_LT(busy, CLOCKS_PER_SEC / 10);
  EXPECT_EQ(refused, 0U);
  EXPECT_TRUE(connection.Speaks());
}

// Its client says nothing more and does not close it: the connection is never idle.
TEST(Server, AConnectionWithAStreamThatStaysOpenIsEnded) {
  const auto server = StartServer({}, {.connections_max = 16,
                                       .connection_age = std::chrono::milliseconds(100),
                                       .connection_grace = std::chrono::milliseconds(100)});
  const auto reflection = grpc::reflection::v1::ServerReflection::NewStub(ChannelTo(*server));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const auto stream = reflection->ServerReflectionInfo(&context);
  grpc::reflection::v1::ServerReflectionResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(Health, ANameThatIsTooLongIsNotKept) {
  const auto server = StartServer();
  const auto health = grpc::health::v1::Health::NewStub(server->InProcessChannel());
  for (const size_t bytes : {kHealthNameBytesMax, kHealthNameBytesMax + 1}) {
    HealthCheckRequest request;
    request.set_service(std::string(bytes, 'x'));
    grpc::ClientContext check;
    HealthCheckResponse response;
    EXPECT_EQ(health->Check(&check, request, &response).error_code(),
              bytes > kHealthNameBytesMax ? grpc::StatusCode::INVALID_ARGUMENT
                                          : grpc::StatusCode::NOT_FOUND);
    grpc::ClientContext watch;
    watch.set_deadline(std::chrono::system_clock::now() + kPatience);
    const auto watcher = health->Watch(&watch, request);
    EXPECT_EQ(watcher->Read(&response), bytes <= kHealthNameBytesMax);
    if (bytes <= kHealthNameBytesMax) watch.TryCancel();
    EXPECT_EQ(watcher->Finish().error_code(), bytes > kHealthNameBytesMax
                                                  ? grpc::StatusCode::INVALID_ARGUMENT
                                                  : grpc::StatusCode::CANCELLED);
  }
}

TEST(Health, WatchersAreBounded) {
  const auto server = StartServer();
  const auto health = grpc::health::v1::Health::NewStub(server->InProcessChannel());
  struct Watch {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader;
  };
  std::vector<std::unique_ptr<Watch>> open;
  HealthCheckResponse response;
  const auto watch = [&] {
    open.push_back(std::make_unique<Watch>());
    open.back()->reader = health->Watch(&open.back()->context, HealthCheckRequest());
    return open.back()->reader->Read(&response);
  };
  for (size_t i = 0; i < kHealthWatchersMax; ++i) ASSERT_TRUE(watch()) << i;
  const bool one_more = watch();
  EXPECT_FALSE(one_more);
  if (one_more) open.back()->context.TryCancel();
  EXPECT_EQ(open.back()->reader->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  open.pop_back();
  for (const auto& each : open) {
    each->context.TryCancel();
    each->reader->Finish();
  }
}

}  // namespace
}  // namespace jalon::api
