#include "eventstore/trail/verify/evidence.h"

#include <algorithm>
#include <tuple>

#include "eventstore/trail/origin.h"
#include "eventstore/trail/verify/root_consistency.h"

namespace jalon::trail {
namespace {

void AddHeld(std::vector<Finding> findings, Report* report) {
  for (Finding& finding : findings) {
    finding.is_held = true;
    report->Add(std::move(finding));
  }
}

// The holder kept a checkpoint of the export's root log, and the export does not show that it is in
// that log: leaving its proof out must not make the checkpoint one of nothing.
void AddUnproven(Report* report) {
  const auto is_told = [](const Finding& finding) { return finding.file == kRootProofFile; };
  if (std::ranges::any_of(report->findings, is_told)) return;
  report->Add({.flaw = report->root_key_missing.empty() ? Flaw::kFileMissing : Flaw::kOriginOfNoKey,
               .file = kRootProofFile});
}

// What witnesses say of one checkpoint.
struct Witnessed {
  Witnessed(const Question& question, const SignedCheckpoint& cosigned)
      : seen(question.policy->witnesses.size()), lately(seen.size()) {
    for (const SignedBy& by : cosigned.witnesses) {
      told.push_back({.witness = question.policy->witnesses[by.key].name, .time_s = by.time});
      seen[by.key] = true;
      const bool is_later = by.time > question.until_s.value_or(by.time);
      if (is_later) is_ahead = true;
      if (!is_later && by.time >= question.since_s.value_or(0)) lately[by.key] = true;
    }
    count = static_cast<uint64_t>(std::ranges::count(seen, true));
    is_met = question.policy->IsMetBy(seen);
    is_fresh = question.policy->IsMetBy(lately);
  }

  bool IsBetterThan(const Witnessed& other) const {
    const auto rank = [](const Witnessed& one) {
      return std::tuple(one.is_met && one.is_fresh, one.is_met, one.count);
    };
    return rank(*this) > rank(other);
  }

