// The one door for commands. Every command of every service comes through here, in this order:
//
//   deadline and token   who calls, by when                    call.h
//   role                 the option's actors, or the rule that denies a company
//   parse                bytes → the generated message
//   check                unknown fields, limits, sections      message_plan.h, command_header.h
//   school               the credential's, or the one named; another's is NOT_FOUND
//   look                 at words that are sealed from here on, for decide   edge.h
//   ask                  the sink, if a new person's key would be made only to be refused
//   MAC                  of principal, method and clear request, under the day's key
//   seal                 with keys that are durable by then    sealer.h
//   open                 another school's transfer, if one comes: verified, then decided on as what
//                        it says                           transfer/desk.h
//   place                a school that is being registered: registration.h
//   submit               to the writer of the school's partition
//   answer               result or status, once the writer says what became of it; with receipts
//                        for what goes into a trail, if they can be signed soon   receipt_desk.h
//
// Whatever is refused is noted in the access log.
//
// If the process dies before the submission, nothing happened but that a key may be left that no
// event names; after it, the caller repeats the same request id and gets the first answer.
//
// Thread safety: any thread.
#pragma once

#include <memory>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/vault/vault.h"
#include "services/access/access_log.h"
#include "services/api/command_sink.h"
#include "services/api/method_table.h"
#include "services/api/placement.h"
#include "services/api/queries/own_writes.h"
#include "services/api/raw_service.h"
#include "services/api/receipt_desk.h"
#include "services/api/sealer.h"
#include "services/api/transfer/desk.h"
#include "services/token/cache.h"

namespace jalon::api {

// All must outlive the door and every call in it.
struct DoorParts {
  const Clock& clock;       // of decisions; may be a virtual one
  const Clock& real_clock;  // of deadlines
  token::Cache& tokens;
  eventstore::Vault& vault;
  CommandSink& sink;
  Placement& placement;
  ReceiptDesk* receipts = nullptr;            // null: none are given here
  access::AccessLog* access = nullptr;        // of refusals; null: none is kept here
  const transfer::Desk* transfers = nullptr;  // null: none are taken here
  OwnWrites* own_writes = nullptr;            // null: no query waits for them
};

class Door {
 public:
  explicit Door(DoorParts parts) : parts_(parts), sealer_(parts.vault) {}

  // The handler of one command's method. `spec` must outlive it.
  RawHandler HandlerOf(const CommandSpec& spec);

 private:
  friend class CommandCall;

  const DoorParts parts_;
  Sealer sealer_;
};

}  // namespace jalon::api
