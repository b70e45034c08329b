// TrailService: what a company reported, and what an outsider needs to check it. Nothing sealed is
// opened here.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "eventstore/trail/tlog_proof.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "projections/views/trails.h"
#include "services/api/queries/access.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/page.h"
#include "services/api/queries/receipts.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"
#include "services/api/queries/root_log.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {
namespace {

using projections::CompanyId;
using trail::v1::AddRootCosignaturesRequest;
using trail::v1::AddRootCosignaturesResponse;
using trail::v1::ExportTrailRequest;
using trail::v1::ExportTrailResponse;
using trail::v1::GetCheckpointRequest;
using trail::v1::GetCheckpointResponse;
using trail::v1::GetConsistencyProofRequest;
using trail::v1::GetConsistencyProofResponse;
using trail::v1::GetFeedbackTrailRequest;
using trail::v1::GetFeedbackTrailResponse;
using trail::v1::GetInclusionProofRequest;
using trail::v1::GetInclusionProofResponse;
using trail::v1::GetReceiptRequest;
using trail::v1::GetReceiptResponse;
using trail::v1::GetRootCheckpointRequest;
using trail::v1::GetRootCheckpointResponse;
using trail::v1::GetRootConsistencyProofRequest;
using trail::v1::GetRootConsistencyProofResponse;
using trail::v1::ListTrailsRequest;
using trail::v1::ListTrailsResponse;

constexpr int64_t kMicrosPerSecond = 1'000'000;

Bytes BytesOf(const Hash& hash) { return Bytes(View(hash)); }

std::unexpected<Error> BeyondTheTrail(const char* field, uint64_t asked, uint64_t size) {
  return Fail(Code::kInvalidArgument, "FIELD_INVALID",
              fmt::format("{}: {} is beyond the trail, which has {} entries", field, asked, size));
}

// The size that is asked about; 0 in the request: as it is now.
Result<uint64_t> SizeAsked(uint64_t asked, const TrailOf& trail) {
  if (asked > trail.size()) return BeyondTheTrail("size", asked, trail.size());
  return asked == 0 ? trail.size() : asked;
}

Result<void> Answer(const ListTrailsRequest& request, const QueryContext& context,
                    ListTrailsResponse* response) {
  JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, context, projections::kTrailsVersion));
  JALON_RETURN_IF_ERROR(context.rows().Each<projections::TreeRow>(
      projections::kTrails, projections::TreesPrefix(projections::Key()), page.after(),
      [&](std::string_view key, const projections::TreeRow& row) {
        if (!page.Reads(key)) return false;
        page.Take();
        const CompanyId company_id = projections::CompanyOfTrail(key);
        trail::v1::TrailRow& shown = *response->add_trails();
        shown.set_company_id(company_id.Str());
        shown.set_size(row.size);
        shown.set_origin(context.trails.OriginOf(context.school_id, company_id.View()));
        shown.set_verifier_key(context.trails.VerifierOf(shown.origin()));
        return true;
      }));
  page.Finish(response->mutable_page());
  return {};
}

void Show(const projections::TrailEntryRow& row, uint64_t index, trail::v1::TrailEntryRow* shown) {
  shown->set_index(index);
  *shown->mutable_event() = EventOf(row.event);
  ShowActor(row.actor, shown->mutable_actor());
  shown->set_subject_id(row.subject_id.Str());
  shown->set_aggregate_kind(static_cast<type::v1::AggregateKind>(row.aggregate_kind));
  shown->set_aggregate_id(row.aggregate_id);
  shown->set_about(row.about);
  for (const std::string& code : row.not_observed) shown->add_not_observed(code);
}

