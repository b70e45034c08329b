// What a verb works with: where answers go, and the server it asks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "jalon/type/v1/header.pb.h"
#include "services/cli/field.h"
#include "services/cli/output.h"
#include "services/client/admin.h"
#include "services/client/client.h"
#include "services/client/feed.h"
#include "services/client/trail_export.h"
#include "services/client/vault_admin.h"

namespace jalon::cli {

// The options of every verb.
struct Globals {
  std::string server = "127.0.0.1:7411";
  std::string data;  // the server's data folder, where it is at hand
  std::string token;
  std::string token_file;
  Bytes school_id;                      // 16 bytes; empty: the credential names the school
  std::optional<uint32_t> deadline_ms;  // for one call, where it is said
  std::optional<type::v1::Position> after;
  std::string language;  // as given; the output has it already
  std::string output = "table";
  bool no_colour = false;
  std::string receipts;  // the folder to keep receipts in; empty: they are not kept
};

// Lists grow to at most this many rows, and say so where there are more.
inline constexpr size_t kRowsMax = 10'000;

// Thread safety: one thread.
class Session {
 public:
  // Borrows all three.
  Session(const Globals& globals, Output& output, const Clock& clock)
      : globals_(globals), output_(output), clock_(clock) {}

  Output& output() { return output_; }
  const Globals& globals() const { return globals_; }
  const Clock& clock() const { return clock_; }

  // Sends `command`, completing `header` (request id, school) so that it can be printed or retried.
  // A new request id that is out of the server's time (a virtual clock, or ours is wrong) is drawn
  // once more by the server's clock, where --data tells it: such a refusal executed nothing.
  Result<client::Reply> Send(const google::protobuf::Message& command,
                             type::v1::CommandHeader* header);
  // The server's public feed. An error as of Send.
  Result<std::unique_ptr<client::Feed>> Feed() const;
  // The server's exports of trails. An error as of Send.
  Result<std::unique_ptr<client::TrailExports>> TrailExports() const;
  // The operator's socket of the server whose data folder --data names.
  client::Admin Operator() const;
  // The same of the process that has the keys.
  client::VaultAdmin VaultOperator() const;
  // Asks `request`, completing its header, and every further page of a list up to kRowsMax rows,
  // merged into one response.
  Result<client::Reply> Ask(google::protobuf::Message* request,
                            google::protobuf::Message* response);

 private:
  std::string NewRequestId(Micros now) const;
  // An error: the file of the token cannot be read.
  Result<client::Options> CallOptions() const;
  // Made at first use: verbs that ask no server need no credential.
  Result<client::Client*> Server();

  const Globals& globals_;
  Output& output_;
  const Clock& clock_;
  std::optional<client::Client> client_;
};

// "3f…:12:45" and back: the life of the log in hexadecimal, the partition, the record.
std::string PositionText(const type::v1::Position& position);
std::optional<type::v1::Position> ParsePosition(std::string_view text);

}  // namespace jalon::cli
