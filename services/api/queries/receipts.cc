#include "services/api/queries/receipts.h"

#include <string>
#include <utility>

#include "eventstore/trail/proof.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tree.h"
#include "projections/views/receipts.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {

using projections::ReceiptsLog;
using projections::Received;
using projections::TreeState;

Result<ReceiptPasses::Opened> ReceiptPasses::Open(Partition partition) {
  JALON_ASSIGN_OR_RETURN(std::shared_ptr<const Reader> reader,
                         parts_.views.Read(partition, projections::PartitionScope()));
  const Bytes& deployment = parts_.names.deployment;
  const Bytes& log_incarnation = reader->as_of().position().log_incarnation();
  Kept& kept = kept_[partition];
  if (kept.log == nullptr || kept.log_incarnation != log_incarnation) {
    kept = {.log_incarnation = log_incarnation,
            .origin = {},
            .log = std::make_unique<ReceiptsLog>(deployment, partition, parts_.log)};
  }
  kept.origin = parts_.names.ReceiptsOrigin(partition);  // of today's generation
  JALON_ASSIGN_OR_RETURN(const TreeState now,
                         kept.log->Open(TrailRowsOf(reader, projections::kReceipts)));
  return Opened{.kept = &kept, .now = now};
}

void ReceiptPasses::Sign(Pass& pass) const {
  std::vector<eventstore::Signer::ToSign> wanted;
  std::vector<Result<Opened>*> of;
  for (auto& [partition, opened] : pass) {
    if (!opened) continue;
    ReceiptsLog* log = opened->kept->log.get();
    const TreeState now = opened->now;
    of.push_back(&opened);
    wanted.push_back({{.origin = opened->kept->origin, .size = now.size, .root = now.root},
                      [log, now](uint64_t old_size) {
                        return log->tree().ConsistencyProof(old_size, now.size);
                      }});
  }
  std::vector<Result<std::string>> notes = parts_.names.signer->SignAll(wanted);
  for (size_t i = 0; i < notes.size(); ++i) {
    Result<Opened>& opened = *of[i];
    if (notes[i]) {
      opened->checkpoint = *std::move(notes[i]);
      opened->verifier_key = parts_.names.VerifierOf(opened->kept->origin);
    } else {
      opened = NotSigned(std::move(notes[i]).error());
    }
  }
}

Result<ReceiptPasses::Made> ReceiptPasses::MakeOf(const ReceiptsWanted& wanted,
                                                  const Opened& opened) {
  ReceiptsLog& log = *opened.kept->log;
  JALON_ASSIGN_OR_RETURN(const std::vector<Received> entries,
                         log.Of(wanted.seq, kReceiptsPerReplyMax, wanted.event));
  Made made;
  for (const Received& entry : entries) {
    trail::v1::Receipt& receipt = made.emplace_back();
    receipt.set_company_id(entry.company_id.Str());
    receipt.set_index(entry.index);
    receipt.set_trail(entry.trail);
    receipt.set_entry(entry.entry);
    receipt.set_verifier_key(opened.verifier_key);
    JALON_ASSIGN_OR_RETURN(trail::Proof proof,
                           log.tree().InclusionProof(entry.at, opened.now.size));
    // The rows may be damaged, and nobody is given a receipt that proves nothing.
    if (!trail::VerifyInclusion(entry.at, opened.now.size, trail::LeafHash(entry.line), proof,
                                opened.now.root)) {
      return projections::TrailRowsBroken();
    }
    receipt.set_tlog_proof(trail::FormatTlogProof({.extra = entry.line,
                                                   .index = entry.at,
                                                   .hashes = std::move(proof),
                                                   .checkpoint = opened.checkpoint}));
  }
  return made;
}

std::vector<Result<ReceiptPasses::Made>> ReceiptPasses::Make(
    std::span<const ReceiptsWanted> wanted) {
  std::vector<Result<Made>> made;
  made.reserve(wanted.size());
  if (parts_.names.signer == nullptr) {
    made.resize(wanted.size(), SignerElsewhere());
    return made;
  }
  Pass pass;
  for (const ReceiptsWanted& one : wanted) {
    const auto [opened, is_new] = pass.try_emplace(one.partition);
    if (is_new) opened->second = Open(one.partition);
  }
  Sign(pass);
  for (const ReceiptsWanted& one : wanted) {
    const Result<Opened>& opened = pass.at(one.partition);
    made.push_back(opened ? MakeOf(one, *opened) : std::unexpected(opened.error()));
  }
  for (auto& [partition, kept] : kept_) kept.log->Close();
  for (size_t i = 0; i < wanted.size(); ++i) {
    // What was read of damaged rows is not there any more once they are built anew.
    if (!made[i] && made[i].error().code == Code::kDataLoss) kept_.erase(wanted[i].partition);
  }
  return made;
}

}  // namespace jalon::api
