// What a query reads: the rows of one school's views, all as of one position. The engine of
// projections answers behind it; a test does with a map.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/classify.h"
#include "jalon/type/v1/position.pb.h"

namespace jalon::api {

// Bounded to the school's rows: keys are given without the school. Or not bounded (Views::Read).
// Held for the time of one query only. Thread safety: const calls from any thread.
class Reader {
 public:
  // Returns false to stop. Views are valid during the call only.
  using Visit = std::function<bool(std::string_view key, std::string_view row)>;

  virtual ~Reader() = default;

  // The position that everything read here stands at.
  virtual const type::v1::AsOf& as_of() const = 0;
  // The counted chain there: who reads on in the log goes on from this.
  virtual const eventstore::ChainHead& head() const = 0;
  // The row's bytes; none if it is not there.
  virtual Result<std::optional<std::string>> Get(std::string_view view,
                                                 std::string_view key) const = 0;
  // The rows whose key begins with `prefix`, ascending; with `after`, only those beyond it.
  virtual Result<void> Scan(std::string_view view, std::string_view prefix, std::string_view after,
                            const Visit& visit) const = 0;

  // The row as the struct it was made of. DATA_LOSS if it is none.
  template <typename Row>
  Result<std::optional<Row>> Find(std::string_view view, std::string_view key) const {
    JALON_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, Get(view, key));
    std::optional<Row> row;
    if (bytes && !Decode(*bytes, &row.emplace())) return Malformed(view);
    return row;
  }
  // Scan of rows that are all of one struct: visit(key, row) returns false to stop.
  template <typename Row, typename VisitRow>
  Result<void> Each(std::string_view view, std::string_view prefix, std::string_view after,
                    VisitRow visit) const {
    bool malformed = false;
    JALON_RETURN_IF_ERROR(
        Scan(view, prefix, after, [&](std::string_view key, std::string_view bytes) {
          Row row;
          malformed = !Decode(bytes, &row);
          return !malformed && visit(key, std::move(row));
        }));
    if (malformed) return Malformed(view);
    return {};
  }

  static std::unexpected<Error> Malformed(std::string_view view) {
    return Fail(Code::kDataLoss, "INTERNAL",
                "view " + std::string(view) + ": a row cannot be read; rebuild the view");
  }
};

// Where readers come from.
// Thread safety: any thread.
class Views {
 public:
  using Done = std::function<void(Result<void>)>;

  virtual ~Views() = default;

  // The views of the school, which lies in `partition`, as of now; without a school, of all in it:
  // keys are then given with their school. UNAVAILABLE NOT_SERVING while they catch up since the
  // start; NOT_FOUND if they are not kept here.
  virtual Result<std::unique_ptr<Reader>> Read(Partition partition, const Bytes& school_id) = 0;
  // Calls `done` exactly once: when Read would answer from `seq` on; with VIEW_BEHIND once
  // `deadline` (of the monotonic clock) is over; with POSITION_FROM_ANOTHER_LOG at once where the
  // log has another life. It is called by the caller or by a thread that it must not hold up.
  virtual void Await(Partition partition, std::string_view log_incarnation, Seq seq,
                     Micros deadline, Done done) = 0;
};

}  // namespace jalon::api
