// The tree of RFC 6962 §2.1 over the entries of a trail, kept as it grows.
//
//     empty = SHA-256("")    leaf = SHA-256(0x00 ‖ entry)    node = SHA-256(0x01 ‖ left ‖ right)
//
// A tree of n leaves splits at the largest power of two below n; so it is a row of full subtrees,
// one for each bit of n, and whoever holds their roots can go on without the leaves. A fold keeps
// just that: the frontier, and a row for each full subtree as it becomes full.
//
// Thread safety: the functions any thread; a Frontier belongs to one thread.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"

namespace jalon::trail {

Hash LeafHash(std::string_view entry);
Hash NodeHash(const Hash& left, const Hash& right);
Hash EmptyRoot();

// A full subtree: the leaves [index << level, (index + 1) << level).
struct Node {
  unsigned level = 0;
  uint64_t index = 0;

  bool operator==(const Node&) const = default;
};

// The roots of the full subtrees of a tree, largest first: at most 64 hashes.
class Frontier {
 public:
  Frontier() = default;

  // The frontier of that size with those roots; none unless there is one for each bit of the size.
  static std::optional<Frontier> Resume(uint64_t size, std::vector<Hash> roots);

  uint64_t size() const { return size_; }
  const std::vector<Hash>& roots() const& { return roots_; }
  std::vector<Hash> roots() && { return std::move(roots_); }

  // Appends a leaf, by its hash. `full` is called as full(Node, const Hash&) for the leaf and each
  // subtree that it makes full, from the leaf up: what has to be kept, once and for ever.
  template <typename Full>
  void Append(const Hash& leaf, Full&& full) {
    AppendSubtree(0, leaf, std::forward<Full>(full));
  }
  void Append(const Hash& leaf) { AppendSubtree(0, leaf); }

  // Appends 2^level leaves at once, by the root of their subtree.
  // REQUIRES: the size is a multiple of 2^level.
  template <typename Full>
  void AppendSubtree(unsigned level, Hash root, Full&& full) {
    JALON_CHECK(level < 63 && (size_ & ((uint64_t{1} << level) - 1)) == 0);
    uint64_t index = size_ >> level;
    size_ += uint64_t{1} << level;
    full(Node{level, index}, root);
    for (; (index & 1) != 0; index >>= 1) {
      root = NodeHash(roots_.back(), root);
      roots_.pop_back();
      full(Node{++level, index >> 1}, root);
    }
    roots_.push_back(root);
  }
  void AppendSubtree(unsigned level, const Hash& root) {
    AppendSubtree(level, root, [](Node, const Hash&) {});
  }

  // The tree's root.
  Hash Root() const;

 private:
  uint64_t size_ = 0;
  std::vector<Hash> roots_;
};

}  // namespace jalon::trail