// Puts its leaf's hash to each of the entries, which are in order without a gap.
Result<void> ShowLeaves(const QueryContext& context, const CompanyId& company_id,
                        GetFeedbackTrailResponse* response) {
  if (response->entries().empty()) return {};
  const uint64_t first = response->entries(0).index();
  int next = 0;
  const auto prefix = projections::TreeNodesPrefix(projections::Key(), company_id.View(), 0);
  const projections::Key before =
      first == 0 ? projections::Key()
                 : projections::TreeNodeKey(projections::Key(), company_id.View(), 0, first - 1);
  JALON_RETURN_IF_ERROR(context.rows().Each<projections::TreeNodeRow>(
      projections::kTrails, prefix, before,
      [&](std::string_view key, const projections::TreeNodeRow& leaf) {
        auto& entry = *response->mutable_entries(next);
        if (key != projections::TreeNodeKey(projections::Key(), company_id.View(), 0, entry.index())
                       .view())
          return false;
        entry.set_leaf_hash(BytesOf(leaf.hash));
        return ++next < response->entries_size();
      }));
  if (next != response->entries_size()) return projections::TrailRowsBroken();
  return {};
}

Result<void> Answer(const GetFeedbackTrailRequest& request, const QueryContext& context,
                    GetFeedbackTrailResponse* response) {
  JALON_ASSIGN_OR_RETURN(const auto trail, TrailOf::Open(context, request.company_id()));
  JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, context, projections::kTrailsVersion));
  const CompanyId company_id = CompanyId::Of(request.company_id());
  LookUp look_up(context);
  // That somebody is erased opens nothing and names nobody: the feed tells it too. An auditor reads
  // from it why nobody can open that entry any more, which an export alone cannot say.
  const auto show = [&](const projections::TrailEntryRow& row, uint64_t index) -> Result<void> {
    page.Take();
    trail::v1::TrailEntryRow* shown = response->add_entries();
    Show(row, index, shown);
    if (row.subject_id.IsNone()) return {};
    JALON_ASSIGN_OR_RETURN(const auto* erased, look_up.Erased(row.subject_id));
    if (erased != nullptr) *shown->mutable_erased() = EventOf(*erased);
    return {};
  };
  Result<void> fault;
  JALON_RETURN_IF_ERROR(context.rows().Each<projections::TrailEntryRow>(
      projections::kTrails, projections::TrailEntriesPrefix(company_id), page.after(),
      [&](std::string_view key, const projections::TrailEntryRow& row) {
        if (!page.Reads(key)) return false;
        fault = show(row, projections::IndexOfTrailEntry(key));
        return fault.has_value();
      }));
  JALON_RETURN_IF_ERROR(fault);
  JALON_RETURN_IF_ERROR(ShowLeaves(context, company_id, response));
  page.Finish(response->mutable_page());
  response->set_size(trail->size());
  response->set_origin(trail->origin());
  return {};
}

// Whether it is what a tutor reported, or the school keyed in for them, or is about a student:
// their own receipts.
bool IsOwn(const domain::Principal& caller, const CompanyId& company_id,
           const projections::TrailEntryRow& row) {
  if (caller.person_id.empty()) return false;
  if (caller.role == type::v1::ROLE_STUDENT) return row.subject_id.View() == caller.person_id;
  if (caller.role != type::v1::ROLE_WORKPLACE_TUTOR || company_id != CompanyOf(caller)) {
    return false;
  }
  type::v1::Actor actor;
  ShowActor(row.actor, &actor);
  return actor.person_id() == caller.person_id ||
         actor.on_behalf_of().person_id() == caller.person_id;
}

Result<void> Answer(const GetReceiptRequest& request, const QueryContext& context,
                    GetReceiptResponse* response) {
  const CompanyId company_id = CompanyId::Of(request.company_id());
  JALON_ASSIGN_OR_RETURN(
      const auto row,
      context.rows().Find<projections::TrailEntryRow>(
          projections::kTrails, projections::TrailEntryKey(company_id, request.index())));
  if (!MaySeeTrail(context, company_id)) {
    if (!row || !IsOwn(context.principal, company_id, *row)) return NotFound();
  } else if (!row) {
    JALON_ASSIGN_OR_RETURN(const auto trail, TrailOf::Open(context, request.company_id()));
    return BeyondTheTrail("index", request.index(), trail->size());
  }
  if (context.receipts == nullptr) return SignerElsewhere();
  const ReceiptsWanted wanted{.partition = Partition{context.rows().as_of().position().partition()},
                              .seq = Seq{row->event.seq},
                              .event = row->event.index};
  JALON_ASSIGN_OR_RETURN(Receipts::Made made, context.receipts->MakeAgain(wanted));
  if (made.size() != 1) return projections::TrailRowsBroken();
  *response->mutable_receipt() = std::move(made.front());
  return {};
}

