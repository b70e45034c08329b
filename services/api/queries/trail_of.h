// One company's trail, as the queries of trails share it: found, within scope, read and signed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"
#include "eventstore/signer/elsewhere.h"
#include "eventstore/trail/checkpoint.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "projections/trail/trail_rows.h"
#include "projections/trail/trail_tree.h"
#include "projections/views/trails.h"
#include "services/api/queries/query.h"

namespace jalon::api {

// The rows of a view with trees that a reader reads, which they hold.
projections::TrailRows TrailRowsOf(const std::shared_ptr<const Reader>& reader,
                                   std::string_view view = projections::kTrails);

using eventstore::kSignerElsewhere;
using eventstore::NotSigned;
using eventstore::SignerElsewhere;

// Thread safety: one call's own.
class TrailOf {
 public:
  // NOT_FOUND: it is out of the caller's scope, or the school has no such company. The context must
  // outlive it.
  static Result<std::unique_ptr<TrailOf>> Open(const QueryContext& context,
                                               std::string_view company_id);

  const std::string& origin() const { return origin_; }
  // How many entries it has; 0 where the company never reported.
  uint64_t size() const { return size_; }
  projections::TrailTree& tree() { return tree_; }

  // As it is now, signed. UNAVAILABLE SIGNER_ELSEWHERE: this node does not hold the key; and the
  // errors of Signer::Sign.
  Result<trail::v1::SignedCheckpoint> Sign();

 private:
  TrailOf(const QueryContext& context, const projections::CompanyId& company_id)
      : context_(context),
        rows_(TrailRowsOf({std::shared_ptr<void>(), &context.rows()})),  // which outlives it
        tree_(rows_, company_id.View()),
        origin_(context.trails.OriginOf(context.school_id, company_id.View())) {}

  const QueryContext& context_;
  const projections::TrailRows rows_;
  projections::TrailTree tree_;
  const std::string origin_;
  uint64_t size_ = 0;
};

}  // namespace jalon::api
