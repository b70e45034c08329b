#include "services/client/client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "jalon/school/v1/school_service.pb.h"

namespace jalon::client {
namespace {

// Accepts one connection, says HTTP/2's first frame on it `late`, then closes it.
class LateServer {
 public:
  explicit LateServer(std::chrono::milliseconds late) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* named = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, named, size), 0);
    EXPECT_EQ(listen(socket_, 16), 0);
    EXPECT_EQ(getsockname(socket_, named, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, late] {
      const int connection = accept(socket_, nullptr, nullptr);
      std::this_thread::sleep_for(late);
      constexpr char kNoSettings[] = {0, 0, 0, 4, 0, 0, 0, 0, 0};
      EXPECT_EQ(send(connection, kNoSettings, sizeof kNoSettings, MSG_NOSIGNAL),
                ssize_t{sizeof kNoSettings});
      close(connection);
      close(socket_);
    });
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  const int socket_;
  int port_ = 0;
  std::jthread thread_;  // last: it uses everything above
};

TEST(Client, AServerThatIsSlowToSayItsFirstWordIsWaitedFor) {
  const LateServer server(std::chrono::milliseconds(800));
  const Reply reply = Client(server.address(), {}).Command(school::v1::RegisterSchool(), {});
  // The connection was had: it is the call that has no answer.
  EXPECT_EQ(reply.error.message.find("failed to connect"), std::string::npos)
      << reply.error.message;
}

}  // namespace
}  // namespace jalon::client
