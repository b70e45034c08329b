#include "eventstore/trail/verify/root_consistency.h"

#include <bit>

#include "eventstore/trail/note.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tlog_witness.h"
#include "eventstore/trail/verify/file.h"

namespace jalon::trail {
namespace {

constexpr size_t kProofBytesMax = kNoteBytesMax + size_t{64} * 1024;

// Two histories that were signed; another generation is another name, and no excuse.
Finding Forked(const Checkpoint& older, const Checkpoint& now, const std::string& file) {
  return {.flaw = older.origin == now.origin ? Flaw::kRootForked : Flaw::kOtherGeneration,
          .file = file,
          .number = older.size,
          .is_held = true};
}

// What the log began with, as the proof of the entry after it shows; none: no such proof holds.
Result<std::optional<Hash>> RootByNext(const Question& question, const RootProof& root,
                                       uint64_t old_size) {
  const Checkpoint& now = root.opened.checkpoint;
  std::string bytes;
  JALON_ASSIGN_OR_RETURN(const FileRead read, ReadInto((question.folder / kRootNextFile).string(),
                                                       kProofBytesMax, &bytes));
  if (read != FileRead::kWhole) return std::nullopt;
  const auto proof = ParseTlogProof(bytes);
  if (!proof || proof->checkpoint != root.note || proof->index != old_size) return std::nullopt;
  if (!proof->extra || proof->extra->size() != sizeof(Hash)) return std::nullopt;
  return OldRootOfInclusion(old_size, now.size, HashFrom(*proof->extra), proof->hashes, now.root);
}

}  // namespace

Result<std::optional<Finding>> CheckRootGoesOn(const Question& question, const RootProof& root,
                                               const Checkpoint& older, const std::string& file) {
  const Checkpoint& now = root.opened.checkpoint;
  if (older.size > now.size) {
    return Finding{
        .flaw = Flaw::kRootNotReached, .file = kRootConsistencyFile, .number = older.size};
  }
  if (older.size == now.size && older.root != now.root) return Forked(older, now, file);
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
  // What leads to the signed root shows what the log began with.
  std::optional<Hash> began = OldRootOfConsistency(older.size, now.size, now.root, proof->hashes);
  if (std::has_single_bit(older.size)) {
    JALON_ASSIGN_OR_RETURN(began, RootByNext(question, root, older.size));
  }
  if (began && *began != older.root) return Forked(older, now, file);
  return is_wrong(Flaw::kProofFails);
}

}  // namespace jalon::trail
