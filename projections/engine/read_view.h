// What a query reads: the views of one tenant as of one position.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/archive.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/classify.h"
#include "projections/engine/store.h"
#include "projections/engine/view_set.h"

namespace jalon::projections {

// The position that an answer is current as of: it reflects every record up to it and none after.
struct AsOf {
  Bytes log_incarnation;  // 16 bytes
  Partition partition{};
  Seq seq{};
  int64_t recorded_at = 0;  // of that record, microseconds
  // The counted chain there, for who reads on in the log.
  eventstore::ChainHead head = {};

  bool operator==(const AsOf&) const = default;
};

// Which generation of each view serves, by the view's index; 0: none. When nobody reads by it any
// more, the generations it was replaced for are retired.
class GenerationMap {
 public:
  GenerationMap(ViewStore& store, std::vector<Generation> by_view)
      : store_(store), by_view_(std::move(by_view)) {}
  ~GenerationMap() {
    for (const Generation generation : retired_) store_.Retire(generation);
  }
  GenerationMap(const GenerationMap&) = delete;
  GenerationMap& operator=(const GenerationMap&) = delete;

  const std::vector<Generation>& by_view() const { return by_view_; }
  // REQUIRES: another map that lacks `generation` is published, and this one is not any more.
  void RetireAtEnd(Generation generation) { retired_.push_back(generation); }

 private:
  ViewStore& store_;
  const std::vector<Generation> by_view_;
  std::vector<Generation> retired_;
};

// A snapshot of all views of a tenant: whatever is read through it stands at as_of().
//
// Held for the time of one query only: it keeps old rows from being dropped.
// Thread safety: const calls from any thread.
class ReadView {
 public:
  ReadView(std::shared_ptr<const StoreSnapshot> snapshot,
           std::shared_ptr<const GenerationMap> generations, const ViewSet& views, Bytes tenant,
           AsOf as_of)
      : snapshot_(std::move(snapshot)),
        generations_(std::move(generations)),
        views_(&views),
        tenant_(std::move(tenant)),
        as_of_(std::move(as_of)) {}

  const AsOf& as_of() const { return as_of_; }

  // The bytes of a row of this tenant, if it is there. `key` is what follows the tenant.
  // REQUIRES: `view` is the name of a view of the set.
  Result<std::optional<std::string>> Get(std::string_view view, std::string_view key) const;

  // The rows of this tenant whose key, after the tenant, begins with `prefix`, ascending, until
  // `visit` returns false. With `after`, which begins with `prefix`, only those beyond it: how a
  // page goes on. Keys are given without the tenant.
  Result<void> Scan(std::string_view view, std::string_view prefix, std::string_view after,
                    const StoreSnapshot::Visit& visit) const;

  // The row as the struct it was made of. DATA_LOSS INTERNAL if it is none.
  template <typename T>
  Result<std::optional<T>> GetRow(std::string_view view, std::string_view key) const {
    JALON_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, Get(view, key));
    if (!bytes) return std::nullopt;
    std::optional<T> row(std::in_place);
    if (!Decode(*bytes, &*row)) return Malformed(view, key);
    return row;
  }
  // Scan of rows that are all of one struct.
  template <typename T>
  Result<void> ScanRows(std::string_view view, std::string_view prefix, std::string_view after,
                        const std::function<bool(std::string_view key, T&& row)>& visit) const {
    Result<void> fault;
    JALON_RETURN_IF_ERROR(
        Scan(view, prefix, after, [&](std::string_view key, std::string_view value) {
          T row;
          if (!Decode(value, &row)) {
            fault = Malformed(view, key);
            return false;
          }
          return visit(key, std::move(row));
        }));
    return fault;
  }

 private:
  static std::unexpected<Error> Malformed(std::string_view view, std::string_view key);
  // The view's generation here ‖ tenant.
  std::string Base(std::string_view view) const;

  std::shared_ptr<const StoreSnapshot> snapshot_;
  std::shared_ptr<const GenerationMap> generations_;
  const ViewSet* views_;
  Bytes tenant_;
  AsOf as_of_;
};

}  // namespace jalon::projections
