#include "eventstore/trail/verify/entries.h"

#include <algorithm>

#include "eventstore/base/hash.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/verify/in_order.h"
#include "eventstore/trail/verify/tiles.h"

namespace jalon::trail {
namespace {

// Appends the full subtrees of `count` leaves, by their roots, largest first.
template <typename Full>
void AppendRoots(uint64_t count, const std::vector<Hash>& roots, Frontier* frontier, Full&& full) {
  for (const Hash& root : roots) {
    const auto level = static_cast<unsigned>(std::bit_width(count) - 1);
    frontier->AppendSubtree(level, root, full);
    count -= uint64_t{1} << level;
  }
}

class Walk {
 public:
  Walk(const Question& question, const Checkpoint& checkpoint, const Wanted& wanted, Report* report)
      : question_(question),
        checkpoint_(checkpoint),
        wanted_(wanted),
        report_(*report),
        folder_(question.folder.string()),
        tiles_(folder_, checkpoint.size) {}

  Result<Entries> Run() {
    const uint64_t bundles = checkpoint_.size / kTileWidth + (checkpoint_.size % kTileWidth != 0);
    std::vector<BundleReader> readers;
    for (unsigned i = 0; i < question_.threads; ++i) {
      readers.emplace_back(folder_, checkpoint_.size, wanted_);
    }
    InOrder<Bundle> work(
        bundles, question_.threads,
        [&readers](unsigned thread, uint64_t number) { return readers[thread].Read(number); },
        [this](uint64_t number, Bundle bundle) { return Take(number, std::move(bundle)); });
    const Result<void> walked = work.Run();
    if (!walked && report_.read_all) return std::unexpected(walked.error());
    if (is_whole_) JALON_RETURN_IF_ERROR(tiles_.Finish());
    const bool is_signed = is_whole_ && frontier_.Root() == checkpoint_.root;
    if (is_signed) {
      Conclude();
    } else {
      JALON_RETURN_IF_ERROR(Blame());
    }
    AddAll(misplaced_);
    if (is_signed) CheckOrigin();
    entries_.hold = is_signed && broken_.total() == 0;
    return std::move(entries_);
  }

 private:
  Result<void> Take(uint64_t number, Bundle bundle) {
    const uint64_t first = number * kTileWidth;
    if (question_.progress && !question_.progress(first, checkpoint_.size)) {
      return Fail(Code::kCancelled, "CANCELLED", "Interrupted. Run it again.");
    }
    report_.entries += bundle.width;
    report_.bytes += bundle.bytes;
    TakePlace(first, bundle);
    if (bundle.broken) broken_.Add(*std::move(bundle.broken));
    if (bundle.bad_tile) bad_tiles_.Add(*std::move(bundle.bad_tile));
    if (bundle.unlike.total() != 0 && unlike_.list().size() < Report::kFindingsMax) {
      unlike_by_bundle_[number] = bundle.unlike.total();
    }
    unlike_.Add(std::move(bundle.unlike));
    misplaced_.Add(std::move(bundle.misplaced));
    if (bundle.roots.empty()) is_whole_ = false;
    if (is_whole_) return TakeRoots(bundle);
    if (broken_.total() < Report::kFindingsMax) return {};
    // The root cannot be made any more, and nothing that follows could change what is said; a size
    // that somebody signed without the entries may be beyond all bounds.
    report_.read_all = false;
    return Fail(Code::kAborted, "ENOUGH", "Enough of it was read.");
  }

  void AddAll(const FirstFindings& findings) {
    for (const Finding& finding : findings.list()) report_.Add(finding);
    report_.Count(findings.total() - findings.list().size());
  }

  // An origin of our shape names the trail, and its entries say of themselves which they are of.
  void CheckOrigin() {
    const auto named = TrailNamedBy(checkpoint_.origin);
    if (!named || report_.trail.empty()) return;
    if (named->tenant == ToHex(report_.tenant) && named->trail == ToHex(report_.trail)) return;
    report_.Add({.flaw = Flaw::kOriginOfOtherEntries, .file = "checkpoint"});
  }

  void TakePlace(uint64_t first, const Bundle& bundle) {
    if (bundle.trail.empty()) return;
    if (report_.trail.empty()) {
      report_.tenant = bundle.tenant;
      report_.trail = bundle.trail;
      report_.first_recorded_at = bundle.first_recorded_at;
    }
    report_.last_recorded_at = bundle.last_recorded_at;
    if (bundle.tenant == report_.tenant && bundle.trail == report_.trail) return;
    misplaced_.Add(Finding{.flaw = Flaw::kEntryTrail,
                           .file = BundlePath(first / kTileWidth, bundle.width),
                           .entry = first});
  }

