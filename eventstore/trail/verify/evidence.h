// What a holder has kept of a trail from before, against what the export says now.
//
// Thread safety: any thread.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/verify/bundle.h"
#include "eventstore/trail/verify/entries.h"
#include "eventstore/trail/verify/root_proof.h"
#include "eventstore/trail/verify/signed_checkpoint.h"
#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

// Checkpoints and receipts, read before the entries are, so that one pass over these answers all.
class HeldEvidence {
 public:
  // Of the export whose checkpoint that is, read from those bytes. Borrows the question and the
  // checkpoint.
  HeldEvidence(const Question& question, const Checkpoint& checkpoint, std::string_view bytes);

  // What has to be learnt of the tree.
  Wanted wanted() const;

  // The checkpoints from before, then the receipts: what does not fit is added to the report.
  // REQUIRES: the entries hold.
  void CheckOlder(const Entries& entries, Report* report) const;
  // Those of another log: of the root log that the export is proven to be in (null: of none), or of
  // nothing that is asked about here. Fails as VerifyExport.
  Result<void> CheckOlderRoots(const RootProof* root, Report* report) const;
  void CheckReceipts(const Entries& entries, Report* report) const;

 private:
  struct Older {
    std::string file;
    Checkpoint checkpoint;
    bool is_copy = false;  // of the export's own, byte for byte
    bool is_of_other_generation = false;
  };
  // An entry that a receipt proves: by a receipts log's line, or by the trail's own tree.
  struct Receipt {
    std::string file = {};
    uint64_t index = 0;
    std::optional<Hash> leaf = {};         // unknown where only the trail's own proof is held
    std::optional<TlogProof> proof = {};   // in the trail's own tree
    std::optional<Checkpoint> later = {};  // of the trail, that the proof leads to
    // Of the log that signed it, where that is not the export's.
    std::optional<uint64_t> other_generation = {};
  };

  void ReadOlder(const Evidence& evidence, std::string_view exported);
  void ReadReceipt(const Evidence& evidence);
  std::expected<Receipt, Flaw> ReadLine(const TlogProof& proof, const Checkpoint& log) const;
  // Of the origin, where it is not that of the export.
  std::optional<uint64_t> OtherGeneration(std::string_view origin) const;
  std::optional<Flaw> FlawOf(const Older& older, const Entries& entries) const;
  std::optional<Flaw> FlawOf(const Receipt& receipt, const Entries& entries) const;

  const Question& question_;
  const Checkpoint& checkpoint_;
  std::vector<Older> older_;
  std::vector<Older> of_others_;  // checkpoints of other logs
  std::vector<Receipt> receipts_;
  std::vector<Finding> bad_older_;
  std::vector<Finding> bad_receipts_;
};

// The witnesses of the question's policy: whether enough of them have seen this checkpoint, and
// late enough; or all of that of the root log's that it is proven to be in (null: none). They have
// to have signed the same one (C2SP tlog-policy); the report is of the one that more have.
void CheckWitnesses(const Question& question, const SignedCheckpoint& opened,
                    const SignedCheckpoint* root_log, Report* report);

}  // namespace jalon::trail
