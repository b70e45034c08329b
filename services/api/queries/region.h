// A query's core where it spans schools: Result<void> Answer(const XRequest&, RegionContext&,
// XResponse*). XResponse has a type.v1.VectorAsOf as_of and the partitions that are missing, both
// of which the frame fills in; XRequest says with `allow_partial` whether any may be.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/result.h"
#include "jalon/type/v1/vector_as_of.pb.h"
#include "services/api/queries/page_token.h"
#include "services/api/queries/reader.h"
#include "services/domain/language.h"
#include "services/domain/local_date.h"
#include "services/domain/request.h"

namespace jalon::api {

// How much of a partition's rows an answer tells. After kAll comes the next partition.
enum class Told : uint8_t { kNone, kSome, kAll };

// The views of all partitions, each as of a position of its own.
//
// Held for the time of one query only. Thread safety: one thread.
class Region {
 public:
  // By partition, from 0; null where the views cannot be read here just now. `allow_partial`: go on
  // without those.
  Region(std::vector<std::unique_ptr<Reader>> readers, bool allow_partial)
      : readers_(std::move(readers)), allow_partial_(allow_partial) {}

  // Calls `visit` for the readers of the partitions from `first` on, ascending, as long as it tells
  // all of each. Rows are those of every school: keys begin with its id. UNAVAILABLE
  // NOT_SERVING with metadata `missing_partitions`: some from `first` on are missing, and may not
  // be.
  Result<void> Each(uint32_t first, const std::function<Result<Told>(const Reader&)>& visit);
  // Null if it is missing.
  const Reader* Find(uint32_t partition) const {
    return partition < readers_.size() ? readers_[partition].get() : nullptr;
  }
  // The life of the log; empty where every partition is missing.
  Bytes LogIncarnation() const;

  // Of what Each told something, and what it went on without.
  const type::v1::VectorAsOf& as_of() const { return as_of_; }
  const std::vector<uint32_t>& missing() const { return missing_; }

 private:
  std::vector<std::unique_ptr<Reader>> readers_;
  const bool allow_partial_;
  type::v1::VectorAsOf as_of_;
  std::vector<uint32_t> missing_;
};

// Everything that an answer may depend on beside the request. Lives as long as the call.
struct RegionContext {
  const domain::Principal& principal;  // bound to no school
  domain::Language language = domain::Language::kEnglish;
  domain::LocalDate today = 0;
  Region& region;
  const PageTokens& pages;
};

}  // namespace jalon::api
