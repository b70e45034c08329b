#include "projections/trail/recent_tree.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "eventstore/base/check.h"

namespace jalon::projections {

// What is left of its beginning are the roots of its full subtrees, one for each bit of the size.
RecentTree::RecentTree(trail::Frontier begin)
    : frontier_(std::move(begin)), begin_(frontier_.size()) {
  auto root = frontier_.roots().rbegin();  // the smallest one first
  for (unsigned level = 0; level < levels_.size(); ++level) {
    levels_[level].first = begin_ >> level;
    if ((begin_ >> level & 1) == 0) continue;
    --levels_[level].first;
    levels_[level].hashes.push_back(*root++);
  }
}

void RecentTree::Append(const Hash& leaf) {
  frontier_.Append(leaf, [this](trail::Node node, const Hash& root) {
    levels_[node.level].hashes.push_back(root);
  });
}

// A proof of an entry has what stands left of it at each level: of the subtree with that entry, the
// one before, where that is its sibling.
void RecentTree::ForgetBefore(uint64_t index) {
  JALON_CHECK(index <= size());
  if (index <= begin_) return;
  begin_ = index;
  for (unsigned level = 0; level < levels_.size(); ++level) {
    Level& at = levels_[level];
    const uint64_t of_begin = begin_ >> level;
    const uint64_t first = of_begin - (of_begin & 1);
    for (; at.first < first; ++at.first) at.hashes.pop_front();
  }
}

const Hash* RecentTree::Find(trail::Node node) const {
  const Level& at = levels_[node.level];
  if (node.index < at.first || node.index - at.first >= at.hashes.size()) return nullptr;
  return &at.hashes[node.index - at.first];
}

}  // namespace jalon::projections
