// A client that loads a server with commands, in a process of its own, and keeps what it was told
// in a history.
#pragma once

#include <google/protobuf/message.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "jalon/type/v1/header.pb.h"
#include "services/client/client.h"

namespace jalon::faults {

client::Client Connect(const std::string& address, const std::string& token);
type::v1::CommandHeader Header(const std::string& request_id);
std::string NewRequestId();

// The command of that number: one that any school accepts as often as it is sent with new ids, as
// its coordinator. Every fourth one brings a new person, sealed.
std::unique_ptr<google::protobuf::Message> CommandOf(uint64_t number);

// Sends CommandOf(0), CommandOf(1), ... until standard input closes, each until it is answered, and
// records what it is told in the file `history`.
void RunLoad(const client::Client& client, const std::string& history);

// The process of a client. Its standard input is a pipe, which stops it when it is closed.
class ClientProcess {
 public:
  ClientProcess(const std::string& program, const std::vector<std::string>& words);
  // Stops it; its exit code.
  int Finish();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
};

}  // namespace jalon::faults
