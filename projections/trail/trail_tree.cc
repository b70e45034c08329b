#include "projections/trail/trail_tree.h"

#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/trail/tree.h"
#include "projections/views/tree_rows.h"

namespace jalon::projections {

Result<TreeRow> TrailTree::Head() const {
  JALON_ASSIGN_OR_RETURN(const auto bytes, rows_.get(TreeKey(Key(), name_)));
  TreeRow row;
  if (bytes && (!Decode(*bytes, &row) || !row.IsTree())) return TrailRowsBroken();
  return row;
}

Result<uint64_t> TrailTree::Size() const {
  JALON_ASSIGN_OR_RETURN(const TreeRow head, Head());
  return head.size;
}

Result<trail::Frontier> TrailTree::Frontier() const {
  JALON_ASSIGN_OR_RETURN(TreeRow head, Head());
  return *trail::Frontier::Resume(head.size, std::move(head.roots));
}

Result<TreeState> TrailTree::Now() const {
  JALON_ASSIGN_OR_RETURN(const trail::Frontier frontier, Frontier());
  return TreeState{.size = frontier.size(), .root = frontier.Root()};
}

Result<Hash> TrailTree::RootAt(uint64_t size) {
  return trail::RootAt(size, [this](trail::Node node) { return Read(node); });
}

Result<trail::Proof> TrailTree::InclusionProof(uint64_t index, uint64_t size) {
  return trail::InclusionProof(index, size, [this](trail::Node node) { return Read(node); });
}

Result<trail::Proof> TrailTree::ConsistencyProof(uint64_t old_size, uint64_t size) {
  return trail::ConsistencyProof(old_size, size, [this](trail::Node node) { return Read(node); });
}

// A node stands over 2^levels hashes, side by side in one group: they are hashed up to it.
Result<Hash> TrailTree::Read(trail::Node node) {
  const unsigned level = node.level / kTreeRowLevels;
  const unsigned levels = node.level % kTreeRowLevels;
  const uint64_t first = node.index << levels;
  const size_t at = first % kTreeGroup;
  const size_t width = size_t{1} << levels;
  JALON_ASSIGN_OR_RETURN(const Group* group, ReadGroup(level, first / kTreeGroup));
  if (at + width > group->count) return TrailRowsBroken();
  std::array<Hash, kTreeGroup> hashes;
  std::copy_n(group->hashes.begin() + at, width, hashes.begin());
  for (size_t left = width; left > 1; left /= 2) {
    for (size_t i = 0; i < left / 2; ++i) {
      hashes.at(i) = trail::NodeHash(hashes.at(2 * i), hashes.at(2 * i + 1));
    }
  }
  return hashes[0];
}

Result<const TrailTree::Group*> TrailTree::ReadGroup(unsigned level, uint64_t index) {
  Groups& kept = groups_.at(level);
  if (kept[0].count != 0 && kept[0].index == index) return kept.data();
  std::swap(kept[0], kept[1]);
  Group& group = kept[0];
  if (group.count != 0 && group.index == index) return &group;
  group.index = index;
  group.count = 0;
  bool whole = true;
  JALON_RETURN_IF_ERROR(rows_.scan(TreeGroupPrefix(Key(), name_, level, index), {},
                                   [&](std::string_view key, std::string_view bytes) {
                                     TreeNodeRow row;
                                     // They stand side by side, each in its place.
                                     whole = group.count < kTreeGroup &&
                                             static_cast<uint8_t>(key.back()) == group.count &&
                                             Decode(bytes, &row);
                                     if (whole) group.hashes.at(group.count++) = row.hash;
                                     return whole;
                                   }));
  if (!whole) {
    group.count = 0;
    return TrailRowsBroken();
  }
  return &group;
}

}  // namespace jalon::projections
