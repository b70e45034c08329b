// A query's core: Result<void> Answer(const XRequest&, const QueryContext&, XResponse*). It knows
// nothing of gRPC, threads or waiting; the frame (frame.h) does what is common to all.
//
// Errors: NOT_FOUND is the same, byte for byte, whether a thing does not exist, is another school's
// or is out of the caller's scope.
#pragma once

#include <functional>
#include <string_view>

#include "eventstore/base/result.h"
#include "projections/trail/event_reader.h"
#include "services/api/queries/definitions.h"
#include "services/api/queries/opener.h"
#include "services/api/queries/page_token.h"
#include "services/api/queries/reader.h"
#include "services/api/queries/trail_names.h"
#include "services/api/transfer/desk.h"
#include "services/domain/language.h"
#include "services/domain/local_date.h"
#include "services/domain/request.h"
#include "services/domain/scope.h"

namespace jalon::access {
class AccessLog;
}

namespace jalon::api {

class Receipts;
class RootLog;

// Reads an event whole, from the log by its place, and visits it: it is valid during the visit
// only. The errors of the log and of the visit; DATA_LOSS PARTITION_DIVERGED if it is not there.
using ReadEventAt =
    std::function<Result<void>(Partition partition, const projections::EventPlace& place,
                               const std::function<Result<void>(const projections::EventView&)>&)>;

// Everything that an answer may depend on beside the request. Lives as long as the call.
struct QueryContext {
  const domain::Principal& principal;
  const domain::Scope& scope;  // of the principal: access.h
  Bytes school_id;             // 16 bytes
  domain::Language language = domain::Language::kEnglish;
  domain::LocalDate today = 0;  // in Toronto: what depends on today is compared, never folded
  // Null for a query that is open to all: it reads nothing.
  const Reader* reader = nullptr;
  const Opener& opener;
  const PageTokens& pages;
  Definitions& definitions;
  const TrailNames& trails;
  const ReadEventAt* events = nullptr;        // null: no query here needs it
  Receipts* receipts = nullptr;               // null: none are given here
  const RootLog* root_log = nullptr;          // null: it is not read here
  const access::AccessLog* access = nullptr;  // null: none is kept here
  const transfer::Desk* transfers = nullptr;  // null: none are issued here

  const Reader& rows() const { return *reader; }
  // A day that a request may leave out: today then.
  domain::LocalDate OrToday(domain::LocalDate date) const { return date == 0 ? today : date; }
};

inline std::unexpected<Error> NotFound() {
  return Fail(Code::kNotFound, "NOT_FOUND",
              "no such thing here for this caller: check the id and the credential's scope");
}

}  // namespace jalon::api
