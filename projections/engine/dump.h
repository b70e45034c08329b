// The logical rows of a view, for comparing and for digests: two stores hold equal views if and
// only if their dumps are equal, whatever generations they lie in.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/base/hash.h"
#include "projections/engine/publication.h"

namespace jalon::projections {

// Calls `visit` for each row of the view in the partition, of all tenants, ascending by key. Keys
// begin with the tenant. Errors of Publication::Read.
Result<AsOf> DumpView(const Publication& publication, Partition partition, std::string_view view,
                      const StoreSnapshot::Visit& visit);

// A chain of SHA-256 over every row: key and value, each behind its length as 8 bytes big-endian.
struct ViewDigest {
  Hash hash{};
  uint64_t rows = 0;
  AsOf as_of;
};
Result<ViewDigest> DigestView(const Publication& publication, Partition partition,
                              std::string_view view);

}  // namespace jalon::projections
