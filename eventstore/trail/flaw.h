// What can be wrong with a trail, its notes and its proofs: one value for each thing that a person
// is told, and the verdict that it leads to. The words stand with the command line.
#pragma once

#include <cstdint>

namespace jalon::trail {

// What an auditor may conclude.
enum class Verdict : uint8_t {
  kMalformed,       // not the format
  kWrongOrigin,     // another trail's checkpoint or key
  kUnsigned,        // not signed by the key, or by too few witnesses
  kAltered,         // what is there is not what was signed
  kForked,          // signed, but not an extension of what was signed earlier
  kTruncated,       // signed, but shorter than what was signed earlier
  kReceiptMissing,  // an entry that a receipt proves is not there
  kStale,           // signed too long ago
  kValid,
};

enum class Flaw : uint8_t {
  // Malformed: notes.
  kNotUtf8,
  kControlCharacter,  // CR among them
  kNoLastNewline,
  kNoSignatureBlock,
  kSignatureLine,
  kSignatureBase64,
  kSignatureRepeated,
  kTooManySignatures,
  kVerifierKey,
  // Malformed: checkpoints.
  kCheckpointLines,
  kCheckpointOrigin,
  kCheckpointSize,
  kCheckpointRoot,
  kEmptyTreeRoot,
  // Malformed: evidence, policies, changes of the key, entries.
  kProofLines,
  kProofIndex,
  kProofHash,
  kProofExtra,
  kReceiptLine,
  kConsistencyLines,
  kPolicyLine,
  kPolicyKeyTwice,
  kPolicyKeyType,
  kPolicyControlCharacter,  // CR among them
  kPolicyQuorum,
  kRotationLines,
  kEntryTooLong,
  kEntryEnvelope,
  // Wrong origin.
  kOriginOfNoKey,
  kOtherOrigin,
  kRotationOfOtherKey,
  kOriginOfOtherEntries,  // the origin names another school or company than the entries do
  // Unsigned.
  kNoKnownSignature,
  kSignatureFails,
  kQuorumNotMet,
  // Altered.
  kCheckpointChanged,  // one bit of it is not what the key signed
  kFileMissing,
  kFileLength,
  kBundleFraming,
  kEntryChanged,
  kEntryOrTileChanged,
  kTileChanged,
  kEntryIndex,
  kEntryTrail,
  kRootDiffers,
  kConsistencyOtherSize,  // a proof from another size than the one that was kept
  kRootNotReached,        // the root log that it is proven in is older than what was kept
  kProofFails,
  // Forked.
  kForked,
  kOtherGeneration,  // it does not go on from what was signed in another generation
  kRootForked,
  kReceiptOtherEntryOfGeneration,  // and of another generation
  kReceiptOtherEntry,
  // The rest.
  kTruncated,
  kOtherGenerationLonger,  // what was signed in another generation
  kReceiptMissing,
  kReceiptOfOtherGeneration,
  kCosignedInFuture,
  kStale,
};

constexpr Verdict VerdictOf(Flaw flaw) {
  if (flaw <= Flaw::kEntryEnvelope) return Verdict::kMalformed;
  if (flaw <= Flaw::kOriginOfOtherEntries) return Verdict::kWrongOrigin;
  if (flaw <= Flaw::kQuorumNotMet) return Verdict::kUnsigned;
  if (flaw <= Flaw::kProofFails) return Verdict::kAltered;
  if (flaw <= Flaw::kReceiptOtherEntry) return Verdict::kForked;
  if (flaw <= Flaw::kOtherGenerationLonger) return Verdict::kTruncated;
  if (flaw <= Flaw::kReceiptOfOtherGeneration) return Verdict::kReceiptMissing;
  return Verdict::kStale;
}

}  // namespace jalon::trail
