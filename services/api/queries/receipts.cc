#include "services/api/queries/receipts.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "eventstore/trail/origin.h"
#include "eventstore/trail/tlog_proof.h"
#include "projections/trail/receipts_log.h"
#include "projections/views/receipts.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {

using projections::ReceiptsLog;
using projections::Received;
using projections::TreeState;

// One pass over the partitions that receipts are wanted of.
class Receipts::Pass {
 public:
  explicit Pass(const Parts& parts) : parts_(parts) {}

  // Opens the partition's receipts log, unless it is open.
  void Open(Partition partition) {
    const auto [opened, is_new] = logs_.try_emplace(partition);
    if (is_new) opened->second = OpenLog(partition);
  }

  // Signs what was opened.
  void Sign() {
    std::vector<eventstore::Signer::ToSign> wanted;
    std::vector<Result<Opened>*> of;
    for (auto& [partition, opened] : logs_) {
      if (!opened) continue;
      ReceiptsLog* log = opened->log.get();
      const TreeState now = opened->now;
      of.push_back(&opened);
      wanted.push_back({{.origin = opened->origin, .size = now.size, .root = now.root},
                        [log, now](uint64_t old_size) {
                          return log->tree().ConsistencyProof(old_size, now.size);
                        }});
    }
    std::vector<Result<std::string>> notes = parts_.names.signer->SignAll(wanted);
    for (size_t i = 0; i < notes.size(); ++i) {
      if (notes[i]) {
        (*of[i])->checkpoint = *std::move(notes[i]);
      } else {
        *of[i] = NotSigned(std::move(notes[i]).error());
      }
    }
  }

  Result<Made> Make(const ReceiptsWanted& wanted) {
    Result<Opened>& opened = logs_.at(wanted.partition);
    if (!opened) return std::unexpected(opened.error());
    JALON_ASSIGN_OR_RETURN(const std::vector<Received> entries,
                           opened->log->Of(wanted.seq, kReceiptsPerReplyMax, wanted.event));
    Made made;
    for (const Received& entry : entries) {
      trail::v1::Receipt& receipt = made.emplace_back();
      receipt.set_company_id(entry.company_id.Str());
      receipt.set_index(entry.index);
      receipt.set_trail(entry.trail);
      receipt.set_entry(entry.entry);
      receipt.set_verifier_key(parts_.names.VerifierOf(opened->origin));
      JALON_ASSIGN_OR_RETURN(trail::Proof proof,
                             opened->log->tree().InclusionProof(entry.at, opened->now.size));
      receipt.set_tlog_proof(trail::FormatTlogProof({.extra = entry.line,
                                                     .index = entry.at,
                                                     .hashes = std::move(proof),
                                                     .checkpoint = opened->checkpoint}));
    }
    return made;
  }

 private:
  // The receipts log of a partition, as it is now.
  struct Opened {
    std::string origin;
    std::unique_ptr<ReceiptsLog> log;
    TreeState now;
    std::string checkpoint = {};
  };

  Result<Opened> OpenLog(Partition partition) const {
    JALON_ASSIGN_OR_RETURN(auto reader,
                           parts_.views.Read(partition, projections::PartitionScope()));
    const Bytes& deployment = parts_.names.deployment;
    Opened opened{
        .origin = parts_.names.ReceiptsOrigin(partition),
        .log = std::make_unique<ReceiptsLog>(TrailRowsOf(std::move(reader), projections::kReceipts),
                                             deployment, partition, parts_.log),
        .now = {}};
    JALON_ASSIGN_OR_RETURN(opened.now, opened.log->tree().Now());
    return opened;
  }

  const Parts& parts_;
  std::map<Partition, Result<Opened>> logs_;
};

std::vector<Result<Receipts::Made>> Receipts::Make(std::span<const ReceiptsWanted> wanted) const {
  std::vector<Result<Made>> made;
  made.reserve(wanted.size());
  if (parts_.names.signer == nullptr) {
    made.resize(wanted.size(), SignerElsewhere());
    return made;
  }
  Pass pass(parts_);
  for (const ReceiptsWanted& one : wanted) pass.Open(one.partition);
  pass.Sign();
  for (const ReceiptsWanted& one : wanted) made.push_back(pass.Make(one));
  return made;
}

}  // namespace jalon::api
