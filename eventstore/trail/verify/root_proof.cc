#include "eventstore/trail/verify/root_proof.h"

#include <algorithm>
#include <string>
#include <utility>

#include "eventstore/trail/note.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tree.h"
#include "eventstore/trail/verify/file.h"

namespace jalon::trail {
namespace {

constexpr size_t kProofBytesMax = kNoteBytesMax + size_t{64} * 1024;

// Its origin, if it has one: only then is it known whether its key was given.
std::optional<std::string> OriginIn(const TlogProof& proof) {
  const auto note = ParseNote(proof.checkpoint);
  if (!note) return std::nullopt;
  const auto checkpoint = ParseCheckpoint(note->text);
  if (!checkpoint) return std::nullopt;
  return checkpoint->origin;
}

bool HasKeyOf(const Question& question, const std::string& origin) {
  return std::ranges::find(question.keys, origin, &VerifierKey::name) != question.keys.end();
}

}  // namespace

Result<std::optional<RootProof>> CheckRootProof(const Question& question,
                                                const Checkpoint& exported, Report* report) {
  const auto is_wrong = [report](Flaw flaw) {
    report->Add({.flaw = flaw, .file = kRootProofFile});
    return std::nullopt;
  };
  std::string bytes;
  JALON_ASSIGN_OR_RETURN(const FileRead read, ReadInto((question.folder / kRootProofFile).string(),
                                                       kProofBytesMax, &bytes));
  if (read == FileRead::kMissing) {
    return question.published ? is_wrong(Flaw::kFileMissing) : std::nullopt;
  }
  if (read != FileRead::kWhole) return is_wrong(Flaw::kFileLength);
  const auto proof = ParseTlogProof(bytes);
  if (!proof) return is_wrong(proof.error());
  const auto origin = OriginIn(*proof);
  if (origin && !HasKeyOf(question, *origin)) {
    report->root_key_missing = *origin;
    return question.published ? is_wrong(Flaw::kOriginOfNoKey) : std::nullopt;
  }
  static const std::vector<VerifierKey> kNobody;
  auto opened = OpenCheckpoint(proof->checkpoint, kRootProofFile, question.keys,
                               question.policy ? question.policy->witnesses : kNobody, nullptr);
  if (!opened) {
    report->Add(std::move(opened).error());
    return std::nullopt;
  }
  // A trail's own proof of one of its entries is none of a root log.
  if (opened->checkpoint.origin == exported.origin) return is_wrong(Flaw::kOtherOrigin);
  // Nor is the root log of another deployment, or of another generation, that the export's.
  if (const auto root = RootOf(exported.origin); root && *root != opened->checkpoint.origin) {
    return is_wrong(Flaw::kOtherOrigin);
  }
  if (!VerifyInclusion(proof->index, opened->checkpoint.size, LeafHash(FormatCheckpoint(exported)),
                       proof->hashes, opened->checkpoint.root)) {
    return is_wrong(Flaw::kProofFails);
  }
  report->root_log = opened->checkpoint;
  return RootProof{.opened = *std::move(opened), .note = proof->checkpoint};
}

}  // namespace jalon::trail