Result<void> Answer(const GetCheckpointRequest& request, const QueryContext& context,
                    GetCheckpointResponse* response) {
  JALON_ASSIGN_OR_RETURN(const auto trail, TrailOf::Open(context, request.company_id()));
  JALON_ASSIGN_OR_RETURN(*response->mutable_checkpoint(), trail->Sign());
  return {};
}

void Show(const trail::Checkpoint& checkpoint, const std::string& note, const QueryContext& context,
          trail::v1::SignedCheckpoint* shown) {
  shown->set_origin(checkpoint.origin);
  shown->set_size(checkpoint.size);
  shown->set_root(BytesOf(checkpoint.root));
  shown->set_note(note);
  shown->set_verifier_key(context.trails.VerifierOf(checkpoint.origin));
}

void Show(const eventstore::Cosigned& cosigned, const QueryContext& context,
          trail::v1::CosignedCheckpoint* shown) {
  Show(cosigned.checkpoint, cosigned.Note(), context, shown->mutable_checkpoint());
  shown->set_quorum_met(cosigned.quorum_met);
  for (const auto& [place, by] : cosigned.by) {
    trail::v1::Cosignature& cosignature = *shown->add_cosignatures();
    cosignature.set_witness(by.line.name);
    cosignature.set_seen_at(static_cast<int64_t>(by.time_s) * kMicrosPerSecond);
  }
}

Result<void> Answer(const GetRootCheckpointRequest& request, const QueryContext& context,
                    GetRootCheckpointResponse* response) {
  if (context.root_log == nullptr) return SignerElsewhere();
  JALON_ASSIGN_OR_RETURN(const RootLog::Signed made,
                         context.root_log->Checkpoint(request.old_size()));
  Show(made.checkpoint, made.note, context, response->mutable_checkpoint());
  for (const Hash& hash : made.consistency) response->add_consistency(BytesOf(hash));
  if (made.cosigned) Show(*made.cosigned, context, response->mutable_cosigned());
  return {};
}

Result<void> Answer(const GetRootConsistencyProofRequest& request, const QueryContext& context,
                    GetRootConsistencyProofResponse* response) {
  if (context.root_log == nullptr) return SignerElsewhere();
  JALON_ASSIGN_OR_RETURN(const RootLog::Consistency made,
                         context.root_log->ConsistencyProof(request.old_size(), request.size()));
  response->set_old_size(made.old.size);
  response->set_old_root(BytesOf(made.old.root));
  response->set_size(made.now.size);
  response->set_root(BytesOf(made.now.root));
  for (const Hash& hash : made.hashes) response->add_hashes(BytesOf(hash));
  response->set_origin(made.now.origin);
  return {};
}

Result<void> Answer(const AddRootCosignaturesRequest& request, const QueryContext& context,
                    AddRootCosignaturesResponse* response) {
  if (context.root_log == nullptr) return SignerElsewhere();
  JALON_ASSIGN_OR_RETURN(const auto kept, context.root_log->AddCosignatures(
                                              request.checkpoint(), request.cosignatures()));
  Show(kept.cosigned, context, response->mutable_cosigned());
  response->set_kept(kept.is_kept);
  return {};
}

