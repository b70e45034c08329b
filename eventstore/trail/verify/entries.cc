#include "eventstore/trail/verify/entries.h"

#include <algorithm>

#include "eventstore/trail/verify/in_order.h"
#include "eventstore/trail/verify/tiles.h"

namespace jalon::trail {
namespace {

// The first findings of a kind.
class Findings {
 public:
  void Add(Finding finding) {
    if (list_.size() < Report::kFindingsMax) list_.push_back(std::move(finding));
  }
  void Add(std::vector<Finding> findings) {
    for (Finding& finding : findings) Add(std::move(finding));
  }
  void Add(std::optional<Finding> finding) {
    if (finding) Add(*std::move(finding));
  }
  const std::vector<Finding>& list() const { return list_; }
  bool empty() const { return list_.empty(); }

 private:
  std::vector<Finding> list_;
};

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
    JALON_RETURN_IF_ERROR(work.Run());
    JALON_RETURN_IF_ERROR(tiles_.Finish());
    const bool is_signed = is_whole_ && frontier_.Root() == checkpoint_.root;
    if (is_signed) {
      Conclude();
    } else {
      JALON_RETURN_IF_ERROR(Blame());
    }
    for (const Finding& finding : misplaced_.list()) report_.Add(finding);
    entries_.hold = is_signed && broken_.empty();
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
    broken_.Add(std::move(bundle.broken));
    bad_tiles_.Add(std::move(bundle.bad_tile));
    unlike_.Add(std::move(bundle.unlike));
    misplaced_.Add(std::move(bundle.misplaced));
    if (bundle.roots.empty()) is_whole_ = false;
    return is_whole_ ? TakeRoots(bundle) : Result<void>();
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
    for (const Finding& finding : broken_.list()) report_.Add(finding);
    for (const Finding& entry : unlike_.list()) {  // it was the tile that was changed
      const Tile tile = TileOf(0, *entry.entry, checkpoint_.size);
      report_.Add({.flaw = Flaw::kTileChanged,
                   .file = TilePath(tile),
                   .number = *entry.entry % kTileWidth});
    }
    for (const Finding& finding : bad_tiles_.list()) report_.Add(finding);
    for (const Finding& finding : tiles_.findings()) report_.Add(finding);
  }

  // Which entries of the bundle were changed cannot be told: so was their tile.
  static Finding EitherChanged(const Tile& tile) {
    const uint64_t first = tile.index * kTileWidth;
    return {.flaw = Flaw::kEntryOrTileChanged,
            .file = BundlePath(tile.index, tile.width),
            .entry = first,
            .last = first + tile.width - 1};
  }

  // It is not. A tile that is still one of the signed tree tells which entry was changed.
  Result<void> Blame() {
    for (const Findings* findings : {&broken_, &unlike_}) {
      for (Finding finding : findings->list()) {
        if (finding.flaw == Flaw::kEntryChanged) {
          const Tile tile = TileOf(0, *finding.entry, checkpoint_.size);
          JALON_ASSIGN_OR_RETURN(const bool is_signed, IsOfSignedTree(folder_, tile, checkpoint_));
          if (!is_signed) finding = EitherChanged(tile);
        }
        report_.Add(std::move(finding));
      }
    }
    for (const Finding& finding : bad_tiles_.list()) report_.Add(finding);
    for (const Finding& finding : tiles_.findings()) {
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

  const Question& question_;
  const Checkpoint& checkpoint_;
  const Wanted& wanted_;
  Report& report_;
  const std::string folder_;

  Frontier frontier_;
  TileCheck tiles_;
  bool is_whole_ = true;  // so far every bundle is known, by its entries or its tile
  Findings broken_;
  Findings bad_tiles_;
  Findings unlike_;
  Findings misplaced_;
  Entries entries_;
};

}  // namespace

Result<Entries> CheckEntries(const Question& question, const Checkpoint& checkpoint,
                             const Wanted& wanted, Report* report) {
  return Walk(question, checkpoint, wanted, report).Run();
}

}  // namespace jalon::trail
