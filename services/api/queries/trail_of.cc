#include "services/api/queries/trail_of.h"

#include <utility>

#include "projections/views/companies.h"
#include "projections/views/company_row.h"
#include "services/api/queries/access.h"

namespace jalon::api {

projections::TrailRows TrailRowsOf(const std::shared_ptr<const Reader>& reader,
                                   std::string_view view) {
  return {.get = [reader, view](std::string_view key) { return reader->Get(view, key); },
          .scan =
              [reader, view](std::string_view prefix, std::string_view after,
                             const projections::StoreSnapshot::Visit& visit) {
                return reader->Scan(view, prefix, after, visit);
              }};
}

Result<std::unique_ptr<TrailOf>> TrailOf::Open(const QueryContext& context,
                                               std::string_view company_id) {
  const auto company = projections::CompanyId::Of(company_id);
  if (!MaySeeTrail(context, company)) return NotFound();
  std::unique_ptr<TrailOf> trail(new TrailOf(context, company));
  JALON_ASSIGN_OR_RETURN(trail->size_, trail->tree_.Size());
  if (trail->size_ != 0) return trail;
  const auto key = projections::CompanyKey(company);
  JALON_ASSIGN_OR_RETURN(
      const auto row, context.rows().Find<projections::CompanyRow>(projections::kCompanies, key));
  if (!row) return NotFound();
  return trail;
}

Result<trail::v1::SignedCheckpoint> TrailOf::Sign() {
  eventstore::Signer* signer = context_.trails.signer;
  if (signer == nullptr) return SignerElsewhere();
  JALON_ASSIGN_OR_RETURN(const Hash root, tree_.RootAt(size_));
  Result<std::string> note =
      signer->Sign({.origin = origin_, .size = size_, .root = root},
                   [this](uint64_t old_size) { return tree_.ConsistencyProof(old_size, size_); });
  if (!note) return NotSigned(std::move(note).error());
  trail::v1::SignedCheckpoint made;
  made.set_origin(origin_);
  made.set_size(size_);
  made.set_root(Bytes(View(root)));
  made.set_note(*std::move(note));
  made.set_verifier_key(context_.trails.VerifierOf(origin_));
  return made;
}

}  // namespace jalon::api
