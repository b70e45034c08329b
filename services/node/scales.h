// The words that schools allow for estimates, read from the view of their policies and kept: a
// version's scale never changes.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/base/mutex.h"
#include "services/api/edge.h"
#include "services/api/queries/reader.h"

namespace jalon::node {

// Thread safety: any thread.
class Scales final : public api::EstimateScales {
 public:
  // `views` must outlive this.
  Scales(api::Views& views, uint32_t partition_count)
      : views_(views), partition_count_(partition_count) {}

  bool Has(const Bytes& school_id, uint32_t policy_version, std::string_view word) override;

 private:
  using Words = std::vector<std::string>;
  // None where the view has no such version (yet).
  std::optional<Words> Read(const Bytes& school_id, uint32_t policy_version) const;

  static constexpr size_t kKeptMax = 4096;  // then all are read anew

  api::Views& views_;
  const uint32_t partition_count_;
  Mutex mutex_;
  std::map<std::pair<Bytes, uint32_t>, Words> kept_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::node
