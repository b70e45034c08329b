// The `jalon` program as its users start it: a server on a data folder, and commands on the command
// line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deploy/demo/process.h"
#include "jalon/type/v1/role.pb.h"
#include "services/client/client.h"

namespace jalon::demo {

class Jalon {
 public:
  // `program`: path of the executable; `data`: the data folder, which `serve` makes.
  Jalon(std::string program, std::string data);

  // Starts a server and waits until it serves. False after `patience_s`, or if it ended;
  // `log_path()` then says why.
  bool Serve(const std::vector<std::string>& options = {}, double patience_s = 30);
  void Kill() { server_.Kill(); }
  // SIGSTOP and SIGCONT: it does not know that time passed.
  void Pause() const;
  void Resume() const;
  int Stop() { return server_.Stop(); }
  pid_t pid() const { return server_.pid(); }
  // Seconds from the last start until it served.
  double seconds_to_serve() const { return seconds_to_serve_; }

  // Runs `jalon words...` against this server.
  Finished Command(std::vector<std::string> words) const;
  // The same in `folder`, told of no server, and where this process may make one, in a network
  // namespace with nothing in it.
  Finished Offline(const std::string& folder, std::vector<std::string> words) const;
  static bool CanBeOffline();
  // `jalon token issue`; ids are raw bytes and may be empty. Empty if it failed.
  std::string Token(type::v1::Role role, const std::string& school_id, const std::string& person_id,
                    const std::string& company_id) const;

  // `jalon programme import` of the sample catalogue's 5830 or 5745, as the holder of `token`, with
  // `more` options.
  Finished Import(const std::string& token, const std::string& code,
                  const std::vector<std::string>& more = {}) const;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  client::Client Connect() const {
    client::Options options;
    options.wait_for_server = true;
    return client::Client(address(), std::move(options));
  }
  const std::string& data() const { return data_; }
  // The operator's socket.
  std::string admin() const { return "unix:" + data_ + "/admin.sock"; }
  std::string log_path() const { return data_ + ".out"; }

 private:
  bool IsServing() const;

  std::string program_;
  std::string data_;
  Server server_;
  int port_ = 0;
  double seconds_to_serve_ = 0;
};

// A TCP port of the loopback interface that nobody listens on just now.
int FreePort();

}  // namespace jalon::demo
