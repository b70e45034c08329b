#include "eventstore/trail/tree.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kLeaf("\x00", 1);
constexpr std::string_view kNode("\x01", 1);

}  // namespace

Hash LeafHash(std::string_view entry) { return Sha256({kLeaf, entry}); }

Hash NodeHash(const Hash& left, const Hash& right) {
  return Sha256({kNode, View(left), View(right)});
}

Hash EmptyRoot() { return Sha256(std::string_view()); }

std::optional<Frontier> Frontier::Resume(uint64_t size, std::vector<Hash> roots) {
  if (roots.size() != static_cast<size_t>(std::popcount(size))) return std::nullopt;
  Frontier frontier;
  frontier.size_ = size;
  frontier.roots_ = std::move(roots);
  return frontier;
}

Hash Frontier::Root() const {
  if (roots_.empty()) return EmptyRoot();
  Hash root = roots_.back();
  for (size_t i = roots_.size() - 1; i-- > 0;) root = NodeHash(roots_[i], root);
  return root;
}

}  // namespace jalon::trail