  std::vector<Cosigned> told;
  std::vector<bool> seen;
  std::vector<bool> lately;
  uint64_t count = 0;
  bool is_ahead = false;  // a time has not come yet
  bool is_met = false;
  bool is_fresh = false;
};

}  // namespace

HeldEvidence::HeldEvidence(const Question& question, const Checkpoint& checkpoint,
                           std::string_view bytes)
    : question_(question), checkpoint_(checkpoint) {
  for (const Evidence& evidence : question.older) ReadOlder(evidence, bytes);
  for (const Evidence& evidence : question.receipts) ReadReceipt(evidence);
}

std::optional<uint64_t> HeldEvidence::OtherGeneration(std::string_view origin) const {
  const auto exported = GenerationNamedBy(checkpoint_.origin);
  const auto held = GenerationNamedBy(origin);
  if (!exported || !held || exported->generation == held->generation) return std::nullopt;
  return held->generation;
}

void HeldEvidence::ReadOlder(const Evidence& evidence, std::string_view exported) {
  auto opened = OpenCheckpoint(evidence.bytes, evidence.file, question_.keys, {}, nullptr);
  if (!opened) {
    bad_older_.push_back(std::move(opened).error());
    return;
  }
  const std::string origin = opened->checkpoint.origin;
  auto& list = IsSameLog(origin, checkpoint_.origin) ? older_ : of_others_;
  list.push_back({.file = evidence.file,
                  .checkpoint = std::move(opened->checkpoint),
                  .is_copy = evidence.bytes == exported,
                  .is_of_other_generation = OtherGeneration(origin).has_value()});
}

void HeldEvidence::ReadReceipt(const Evidence& evidence) {
  const auto is_wrong = [&](Flaw flaw) {
    bad_receipts_.push_back({.flaw = flaw, .file = evidence.file});
  };
  auto proof = ParseTlogProof(evidence.bytes);
  if (!proof) return is_wrong(proof.error());
  auto opened = OpenCheckpoint(proof->checkpoint, evidence.file, question_.keys, {}, nullptr);
  if (!opened) {
    bad_receipts_.push_back(std::move(opened).error());
    return;
  }
  const auto held = evidence.entry.transform([](const std::string& e) { return LeafHash(e); });
  if (!IsSameLog(opened->checkpoint.origin, checkpoint_.origin)) {
    auto receipt = ReadLine(*proof, opened->checkpoint);
    if (!receipt) return is_wrong(receipt.error());
    if (held && held != receipt->leaf) return is_wrong(Flaw::kProofFails);
    receipt->file = evidence.file;
    receipts_.push_back(*std::move(receipt));
    return;
  }
  const Checkpoint& later = opened->checkpoint;
  if (held && !VerifyInclusion(proof->index, later.size, *held, proof->hashes, later.root)) {
    return is_wrong(Flaw::kProofFails);
  }
  if (proof->index >= later.size) return is_wrong(Flaw::kProofFails);
  receipts_.push_back({.file = evidence.file,
                       .index = proof->index,
                       .leaf = held,
                       .proof = *proof,
                       .later = later,
                       .other_generation = OtherGeneration(later.origin)});
}

// A receipts log's tree proves its line, which stands in `extra`.
std::expected<HeldEvidence::Receipt, Flaw> HeldEvidence::ReadLine(const TlogProof& proof,
                                                                  const Checkpoint& log) const {
  if (!proof.extra) return std::unexpected(Flaw::kOtherOrigin);
  if (!VerifyInclusion(proof.index, log.size, LeafHash(*proof.extra), proof.hashes, log.root)) {
    return std::unexpected(Flaw::kProofFails);
  }
  const auto line = ParseReceiptLine(*proof.extra);
  if (!line) return std::unexpected(line.error());
  if (!IsSameLog(line->trail, checkpoint_.origin)) return std::unexpected(Flaw::kOtherOrigin);
  return Receipt{
      .index = line->index, .leaf = line->leaf, .other_generation = OtherGeneration(log.origin)};
}

Wanted HeldEvidence::wanted() const {
  Wanted wanted;
  const auto want = [&](const Checkpoint& older) {
    if (older.size <= checkpoint_.size) wanted.roots.push_back(older.size);
  };
  for (const Older& older : older_) want(older.checkpoint);
  for (const Receipt& receipt : receipts_) {
    if (receipt.later) want(*receipt.later);
    if (receipt.index < checkpoint_.size) wanted.leaves.push_back(receipt.index);
  }
  for (auto* list : {&wanted.roots, &wanted.leaves}) {
    std::ranges::sort(*list);
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return wanted;
}

std::optional<Flaw> HeldEvidence::FlawOf(const Older& older, const Entries& entries) const {
  if (older.checkpoint.size == 0) return std::nullopt;  // the empty tree begins every trail
  const bool is_longer = older.checkpoint.size > checkpoint_.size;
  if (!is_longer && entries.roots.at(older.checkpoint.size) == older.checkpoint.root) {
    return std::nullopt;
  }
  if (older.is_of_other_generation) {
    return is_longer ? Flaw::kOtherGenerationLonger : Flaw::kOtherGeneration;
  }
  return is_longer ? Flaw::kTruncated : Flaw::kForked;
}

std::optional<Flaw> HeldEvidence::FlawOf(const Receipt& receipt, const Entries& entries) const {
  const bool is_of_other = receipt.other_generation.has_value();
  if (receipt.later && receipt.later->size <= checkpoint_.size &&
      entries.roots.at(receipt.later->size) != receipt.later->root) {
    return is_of_other ? Flaw::kOtherGeneration : Flaw::kForked;
  }
  if (receipt.index >= checkpoint_.size) {
    return is_of_other ? Flaw::kReceiptOfOtherGeneration : Flaw::kReceiptMissing;
  }
  const Hash& leaf = entries.leaves.at(receipt.index);
  if (receipt.leaf && receipt.leaf != leaf) {
    return is_of_other ? Flaw::kReceiptOtherEntryOfGeneration : Flaw::kReceiptOtherEntry;
  }
  if (!receipt.later) return std::nullopt;
  // A tree that was larger was signed, whatever the proof beside it is worth: without the entry,
  // nothing says whether the proof was damaged or another entry stands here.
  if (receipt.later->size > checkpoint_.size) {
    return is_of_other ? Flaw::kOtherGenerationLonger : Flaw::kTruncated;
  }
  const bool is_proven = VerifyInclusion(receipt.index, receipt.later->size, leaf,
                                         receipt.proof->hashes, receipt.later->root);
  return is_proven ? std::nullopt : std::optional(Flaw::kProofFails);
}

void HeldEvidence::CheckOlder(const Entries& entries, Report* report) const {
  AddHeld(bad_older_, report);
  for (const Older& older : older_) {
    ++report->older_checked;
    if (older.is_of_other_generation) ++report->of_other_generations;
    if (const auto flaw = FlawOf(older, entries)) {
      AddHeld({{.flaw = *flaw, .file = older.file, .number = older.checkpoint.size}}, report);
    } else if (older.checkpoint.size != 0 && !older.is_copy) {
      ++report->older_fitting;
    }
  }
}

Result<void> HeldEvidence::CheckOlderRoots(const RootProof* root, Report* report) const {
  for (const Older& older : of_others_) {
    const std::string& origin = older.checkpoint.origin;
    if (root == nullptr || !IsSameLog(origin, root->opened.checkpoint.origin)) {
      const auto own_root = RootOf(checkpoint_.origin);
      if (root == nullptr && own_root && IsSameLog(origin, *own_root)) {
        AddUnproven(report);
      } else {
        AddHeld({{.flaw = Flaw::kOtherOrigin, .file = older.file}}, report);
      }
      continue;
    }
    ++report->root_older_checked;
    if (origin != root->opened.checkpoint.origin) ++report->of_other_generations;
    JALON_ASSIGN_OR_RETURN(auto finding,
                           CheckRootGoesOn(question_, *root, older.checkpoint, older.file));
    if (finding) {
      report->Add(*std::move(finding));
    } else if (older.checkpoint.size != 0) {
      ++report->root_older_fitting;
    }
  }
  return {};
}

void HeldEvidence::CheckReceipts(const Entries& entries, Report* report) const {
  AddHeld(bad_receipts_, report);
  for (const Receipt& receipt : receipts_) {
    ++report->receipts_checked;
    if (receipt.other_generation) ++report->of_other_generations;
    const auto flaw = FlawOf(receipt, entries);
    if (!flaw) continue;
    Finding finding{.flaw = *flaw, .file = receipt.file, .entry = receipt.index};
    if (*flaw == Flaw::kReceiptOfOtherGeneration || *flaw == Flaw::kReceiptOtherEntryOfGeneration) {
      finding.number = receipt.other_generation;
    }
    if (*flaw == Flaw::kForked || *flaw == Flaw::kTruncated || *flaw == Flaw::kOtherGeneration ||
        *flaw == Flaw::kOtherGenerationLonger) {
      finding.entry.reset();
      finding.number = receipt.later->size;
    }
    AddHeld({std::move(finding)}, report);
  }
}

void CheckWitnesses(const Question& question, const SignedCheckpoint& opened,
                    const SignedCheckpoint* root_log, Report* report) {
  if (!question.policy) return;
  report->witnesses_asked = question.policy->witnesses.size();
  // Each for itself: two halves of a quorum have not seen one history.
  Witnessed best(question, opened);
  if (root_log != nullptr) {
    Witnessed of_root(question, *root_log);
    if (of_root.IsBetterThan(best)) best = std::move(of_root);
  }
  report->cosigned = std::move(best.told);
  report->witnesses_seen = best.count;
  if (!best.is_met) {
    report->Add({.flaw = Flaw::kQuorumNotMet, .file = "checkpoint", .number = best.count});
  } else if (!best.is_fresh) {
    report->Add(
        {.flaw = best.is_ahead ? Flaw::kCosignedInFuture : Flaw::kStale, .file = "checkpoint"});
  }
}

}  // namespace jalon::trail
