#include "services/access/verify.h"

#include <utility>

namespace jalon::access {
namespace {

class Walk {
 public:
  Walk(const Chain& chain, const std::optional<Link>& kept) : chain_(chain), kept_(kept) {
    found_.first = chain.first;
    next_ = chain.first;
  }

  // False: something is at fault, and the walk is over. `following`: how the next segment begins;
  // empty: none follows.
  bool Take(std::string_view segment, std::string_view following) {
    following_ = following;
    size_t at = 0;
    while (at < segment.size()) {
      const auto stored = ReadEntry(segment, at);
      if (!stored) {
        const bool was_synced = !following.empty() || next_.seq <= chain_.head.seq;
        if (was_synced) return Fault(Finding::kUnreadable, next_.seq);
        found_.half_written = segment.size() - at;
        return true;
      }
      if (!TakeOne(*stored, segment)) return false;
      at = stored->end;
    }
    return true;
  }

  Verified End() {
    if (found_.finding == Finding::kIntact && found_.last.seq < chain_.head.seq) {
      Fault(Finding::kMissing, next_.seq);
    }
    if (kept_ && found_.finding == Finding::kIntact && kept_->seq > found_.last.seq) {
      Fault(Finding::kMissing, next_.seq);
    }
    found_.kept_is_older = kept_ && kept_->seq < chain_.first.seq;
    return found_;
  }

 private:
  bool Fault(Finding finding, uint64_t seq) {
    found_.finding = finding;
    found_.seq = seq;
    return false;
  }

  bool TakeOne(const Stored& stored, std::string_view segment) {
    const v1::AccessEntry& entry = stored.entry;
    if (entry.seq() != next_.seq) return Fault(Finding::kMissing, next_.seq);
    if (entry.previous() != View(next_.hash)) {
      // One of the two was altered: this one, if what is said of it elsewhere is not so either.
      auto after = ReadEntry(segment, stored.end);
      if (!after) after = ReadEntry(following_, 0);
      const bool otherwise =
          after ? after->entry.previous() != View(stored.hash)
                : chain_.head.seq == entry.seq() && chain_.head.hash != stored.hash;
      const bool is_this = otherwise || next_.seq == chain_.first.seq;
      return Fault(Finding::kAltered, is_this ? next_.seq : next_.seq - 1);
    }
    for (const Link& told : {chain_.head, kept_.value_or(Link())}) {
      if (told.seq == entry.seq() && told.hash != stored.hash) {
        return Fault(Finding::kAltered, entry.seq());
      }
    }
    ++found_.entries;
    found_.counted += entry.count();
    if (found_.oldest_at == 0) found_.oldest_at = entry.at();
    found_.latest_at = entry.at();
    found_.last = {entry.seq(), stored.hash};
    next_ = {entry.seq() + 1, stored.hash};
    return true;
  }

  const Chain chain_;
  const std::optional<Link> kept_;
  std::string_view following_;
  Link next_;  // the number that comes next, and the hash it must name
  Verified found_;
};

}  // namespace

Result<Verified> Verify(const std::string& folder, const std::optional<Link>& kept) {
  // The head first: what is appended meanwhile follows it.
  JALON_ASSIGN_OR_RETURN(const auto text, ReadWhole(ChainPath(folder)));
  if (!text) {
    return Fail(Code::kNotFound, "NOT_FOUND",
                folder + ": no access log: name the folder access/ of a server's data folder");
  }
  const std::optional<Chain> chain = ParseChain(*text);
  if (!chain) {
    Verified none;
    none.finding = Finding::kUnreadable;
    return none;
  }
  JALON_ASSIGN_OR_RETURN(const auto segments, SegmentsIn(folder));
  Walk walk(*chain, kept);
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] < chain->first.seq) continue;  // about to be dropped
    JALON_ASSIGN_OR_RETURN(const auto segment, ReadWhole(SegmentPath(folder, segments[i])));
    if (!segment) return Verify(folder, kept);  // a server just dropped it, and said so before
    std::string following;
    if (i + 1 < segments.size()) {
      JALON_ASSIGN_OR_RETURN(const auto next, ReadWhole(SegmentPath(folder, segments[i + 1]),
                                                        kEntryHeadBytes + kEntryBytesMax));
      following = next.value_or("");
    }
    if (!walk.Take(*segment, following)) break;
  }
  return walk.End();
}

}  // namespace jalon::access
