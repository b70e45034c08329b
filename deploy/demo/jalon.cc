#include "deploy/demo/jalon.h"

#include <arpa/inet.h>
#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/create_channel.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"

namespace jalon::demo {
namespace {

std::string RoleWord(type::v1::Role role) {
  switch (role) {
    case type::v1::ROLE_REGION_COORDINATOR:
      return "REG";
    case type::v1::ROLE_WORK_STUDY_COORDINATOR:
      return "COO";
    case type::v1::ROLE_TEACHER:
      return "TEA";
    case type::v1::ROLE_WORKPLACE_TUTOR:
      return "TUT";
    case type::v1::ROLE_COMPANY_SIGNATORY:
      return "SIG";
    default:
      return "STU";
  }
}

}  // namespace

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  int port = 0;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  close(fd);
  return port;
}

Jalon::Jalon(std::string program, std::string data)
    : program_(std::move(program)), data_(std::move(data)) {}

bool Jalon::IsServing() const {
  auto stub = grpc::health::v1::Health::NewStub(
      grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  grpc::health::v1::HealthCheckResponse response;
  return stub->Check(&context, {}, &response).ok() &&
         response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

bool Jalon::Serve(const std::vector<std::string>& options, double patience_s) {
  if (port_ == 0) port_ = FreePort();
  std::vector<std::string> words = {program_, "serve", "--data", data_, "--listen", address()};
  words.insert(words.end(), options.begin(), options.end());
  const SystemClock clock;
  const Micros start = clock.Monotonic();
  auto seconds = [&] { return static_cast<double>((clock.Monotonic() - start).count()) / 1e6; };
  if (!server_.Start(words, log_path())) return false;
  while (!IsServing()) {
    if (!server_.Running() || seconds() > patience_s) return false;
    usleep(5000);
  }
  seconds_to_serve_ = seconds();
  return true;
}

void Jalon::Pause() const { kill(server_.pid(), SIGSTOP); }
void Jalon::Resume() const { kill(server_.pid(), SIGCONT); }

Finished Jalon::Command(std::vector<std::string> words) const {
  words.insert(words.begin(), program_);
  return Run(words);
}

namespace {

const std::vector<std::string> kNoNetwork = {"/usr/bin/unshare", "--user", "--map-root-user",
                                             "--net"};

}  // namespace

bool Jalon::CanBeOffline() {
  static const bool can = [] {
    std::vector<std::string> words = kNoNetwork;
    words.emplace_back("/usr/bin/true");
    return Run(words).exit_code == 0;
  }();
  return can;
}

Finished Jalon::Offline(const std::string& folder, std::vector<std::string> words) const {
  // With no variable that names a server.
  const std::string program = std::filesystem::absolute(program_);
  words.insert(words.begin(), {"/usr/bin/env", "-i", "-C", folder, program});
  if (CanBeOffline()) words.insert(words.begin(), kNoNetwork.begin(), kNoNetwork.end());
  return Run(words);
}

std::string Jalon::Token(type::v1::Role role, const std::string& school_id,
                         const std::string& person_id, const std::string& company_id) const {
  std::vector<std::string> words = {"token", "issue", "--data", data_, "--role", RoleWord(role)};
  auto add = [&](const char* option, const std::string& id) {
    if (!id.empty()) words.insert(words.end(), {option, ToHex(id)});
  };
  add("--school", school_id);
  add("--person", person_id);
  add("--company", company_id);
  std::string token = Command(words).out;
  while (!token.empty() && token.back() == '\n') token.pop_back();
  return token;
}

Finished Jalon::Import(const std::string& token, const std::string& code,
                       const std::vector<std::string>& more) const {
  const bool mechanics = code == "5830";
  std::vector<std::string> words = {"programme",
                                    "import",
                                    "deploy/samples/programmes.csv",
                                    "--server",
                                    address(),
                                    "--token",
                                    token,
                                    "--code",
                                    code,
                                    "--version",
                                    "2026-1",
                                    "--language",
                                    "en",
                                    "--title",
                                    mechanics ? "Heavy vehicle mechanics" : "Hairdressing",
                                    "--type",
                                    "DEP",
                                    "--hours",
                                    mechanics ? "1800" : "1455",
                                    "--prescribed",
                                    mechanics ? "850-609" : "918-227"};
  words.insert(words.end(), more.begin(), more.end());
  return Command(std::move(words));
}

}  // namespace jalon::demo
