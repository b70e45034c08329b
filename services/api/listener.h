// The socket of the public port. gRPC 1.51 accepts whatever connects, until the process has no
// descriptor left for the log's next file; so connections are accepted here, at most so many at a
// time, and handed over to it. One more is closed at once, which its client sees as UNAVAILABLE.
#pragma once

#include <grpcpp/server_builder.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/result.h"

namespace jalon::api {

class Listener {
 public:
  // Listens at "127.0.0.1:7411", "localhost:0", "[::1]:0". UNAVAILABLE LISTEN_FAILED.
  // `option` is the one that gave the address, for what is said of it.
  static Result<std::unique_ptr<Listener>> Open(const std::string& address,
                                                const std::string& option = "--listen");
  ~Listener();

  int port() const { return port_; }

  struct Options {
    size_t connections_max = 0;
    // Called now and then with how many were closed since the last call; may be empty.
    std::function<void(uint64_t refused)> on_refused = {};
  };
  // Accepts on a thread of its own until Stop.
  void Start(std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> grpc,
             const Options& options);
  // Idempotent. Whoever connects from now on is refused; connections that were handed over stay.
  void Stop();

 private:
  // A connection that gRPC has: its descriptor may be another file's by now, its inode is not.
  struct Held {
    int descriptor = -1;
    uint64_t inode = 0;  // 0: it could not be asked for, and does not count
  };

  Listener(int socket, int stop, int port) : socket_(socket), stop_(stop), port_(port) {}
  void Run();
  // False if a connection waits that cannot be taken for now.
  bool Accept();
  void Refuse(int connection);
  bool HasRoom();

  int socket_;
  const int stop_;  // an eventfd: written to once
  const int port_;
  int spare_ = -1;  // a descriptor for the connection that is to be closed when there is no other
  std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> grpc_;
  Options options_;
  std::vector<Held> held_;
  int64_t counted_at_ = 0;  // in milliseconds
  int64_t told_at_ = 0;
  uint64_t refused_ = 0;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::api