  Result<void> TakeRoots(const Bundle& bundle) {
    const auto ignore = [](Node, const Hash&) {};
    for (const auto& [size, roots] : bundle.frontiers) {
      Frontier then = frontier_;
      AppendRoots(size - frontier_.size(), roots, &then, ignore);
      entries_.roots[size] = then.Root();
    }
    entries_.leaves.insert(bundle.leaves.begin(), bundle.leaves.end());
    Result<void> compared;
    AppendRoots(bundle.width, bundle.roots, &frontier_, [&](Node node, const Hash& root) {
      if (compared) compared = tiles_.Add(node, root);
    });
    return compared;
  }

  // The root is the signed one: so what it was made of is what was signed.
  void Conclude() {
    AddAll(broken_);
    for (const Finding& entry : unlike_.list()) {  // it was the tile that was changed
      const Tile tile = TileOf(0, *entry.entry, checkpoint_.size);
      report_.Add({.flaw = Flaw::kTileChanged,
                   .file = TilePath(tile),
                   .number = *entry.entry % kTileWidth});
    }
    report_.Count(unlike_.total() - unlike_.list().size());
    AddAll(bad_tiles_);
    AddAll(tiles_.findings());
  }

  // Which entries of the bundle were changed cannot be told: so was their tile.
  static Finding EitherChanged(const Tile& tile) {
    const uint64_t first = tile.index * kTileWidth;
    return {.flaw = Flaw::kEntryOrTileChanged,
            .file = BundlePath(tile.index, tile.width),
            .entry = first,
            .last = first + tile.width - 1};
  }

  // Whether the stored tile of an entry's leaf is one of the signed tree.
  Result<bool> HasSignedTile(uint64_t entry) {
    return IsOfSignedTree(folder_, TileOf(0, entry, checkpoint_.size), checkpoint_);
  }

  // It is not. A tile that is still one of the signed tree tells which entry was changed.
  Result<void> Blame() {
    for (Finding finding : broken_.list()) {
      const bool is_by_tile =
          finding.flaw == Flaw::kEntryChanged || finding.flaw == Flaw::kEntryTooLong;
      if (is_by_tile) {
        JALON_ASSIGN_OR_RETURN(const bool is_signed, HasSignedTile(*finding.entry));
        if (!is_signed) finding = EitherChanged(TileOf(0, *finding.entry, checkpoint_.size));
      }
      report_.Add(std::move(finding));
    }
    report_.Count(broken_.total() - broken_.list().size());
    JALON_RETURN_IF_ERROR(BlameUnlike());
    AddAll(bad_tiles_);
    for (const Finding& finding : tiles_.findings().list()) {
      if (finding.flaw != Flaw::kTileChanged) report_.Add(finding);
    }
    if (report_.findings_total != 0) return {};
    if (tiles_.unlike()) {
      report_.Add({.flaw = Flaw::kEntryOrTileChanged,
                   .file = BundlePath(tiles_.unlike()->first / kTileWidth, kTileWidth),
                   .entry = tiles_.unlike()->first,
                   .last = tiles_.unlike()->last});
    } else {
      report_.Add({.flaw = Flaw::kRootDiffers, .file = "checkpoint"});
    }
    return {};
  }

  // Bundle by bundle: each entry that a signed tile does not know, or the whole of a bundle whose
  // tile was changed too.
  Result<void> BlameUnlike() {
    uint64_t counted = 0;
    const std::vector<Finding>& listed = unlike_.list();
    for (auto entry = listed.begin(); entry != listed.end();) {
      const uint64_t bundle = *entry->entry / kTileWidth;
      JALON_ASSIGN_OR_RETURN(const bool is_signed, HasSignedTile(*entry->entry));
      const auto end = std::find_if(entry, listed.end(), [&](const Finding& other) {
        return *other.entry / kTileWidth != bundle;
      });
      const uint64_t total = unlike_by_bundle_.at(bundle);
      counted += total;
      if (is_signed) {
        report_.Count(total - static_cast<uint64_t>(end - entry));
        for (; entry != end; ++entry) report_.Add(*entry);
      } else {
        report_.Add(EitherChanged(TileOf(0, *entry->entry, checkpoint_.size)));
        entry = end;
      }
    }
    report_.Count(unlike_.total() - counted);  // of the bundles that are not listed
    return {};
  }

  const Question& question_;
  const Checkpoint& checkpoint_;
  const Wanted& wanted_;
  Report& report_;
  const std::string folder_;

  Frontier frontier_;
  TileCheck tiles_;
  bool is_whole_ = true;  // so far every bundle is known, by its entries or its tile
  FirstFindings broken_;
  FirstFindings bad_tiles_;
  FirstFindings unlike_;
  std::map<uint64_t, uint64_t> unlike_by_bundle_;  // how many, of the bundles that are listed
  FirstFindings misplaced_;
  Entries entries_;
};

}  // namespace

Result<Entries> CheckEntries(const Question& question, const Checkpoint& checkpoint,
                             const Wanted& wanted, Report* report) {
  return Walk(question, checkpoint, wanted, report).Run();
}

}  // namespace jalon::trail
