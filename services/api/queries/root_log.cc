#include "services/api/queries/root_log.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/tlog_proof.h"
#include "projections/trail/trail_tree.h"
#include "projections/views/root_log.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {

using projections::TrailTree;

// The root log at one moment.
class RootLog::Snapshot {
 public:
  static Result<std::unique_ptr<Snapshot>> Take(const Parts& parts) {
    if (parts.names.signer == nullptr) return SignerElsewhere();
    const auto system = parts.placement.System();
    if (!system) {
      return Fail(Code::kUnimplemented, "UNSUPPORTED",
                  "this log was born without a system partition, and so has no root log; "
                  "'jalon log copy' to a new one gives it one");
    }
    JALON_ASSIGN_OR_RETURN(auto reader, parts.views.Read(*system, projections::PartitionScope()));
    std::unique_ptr<Snapshot> taken(new Snapshot(parts, std::move(reader)));
    JALON_ASSIGN_OR_RETURN(const projections::TreeState now, taken->tree_.Now());
    taken->checkpoint_ = {.origin = parts.names.RootOrigin(), .size = now.size, .root = now.root};
    return taken;
  }

  Result<std::string> Sign() {
    Result<std::string> note = parts_.names.signer->Sign(checkpoint_, [this](uint64_t old_size) {
      return tree_.ConsistencyProof(old_size, checkpoint_.size);
    });
    if (!note) return NotSigned(std::move(note).error());
    return note;
  }
  const projections::TrailRows& rows() const { return rows_; }
  TrailTree& tree() { return tree_; }
  const trail::Checkpoint& checkpoint() const { return checkpoint_; }

 private:
  Snapshot(const Parts& parts, std::unique_ptr<Reader> reader)
      : parts_(parts),
        rows_(TrailRowsOf(std::move(reader), projections::kRootLog)),
        tree_(rows_, projections::OnlyTree()) {}

  const Parts& parts_;
  const projections::TrailRows rows_;
  TrailTree tree_;
  trail::Checkpoint checkpoint_;
};

Result<RootLog::Signed> RootLog::Checkpoint(uint64_t old_size) const {
  JALON_ASSIGN_OR_RETURN(const auto now, Snapshot::Take(parts_));
  const uint64_t size = now->checkpoint().size;
  if (old_size > size) {
    return Fail(
        Code::kInvalidArgument, "FIELD_INVALID",
        fmt::format("old_size: {} is beyond the root log, which has {} entries", old_size, size));
  }
  Signed made{.checkpoint = now->checkpoint(), .note = {}};
  JALON_ASSIGN_OR_RETURN(made.consistency, now->tree().ConsistencyProof(old_size, size));
  JALON_ASSIGN_OR_RETURN(made.note, now->Sign());
  return made;
}

Result<std::optional<std::string>> RootLog::ProofOf(const trail::Checkpoint& published) const {
  if (!parts_.placement.System()) return std::nullopt;
  JALON_ASSIGN_OR_RETURN(const auto now, Snapshot::Take(parts_));
  JALON_ASSIGN_OR_RETURN(const auto bytes, now->rows().get(projections::RootEntryKey(
                                               published.origin, published.size)));
  if (!bytes) return std::nullopt;
  projections::RootEntryRow row;
  if (!Decode(*bytes, &row)) return projections::TrailRowsBroken();
  if (row.root != published.root) {
    return Fail(Code::kDataLoss, "PARTITION_DIVERGED",
                fmt::format("{} was published at {} entries with another root: the log lost or "
                            "changed acknowledged bytes; restore it from its backup",
                            published.origin, published.size));
  }
  JALON_ASSIGN_OR_RETURN(trail::Proof proof,
                         now->tree().InclusionProof(row.at, now->checkpoint().size));
  JALON_ASSIGN_OR_RETURN(std::string note, now->Sign());
  return trail::FormatTlogProof(
      {.extra = {}, .index = row.at, .hashes = std::move(proof), .checkpoint = std::move(note)});
}

}  // namespace jalon::api
