// The yardstick of the command benchmarks: the least a gRPC server can do. Takes raw bytes, answers
// raw bytes of a fixed size.
//
// Usage: echo_server REPLY_BYTES   prints "port=N" and serves until killed.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server_builder.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

class Echo final : public grpc::CallbackGenericService {
 public:
  explicit Echo(size_t reply_bytes) : reply_(std::string(reply_bytes, 'x')) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Reactor(grpc::Slice(reply_));
  }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Reactor(const grpc::Slice& reply) : response_(&reply, 1) { StartRead(&request_); }
    void OnReadDone(bool ok) override {
      if (!ok) return Finish(grpc::Status::CANCELLED);
      StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
    }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer request_;
    grpc::ByteBuffer response_;
  };

  grpc::Slice reply_;
};

}  // namespace

int main(int count, char** words) {
  Echo echo(count > 1 ? std::strtoul(words[1], nullptr, 10) : 64);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&echo);
  auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("port=%d\n", port);
  std::fflush(stdout);
  server->Wait();
  return 0;
}
