#include "services/api/listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "eventstore/base/thread_name.h"

namespace jalon::api {
namespace {

constexpr int kBacklog = 1024;
constexpr int64_t kCountedEachMs = 100;  // looking at every connection takes a while
constexpr int64_t kToldEachMs = 60'000;
constexpr int kNoneTakenMs = 20;  // without descriptors or memory: until the next try

int64_t NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// 0 if it is no open file.
uint64_t InodeOf(int descriptor) {
  struct stat file{};
  return fstat(descriptor, &file) == 0 ? file.st_ino : 0;
}

std::unexpected<Error> CannotListen(const std::string& option, const std::string& address) {
  return Fail(Code::kUnavailable, "LISTEN_FAILED",
              fmt::format("{} {}: the port cannot be had ({}); another server may hold it", option,
                          address, std::strerror(errno)));
}

int Bound(const addrinfo& at) {
  const int made = socket(at.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  if (made >= 0 && setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(made, at.ai_addr, at.ai_addrlen) == 0 && listen(made, kBacklog) == 0) {
    return made;
  }
  const int failed = errno;
  if (made >= 0) close(made);
  errno = failed;
  return -1;
}

int PortOf(int listening) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  const in_port_t port = address.ss_family == AF_INET6
                             ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                             : reinterpret_cast<const sockaddr_in&>(address).sin_port;
  return ntohs(port);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::Open(const std::string& address,
                                                 const std::string& option) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  errno = EINVAL;
  if (colon == std::string::npos ||
      getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found) != 0) {
    return CannotListen(option, address);
  }
  const int listening = Bound(*found);
  freeaddrinfo(found);
  if (listening < 0) return CannotListen(option, address);
  const int stop = eventfd(0, EFD_CLOEXEC);
  if (stop < 0) {
    close(listening);
    return CannotListen(option, address);
  }
  return std::unique_ptr<Listener>(new Listener(listening, stop, PortOf(listening)));
}

Listener::~Listener() {
  Stop();
  close(stop_);
}

void Listener::Start(std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> grpc,
                     const Options& options) {
  grpc_ = std::move(grpc);
  options_ = options;
  spare_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  thread_ = std::jthread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    eventfd_write(stop_, 1);
    thread_.join();
  }
  grpc_.reset();
  for (int* file : {&socket_, &spare_}) {
    if (*file >= 0) close(std::exchange(*file, -1));
  }
}

void Listener::Run() {
  NameThread("accepts");
  std::array<pollfd, 2> files = {{{.fd = stop_, .events = POLLIN, .revents = 0},
                                  {.fd = socket_, .events = POLLIN, .revents = 0}}};
  bool taken = true;
  while (true) {
    // What could not be taken still waits, and would wake this thread without end.
    const int found =
        taken ? poll(files.data(), files.size(), -1) : poll(files.data(), 1, kNoneTakenMs);
    if (found < 0) continue;  // a signal
    if (found > 0 && files[0].revents != 0) return;
    taken = Accept();
  }
}

bool Listener::Accept() {
  const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (connection < 0) {
    if (errno == ENOBUFS || errno == ENOMEM) return false;
    if (errno != EMFILE && errno != ENFILE) return true;  // it was gone before it was taken
    if (spare_ >= 0) close(spare_);
    const int refused = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (refused >= 0) Refuse(refused);
    spare_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return refused >= 0;
  }
  if (!HasRoom()) {
    Refuse(connection);
    return true;
  }
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  held_.push_back({connection, InodeOf(connection)});
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters handed;
  handed.listener_fd = socket_;
  handed.fd = connection;
  grpc_->HandleNewConnection(&handed);
  return true;
}

void Listener::Refuse(int connection) {
  ++refused_;
  const int64_t now = NowMs();
  if (options_.on_refused && (told_at_ == 0 || now - told_at_ >= kToldEachMs)) {
    told_at_ = now;
    options_.on_refused(std::exchange(refused_, 0));
  }
  close(connection);
}

bool Listener::HasRoom() {
  if (held_.size() < options_.connections_max) return true;
  const int64_t now = NowMs();
  if (counted_at_ != 0 && now - counted_at_ < kCountedEachMs) return false;
  counted_at_ = now;
  std::erase_if(held_, [](const Held& held) {
    return held.inode == 0 || InodeOf(held.descriptor) != held.inode;
  });
  return held_.size() < options_.connections_max;
}

}  // namespace jalon::api
