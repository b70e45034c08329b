// What is told to the access log: who, where, by which action, about what. Ids and reasons only.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <set>
#include <string>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "services/access/access_log.h"
#include "services/domain/refusals.h"
#include "services/domain/request.h"

namespace jalon::api {

// A call, as far as it is known: each may be missing.
struct Called {
  const domain::Principal* who = nullptr;
  Bytes school_id = {};  // the one that was named; a credential's own goes before it
  std::string action = {};
  Bytes resource_id = {};
};

// The id that the first of these paths leads to, through the first of what is repeated, if it has
// the length of an id; else nothing. `paths`: as an option of a method names its resource.
Bytes ResourceIn(const google::protobuf::Message& message, const auto& paths);
Bytes IdAt(const google::protobuf::Message& message, std::string_view path);

access::v1::AccessEntry EntryOf(access::v1::AccessKind kind, const Called& called);

// Whether it is damage or a fault of the server, which an operator must hear of. So is what has a
// code of the caller's doing and a reason that no caller is ever told: they are told INTERNAL.
bool IsFault(const Error& error);

// Notes that the call was refused. `log` may be null. An error that is none of the caller's (the
// server's, or of a moment) is no refusal, and is not noted: nor is damage, such as
// SIGNED_OTHERWISE, which nothing was read from and which an operator is told of.
void NoteRefusal(access::AccessLog* log, const Called& called, const domain::Refusals& refusals);
void NoteRefusal(access::AccessLog* log, const Called& called, const Error& error);

// Records whose sections were opened, in as many entries as it takes, then calls `done`, once.
void RecordRead(access::AccessLog& log, const Called& called, const std::set<Bytes>& subjects,
                access::AccessLog::Done done);

Bytes ResourceIn(const google::protobuf::Message& message, const auto& paths) {
  for (const std::string& path : paths) {
    Bytes id = IdAt(message, path);
    if (!id.empty()) return id;
  }
  return {};
}

}  // namespace jalon::api
