// What an application gives the writer: decide and evolve, and how its rows become bytes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/writer/state.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::eventstore {

// The application's command: parsed, authorised, sealed. Opaque to the writer.
class Command {
 public:
  virtual ~Command() = default;
};

// The application's refusal: what the caller is told. Opaque to the writer.
class Refusal {
 public:
  virtual ~Refusal() = default;
};

struct Accepted {
  std::vector<std::string> events;  // encoded jalon.log.v1.Event, in order; not empty
  std::string reply;                // what a repeat is told; at most limits::kReplyBytesMax
};
struct Refused {
  std::shared_ptr<const Refusal> refusal;
};
// Accepted without any event: everything asked for is so already, or a dry run. Answered like a
// refusal: once the state it was decided on is durable. Leaves no record and no dedupe row.
struct NothingToDo {
  std::string reply;
};
using Verdict = std::variant<Accepted, Refused, NothingToDo>;

// Where and when a decision takes place. decide reads no clock but this.
struct Moment {
  Micros recorded_at{};  // never decreases in a partition
  Seq seq;               // the sequence number the record will have if it is accepted
};

// Thread safety: const and pure; called from the thread that steps the writer.
class Application {
 public:
  virtual ~Application() = default;
  virtual Verdict Decide(const Command& command, const Moment& moment, StateView& state) const = 0;
  // Total: never fails on a record that this binary's level can hold. DATA_LOSS on an event it does
  // not know: the partition halts.
  virtual Result<void> Evolve(const log::v1::Record& record, StateEdit& state) const = 0;
  // The row that `bytes` encode under `key`. DATA_LOSS if they are none. Rows that it shares with
  // others are found in `state`: what a row refers to was there when it was made, and stays.
  virtual Result<std::unique_ptr<Row>> DecodeRow(std::string_view key, std::string_view bytes,
                                                 StateView& state) const = 0;
  // Changes whenever Evolve or the rows' bytes do: state under another version is rebuilt.
  virtual uint32_t EvolveVersion() const = 0;
};

// What became of a submission.
struct Outcome {
  enum class Kind { kAccepted, kRefused, kNothingToDo, kFailed } kind = Kind::kFailed;
  Seq seq;  // accepted: its position; refused or nothing to do: the state it was decided on
  // Where it was decided, if that is not the partition it was submitted to.
  std::optional<Partition> moved_to = {};
  Micros recorded_at{};   // accepted
  std::string reply;      // accepted, nothing to do
  bool repeated = false;  // accepted: an earlier submission of the same request was
  std::shared_ptr<const Refusal> refusal;
  Error error;  // failed: REQUEST_ID_REUSED, CLOCK_SUSPECT, QUEUE_FULL, NOT_OWNER, OUTCOME_UNKNOWN,
                // DISK_FULL ...
};

// One command on its way. Dedupe key: {tenant, request_id}.
struct Submission {
  Bytes tenant;
  Bytes request_id;  // UUIDv7, 16 bytes, inside its window (checked again here against the record's
                     // time)
  Bytes body_mac;    // 32 bytes: principal, method and clear command under the day's key
  log::v1::Actor actor;
  Bytes trace;  // empty, or 25 bytes
  std::unique_ptr<Command> command;
  // Called exactly once, from the thread that steps the writer, in batches; must be quick.
  std::function<void(Outcome)> done;
};

}  // namespace jalon::eventstore