Result<void> Answer(const GetInclusionProofRequest& request, const QueryContext& context,
                    GetInclusionProofResponse* response) {
  JALON_ASSIGN_OR_RETURN(const auto trail, TrailOf::Open(context, request.company_id()));
  JALON_ASSIGN_OR_RETURN(const uint64_t size, SizeAsked(request.size(), *trail));
  if (request.index() >= size) return BeyondTheTrail("index", request.index(), size);
  projections::TrailTree& tree = trail->tree();
  JALON_ASSIGN_OR_RETURN(const Hash leaf, tree.Leaf(request.index()));
  JALON_ASSIGN_OR_RETURN(const Hash root, tree.RootAt(size));
  JALON_ASSIGN_OR_RETURN(const trail::Proof proof, tree.InclusionProof(request.index(), size));
  response->set_index(request.index());
  response->set_size(size);
  response->set_leaf_hash(BytesOf(leaf));
  response->set_root(BytesOf(root));
  for (const Hash& hash : proof) response->add_hashes(BytesOf(hash));
  response->set_origin(trail->origin());
  response->set_verifier_key(context.trails.VerifierOf(trail->origin()));
  if (size != trail->size()) return {};  // the caller's checkpoint goes with it
  JALON_ASSIGN_OR_RETURN(const trail::v1::SignedCheckpoint checkpoint, trail->Sign());
  response->set_tlog_proof(trail::FormatTlogProof(
      {.extra = {}, .index = request.index(), .hashes = proof, .checkpoint = checkpoint.note()}));
  return {};
}

Result<void> Answer(const GetConsistencyProofRequest& request, const QueryContext& context,
                    GetConsistencyProofResponse* response) {
  JALON_ASSIGN_OR_RETURN(const auto trail, TrailOf::Open(context, request.company_id()));
  JALON_ASSIGN_OR_RETURN(const uint64_t size, SizeAsked(request.size(), *trail));
  if (request.old_size() > size) return BeyondTheTrail("old_size", request.old_size(), size);
  projections::TrailTree& tree = trail->tree();
  JALON_ASSIGN_OR_RETURN(const Hash old_root, tree.RootAt(request.old_size()));
  JALON_ASSIGN_OR_RETURN(const Hash root, tree.RootAt(size));
  JALON_ASSIGN_OR_RETURN(const trail::Proof proof, tree.ConsistencyProof(request.old_size(), size));
  response->set_old_size(request.old_size());
  response->set_old_root(BytesOf(old_root));
  response->set_size(size);
  response->set_root(BytesOf(root));
  for (const Hash& hash : proof) response->add_hashes(BytesOf(hash));
  response->set_origin(trail->origin());
  return {};
}

// How an export begins; the door sends the files after it (trail_door.h).
Result<void> Answer(const ExportTrailRequest& request, const QueryContext& context,
                    ExportTrailResponse* response) {
  JALON_ASSIGN_OR_RETURN(const auto trail, TrailOf::Open(context, request.company_id()));
  JALON_ASSIGN_OR_RETURN(*response->mutable_checkpoint(), trail->Sign());
  return {};
}

}  // namespace

void RegisterTrailQueries(Queries& queries) {
  queries.Add<ListTrailsRequest, ListTrailsResponse>(Answer);
  queries.Add<GetFeedbackTrailRequest, GetFeedbackTrailResponse>(Answer);
  queries.Add<GetReceiptRequest, GetReceiptResponse>(Answer);
  queries.Add<GetCheckpointRequest, GetCheckpointResponse>(Answer);
  queries.Add<GetRootCheckpointRequest, GetRootCheckpointResponse>(Answer);
  queries.Add<GetRootConsistencyProofRequest, GetRootConsistencyProofResponse>(Answer);
  queries.Add<AddRootCosignaturesRequest, AddRootCosignaturesResponse>(Answer);
  queries.Add<GetInclusionProofRequest, GetInclusionProofResponse>(Answer);
  queries.Add<GetConsistencyProofRequest, GetConsistencyProofResponse>(Answer);
  queries.Add<ExportTrailRequest, ExportTrailResponse>(Answer);
}

}  // namespace jalon::api
