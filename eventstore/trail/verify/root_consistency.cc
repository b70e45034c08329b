#include "eventstore/trail/verify/root_consistency.h"

#include "eventstore/trail/note.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tlog_witness.h"
#include "eventstore/trail/verify/file.h"

namespace jalon::trail {
namespace {

constexpr size_t kProofBytesMax = kNoteBytesMax + size_t{64} * 1024;

// What is wrong with what was kept; another generation is another name, and no excuse.
Finding Held(Flaw flaw, Flaw of_other, const Checkpoint& older, const Checkpoint& now,
             const std::string& file) {
  return {.flaw = older.origin == now.origin ? flaw : of_other,
          .file = file,
          .number = older.size,
          .is_held = true};
}

}  // namespace

Result<std::optional<Finding>> CheckRootGoesOn(const Question& question, const RootProof& root,
                                               const Checkpoint& older, const std::string& file) {
  const Checkpoint& now = root.opened.checkpoint;
  // Two histories that were signed.
  const auto forked = [&] {
    return Held(Flaw::kRootForked, Flaw::kOtherGeneration, older, now, file);
  };
  if (older.size > now.size) {
    return Held(Flaw::kRootTruncated, Flaw::kOtherGenerationLonger, older, now, file);
  }
  if (older.size == now.size && older.root != now.root) return forked();
  if (older.size == 0 || older.size == now.size) return std::nullopt;

  const auto is_wrong = [](Flaw flaw) {
    return Finding{.flaw = flaw, .file = kRootConsistencyFile};
  };
  std::string bytes;
  JALON_ASSIGN_OR_RETURN(
      const FileRead read,
      ReadInto((question.folder / kRootConsistencyFile).string(), kProofBytesMax, &bytes));
  if (read == FileRead::kMissing) return is_wrong(Flaw::kFileMissing);
  if (read != FileRead::kWhole) return is_wrong(Flaw::kFileLength);
  const auto proof = ParseAddCheckpoint(bytes);
  if (!proof) return is_wrong(proof.error());
  if (proof->old_size != older.size) {
    Finding finding = is_wrong(Flaw::kConsistencyOtherSize);
    finding.number = proof->old_size;
    return finding;
  }
  if (proof->checkpoint != root.note) return is_wrong(Flaw::kProofFails);
  if (VerifyConsistency(older.size, older.root, now.size, now.root, proof->hashes)) {
    return std::nullopt;
  }
  // What leads to the signed root shows what the log began with: not with what was kept.
  if (OldRootOfConsistency(older.size, now.size, now.root, proof->hashes)) {
    return forked();
  }
  return is_wrong(Flaw::kProofFails);
}

}  // namespace jalon::trail
