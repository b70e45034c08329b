#include "services/api/queries/root_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <memory>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tlog_witness.h"
#include "projections/trail/trail_tree.h"
#include "projections/views/root_log.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {

using eventstore::Cosignatures;
using eventstore::Cosigned;
using projections::TrailTree;

namespace {

std::unexpected<Error> BeyondTheLog(const char* field, uint64_t asked, uint64_t size) {
  return Fail(
      Code::kInvalidArgument, "FIELD_INVALID",
      fmt::format("{}: {} is beyond the root log, which has {} entries", field, asked, size));
}

// Of what another process may have signed of a longer log: it may come here yet.
Error NotReached(const std::string& what, uint64_t signed_size, const trail::Checkpoint& now) {
  return {Code::kUnavailable,
          "SIGNED_FURTHER",
          fmt::format("{} {} at {} entries, and it has {} here: ask again; if that does not help, "
                      "the log lacks signed entries: put back a newer backup",
                      what, now.origin, signed_size, now.size),
          {}};
}

}  // namespace

// The root log at one moment.
class RootLog::Snapshot {
 public:
  static Result<std::unique_ptr<Snapshot>> Take(const Parts& parts) {
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
    if (parts_.names.signer == nullptr) return SignerElsewhere();
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

template <typename Answer>
auto RootLog::OfNow(const Answer& answer) const {
  using Answered = decltype(answer(std::declval<Snapshot&>()));
  for (int attempt = 1;; ++attempt) {
    auto now = Snapshot::Take(parts_);
    if (!now) return Answered(std::unexpected(std::move(now).error()));
    Answered answered = answer(**now);
    if (answered || answered.error().reason != "SIGNED_FURTHER") return answered;
    if (attempt < kRootAttemptsMax) continue;
    if (parts_.on_refused && IsBehindWitnesses(**now)) parts_.on_refused(answered.error());
    return answered;
  }
}

bool RootLog::IsBehindWitnesses(Snapshot& now) const {
  return parts_.cosignatures != nullptr && parts_.cosignatures->Largest() > now.checkpoint().size;
}

// The signer's memory may be lost, and the log put back from a backup: what witnesses signed is
// then all that says how far it went, and a second history must not be signed.
Result<std::string> RootLog::Sign(Snapshot& now) const {
  if (!IsBehindWitnesses(now)) return now.Sign();
  return std::unexpected(
      NotReached("witnesses have signed", parts_.cosignatures->Largest(), now.checkpoint()));
}

Result<std::optional<Cosigned>> RootLog::CosignedOf(Snapshot& now, uint64_t least) const {
  if (parts_.cosignatures == nullptr) return std::nullopt;
  auto cosigned = parts_.cosignatures->Newest(least, now.checkpoint().size);
  if (!cosigned) return std::nullopt;
  const trail::Checkpoint& checkpoint = cosigned->checkpoint;
  JALON_ASSIGN_OR_RETURN(const Hash root, now.tree().RootAt(checkpoint.size));
  if (root == checkpoint.root) return cosigned;
  const Error otherwise{
      Code::kFailedPrecondition,
      "SIGNED_OTHERWISE",
      fmt::format("witnesses have signed {} at {} entries with another root: the log was changed "
                  "or put back from a backup; keep what they signed, and find out",
                  checkpoint.origin, checkpoint.size),
      {}};
  if (parts_.on_refused) parts_.on_refused(otherwise);
  return std::unexpected(otherwise);
}

Result<RootLog::Signed> RootLog::Checkpoint(uint64_t old_size) const {
  return OfNow([&](Snapshot& now) -> Result<Signed> {
    const uint64_t size = now.checkpoint().size;
    if (old_size > size) return BeyondTheLog("old_size", old_size, size);
    Signed made{.checkpoint = now.checkpoint(), .note = {}};
    JALON_ASSIGN_OR_RETURN(made.consistency, now.tree().ConsistencyProof(old_size, size));
    JALON_ASSIGN_OR_RETURN(made.cosigned, CosignedOf(now, 0));
    JALON_ASSIGN_OR_RETURN(made.note, Sign(now));
    return made;
  });
}

Result<RootLog::Consistency> RootLog::ConsistencyProof(uint64_t old_size, uint64_t size) const {
  JALON_ASSIGN_OR_RETURN(const auto now, Snapshot::Take(parts_));
  const trail::Checkpoint& newest = now->checkpoint();
  if (size > newest.size) return BeyondTheLog("size", size, newest.size);
  if (size == 0) size = newest.size;
  if (old_size > size) {
    return Fail(Code::kInvalidArgument, "FIELD_INVALID",
                fmt::format("old_size: {} is more than the newer size, {}", old_size, size));
  }
  Consistency made{.old = newest, .now = newest, .hashes = {}};
  made.old.size = old_size;
  made.now.size = size;
  JALON_ASSIGN_OR_RETURN(made.old.root, now->tree().RootAt(old_size));
  JALON_ASSIGN_OR_RETURN(made.now.root, now->tree().RootAt(size));
  JALON_ASSIGN_OR_RETURN(made.hashes, now->tree().ConsistencyProof(old_size, size));
  return made;
}

Result<std::optional<RootLog::Published>> RootLog::ProofOf(const trail::Checkpoint& published,
                                                           uint64_t since) const {
  if (!parts_.placement.System()) return std::nullopt;
  return OfNow([&](Snapshot& now) -> Result<std::optional<Published>> {
    const uint64_t newest = now.checkpoint().size;
    if (since > newest) return BeyondTheLog("since_root_size", since, newest);
    JALON_ASSIGN_OR_RETURN(const auto bytes, now.rows().get(projections::RootEntryKey(
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
    JALON_ASSIGN_OR_RETURN(const auto cosigned, CosignedOf(now, std::max(row.at + 1, since)));
    const uint64_t size = cosigned ? cosigned->checkpoint.size : newest;
    std::string note = cosigned ? cosigned->Note() : std::string();
    if (!cosigned) {
      JALON_ASSIGN_OR_RETURN(note, Sign(now));
    }
    JALON_ASSIGN_OR_RETURN(trail::Proof proof, now.tree().InclusionProof(row.at, size));
    Published made{
        .proof = trail::FormatTlogProof(
            {.extra = {}, .index = row.at, .hashes = std::move(proof), .checkpoint = note}),
        .consistency = {},
        .next = {}};
    if (since == 0) return made;
    if (std::has_single_bit(since) && since < size) {
      JALON_ASSIGN_OR_RETURN(made.next, NextOf(now, since, size, note));
    }
    JALON_ASSIGN_OR_RETURN(trail::Proof goes_on, now.tree().ConsistencyProof(since, size));
    made.consistency = trail::FormatAddCheckpoint(
        {.old_size = since, .hashes = std::move(goes_on), .checkpoint = std::move(note)});
    return made;
  });
}

Result<std::string> RootLog::NextOf(Snapshot& now, uint64_t since, uint64_t size,
                                    const std::string& note) {
  JALON_ASSIGN_OR_RETURN(const Hash leaf, now.tree().Leaf(since));
  JALON_ASSIGN_OR_RETURN(trail::Proof proof, now.tree().InclusionProof(since, size));
  return trail::FormatTlogProof({.extra = std::string(View(leaf)),
                                 .index = since,
                                 .hashes = std::move(proof),
                                 .checkpoint = note});
}

Result<Cosignatures::Kept> RootLog::AddCosignatures(std::string_view checkpoint,
                                                    std::string_view lines) const {
  if (parts_.names.signer == nullptr) return SignerElsewhere();
  if (parts_.cosignatures == nullptr) {
    return Fail(
        Code::kFailedPrecondition, "NO_WITNESSES",
        "this node was told of no witnesses: start it with --witnesses FILE, a policy (C2SP "
        "tlog-policy) that names them");
  }
  const auto wall = std::chrono::duration_cast<std::chrono::seconds>(parts_.real_clock->Wall());
  JALON_ASSIGN_OR_RETURN(
      const Cosigned read,
      parts_.cosignatures->Read(checkpoint, lines, static_cast<uint64_t>(wall.count())));
  JALON_ASSIGN_OR_RETURN(const auto now, Snapshot::Take(parts_));
  const uint64_t size = read.checkpoint.size;
  // No accusation: a view may be behind, and no root that is known here contradicts it.
  if (size > now->checkpoint().size) {
    return std::unexpected(NotReached("checkpoint: this is of", size, now->checkpoint()));
  }
  JALON_ASSIGN_OR_RETURN(const Hash root, now->tree().RootAt(size));
  if (root == read.checkpoint.root) {
    auto kept = parts_.cosignatures->Keep(read);
    // One of another root is kept at that size: two histories.
    if (!kept && kept.error().reason == "SIGNED_OTHERWISE") Forked(kept.error());
    return kept;
  }
  JALON_RETURN_IF_ERROR(parts_.cosignatures->KeepForked(read));
  const Error forked{
      Code::kFailedPrecondition,
      "ROOT_NOT_SIGNED",
      fmt::format("checkpoint: this deployment's key signed it at {} entries, and it is not of the "
                  "root log as it is here: keep it, it is the evidence, and find out who signed it",
                  size),
      {}};
  Forked(forked);
  return std::unexpected(forked);
}

void RootLog::Forked(const Error& error) const {
  if (parts_.on_forked) parts_.on_forked(error);
}

}  // namespace jalon::api
