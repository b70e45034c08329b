#include "eventstore/trail/verify/bundle.h"

#include <algorithm>

#include "eventstore/trail/entry.h"
#include "eventstore/trail/verify/file.h"

namespace jalon::trail {
namespace {

constexpr size_t kLengthBytes = 2;
constexpr size_t kBundleBytesMax = kTileWidth * (kLengthBytes + kEntryBytesMax);
constexpr size_t kTileBytesMax = kTileWidth * sizeof(Hash);

constexpr size_t kNoLength = kEntryBytesMax + 1;

// The length of the entry at the front of a bundle; kNoLength if it is not all there.
size_t LengthAt(std::string_view bundle) {
  if (bundle.size() < kLengthBytes) return kNoLength;
  const size_t length =
      static_cast<size_t>(static_cast<uint8_t>(bundle[0])) << 8 | static_cast<uint8_t>(bundle[1]);
  return length <= bundle.size() - kLengthBytes ? length : kNoLength;
}

// Those of an ascending list in [begin, end).
std::span<const uint64_t> Between(const std::vector<uint64_t>& list, uint64_t begin, uint64_t end) {
  return {std::ranges::lower_bound(list, begin), std::ranges::lower_bound(list, end)};
}

}  // namespace

Result<Bundle> BundleReader::Read(uint64_t number) {
  first_ = number * kTileWidth;
  Bundle bundle;
  bundle.width = std::min(kTileWidth, size_ - first_);
  file_ = BundlePath(number, bundle.width);
  leaves_.clear();
  FetchAhead(number);
  JALON_RETURN_IF_ERROR(ReadTile(&bundle));
  JALON_RETURN_IF_ERROR(ReadEntries(&bundle));
  Hashes(&bundle);
  return bundle;
}

void BundleReader::FetchAhead(uint64_t number) const {
  const uint64_t later = number + kFetchedAhead;
  if (later >= size_ / kTileWidth) return;  // the last, partial one is not worth it
  WillRead(folder_ + '/' + BundlePath(later, kTileWidth));
  WillRead(folder_ + '/' + TilePath({0, later, kTileWidth}));
}

Result<void> BundleReader::ReadTile(Bundle* bundle) {
  const std::string path = TilePath({0, first_ / kTileWidth, bundle->width});
  JALON_ASSIGN_OR_RETURN(const FileRead read,
                         ReadInto(folder_ + '/' + path, kTileBytesMax, &tile_bytes_));
  has_tile_ = read == FileRead::kWhole && tile_bytes_.size() == bundle->width * sizeof(Hash);
  if (!has_tile_) {
    bundle->bad_tile = Finding{
        .flaw = read == FileRead::kMissing ? Flaw::kFileMissing : Flaw::kFileLength, .file = path};
  }
  return {};
}

std::optional<Hash> BundleReader::TileLeaf(uint64_t at) const {
  if (!has_tile_) return std::nullopt;
  return HashFrom(std::string_view(tile_bytes_).substr(at * sizeof(Hash), sizeof(Hash)));
}

// What follows a broken place cannot be told apart either; what was unlike before it is the reason.
void BundleReader::Break(Flaw flaw, uint64_t at, Bundle* bundle) {
  if (bundle->unlike.total() != 0) {
    bundle->broken = bundle->unlike.list().front();
    bundle->unlike.Clear();
  } else {
    bundle->broken = Finding{.flaw = flaw, .file = file_, .entry = first_ + at};
  }
  bundle->misplaced.Clear();
}

Result<void> BundleReader::ReadEntries(Bundle* bundle) {
  JALON_ASSIGN_OR_RETURN(const FileRead read,
                         ReadInto(folder_ + '/' + file_, kBundleBytesMax, &entry_bytes_));
  if (read == FileRead::kMissing) {
    bundle->broken = Finding{.flaw = Flaw::kFileMissing,
                             .file = file_,
                             .entry = first_,
                             .last = first_ + bundle->width - 1};
    return {};
  }
  if (read == FileRead::kTooLong) {
    bundle->broken = Finding{.flaw = Flaw::kFileLength, .file = file_};
    return {};
  }
  std::string_view rest = entry_bytes_;
  for (uint64_t at = 0; at < bundle->width; ++at) {
    const size_t length = LengthAt(rest);
    if (length == kNoLength) {
      Break(Flaw::kBundleFraming, at, bundle);
      return {};
    }
    rest.remove_prefix(kLengthBytes);
    if (!CheckEntry(at, rest.substr(0, length), bundle) && IsWrapped(at, length, rest)) {
      bundle->unlike.Clear();
      Break(Flaw::kEntryTooLong, at, bundle);
      return {};
    }
    bundle->bytes += length;
    rest.remove_prefix(length);
  }
  if (!rest.empty()) Break(Flaw::kBundleFraming, bundle->width - 1, bundle);
  return {};
}

// An entry longer than two bytes of length can say, whose length was written modulo 65,536: the
// tile knows it.
bool BundleReader::IsWrapped(uint64_t at, size_t length, std::string_view rest) const {
  const size_t wrapped = length + kEntryBytesMax + 1;
  return wrapped <= rest.size() && LeafHash(rest.substr(0, wrapped)) == TileLeaf(at);
}

bool BundleReader::CheckEntry(uint64_t at, std::string_view entry, Bundle* bundle) {
  leaves_.push_back(LeafHash(entry));
  const bool is_unlike =
      has_tile_ && tile_bytes_.compare(at * sizeof(Hash), sizeof(Hash), View(leaves_.back())) != 0;
  if (!is_unlike) {
    CheckPlace(at, entry, bundle);
  } else {
    bundle->unlike.Add({.flaw = Flaw::kEntryChanged, .file = file_, .entry = first_ + at});
  }
  return !is_unlike;
}

void BundleReader::CheckPlace(uint64_t at, std::string_view entry, Bundle* bundle) {
  Finding finding{.flaw = Flaw::kEntryEnvelope, .file = file_, .entry = first_ + at};
  const auto place = PlaceOf(entry);
  if (place && bundle->trail.empty()) {
    bundle->tenant = place->tenant;
    bundle->trail = place->key;
    bundle->first_recorded_at = place->recorded_at;
  }
  if (place) bundle->last_recorded_at = place->recorded_at;
  if (place && place->index == first_ + at && place->tenant == bundle->tenant &&
      place->key == bundle->trail) {
    return;
  }
  if (place) {
    const bool is_elsewhere = place->index != first_ + at;
    finding.flaw = is_elsewhere ? Flaw::kEntryIndex : Flaw::kEntryTrail;
    if (is_elsewhere) finding.number = place->index;
  }
  bundle->misplaced.Add(std::move(finding));
}

void BundleReader::Hashes(Bundle* bundle) const {
  const bool is_broken = bundle->broken.has_value();
  if (is_broken && !has_tile_) return;
  const auto sizes = Between(wanted_.roots, first_ + 1, first_ + bundle->width + 1);
  const auto indexes = Between(wanted_.leaves, first_, first_ + bundle->width);
  auto size = sizes.begin();
  auto index = indexes.begin();
  Frontier frontier;
  for (uint64_t at = 0; at < bundle->width; ++at) {
    const Hash leaf = is_broken ? *TileLeaf(at) : leaves_[at];
    frontier.Append(leaf);
    for (; size != sizes.end() && *size == first_ + at + 1; ++size) {
      bundle->frontiers.emplace_back(*size, frontier.roots());
    }
    for (; index != indexes.end() && *index == first_ + at; ++index) {
      bundle->leaves.emplace_back(*index, leaf);
    }
  }
  bundle->roots = frontier.roots();
}

}  // namespace jalon::trail
