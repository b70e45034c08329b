// One client for every command and query: finds the method of a message by its name, so that a new
// command needs no code here.
//
// Thread safety: every call may come from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"
#include "jalon/command/v1/command.pb.h"
#include "jalon/refusal/v1/refusal.pb.h"
#include "jalon/type/v1/header.pb.h"

namespace grpc {
class Channel;
}
namespace google::protobuf {
class Message;
}

namespace jalon::client {

// What a call came to. `error` is set unless it was answered; its reason is ErrorInfo's
// ("STAY_NOT_ENDED").
struct Reply {
  bool ok = false;
  Error error;
  refusal::v1::RefusalDetail refusals;  // every reason that fails, where the server gave them
  command::v1::CommandResult result;    // of a command
};

struct Options {
  std::string token;            // bearer
  std::string language = "en";  // accept-language
  uint32_t deadline_ms = 10'000;
  bool wait_for_server = false;  // a call waits for the connection until its deadline
};

class Client {
 public:
  // `target`: "127.0.0.1:7411" or "unix:/path"; of several nodes, any of which may answer:
  // "ipv4:10.0.0.1:7411,10.0.0.2:7411"; calls then go to one after the other that can be reached.
  // No connection is made before the first call.
  Client(std::string_view target, Options options);
  ~Client();

  const std::string& token() const { return options_.token; }
  // Same channel, another credential.
  Client As(std::string token) const;

  // Sends `command`, such as a jalon.stay.v1.EndStay, with `header`, whose request_id the caller
  // draws (request_id.h).
  Reply Command(const google::protobuf::Message& command,
                const type::v1::CommandHeader& header) const;
  // The same without waiting; `done` is called from a thread of gRPC and must be quick.
  void CommandLater(const google::protobuf::Message& command, const type::v1::CommandHeader& header,
                    std::function<void(Reply)> done) const;
  // Sends a whole request, such as a GetStudentProgressRequest, and fills `response`.
  Reply Query(const google::protobuf::Message& request, google::protobuf::Message* response) const;

 private:
  struct Shared;
  explicit Client(std::shared_ptr<Shared> shared, Options options);
  std::shared_ptr<Shared> shared_;
  Options options_;
};

// The full request path ("/jalon.stay.v1.StayService/EndStay") of the method that takes
// `request_type`
// ("jalon.stay.v1.EndStayRequest"); empty if there is none.
std::string MethodPath(std::string_view request_type);

}  // namespace jalon::client
