#include "projections/views/tree_rows.h"

#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/trail/tree.h"
#include "projections/engine/row_of.h"

namespace jalon::projections {
namespace {

constexpr char kHead = 'H';
constexpr char kNode = 'L';

char KindOf(std::string_view key) {
  return key.size() > kTreeScopeBytes ? key[kTreeScopeBytes] : '\0';
}

Key OfTree(Key scope, char kind, std::string_view name) {
  return scope.Add(kind).AddFixed(name, kTreeNameBytes);
}

}  // namespace

Bytes PartitionScope() { return Bytes(kTreeScopeBytes, '\0'); }

std::string_view OnlyTree() {
  static constexpr char kZeros[kTreeNameBytes] = {};
  return {kZeros, kTreeNameBytes};
}

Key TreeKey(Key scope, std::string_view name) { return OfTree(scope, kHead, name); }

Key TreesPrefix(Key scope) { return scope.Add(kHead); }

Key TreeNodesPrefix(Key scope, std::string_view name, unsigned level) {
  return OfTree(scope, kNode, name).Add(static_cast<char>(level));
}

Key TreeNodeKey(Key scope, std::string_view name, unsigned level, uint64_t position) {
  return TreeGroupPrefix(scope, name, level, position / kTreeGroup)
      .Add(static_cast<char>(position % kTreeGroup));
}

Key TreeGroupPrefix(Key scope, std::string_view name, unsigned level, uint64_t group) {
  return TreeNodesPrefix(scope, name, level).AddBig64(group);
}

void AppendLeaf(const Hash& leaf, std::string_view scope, std::string_view name, TreeRow& row,
                ViewRows& rows) {
  auto frontier = trail::Frontier::Resume(row.size, std::move(row.roots));
  JALON_CHECK(frontier.has_value());  // Decode takes no other row
  frontier->Append(leaf, [&](trail::Node node, const Hash& hash) {
    if (node.level % kTreeRowLevels != 0) return;
    PutRow(rows, TreeNodeKey(Key(scope), name, node.level / kTreeRowLevels, node.index),
           TreeNodeRow{hash});
  });
  row.roots = std::move(*frontier).roots();
  ++row.size;
}

bool IsTreeRow(std::string_view key) { return KindOf(key) == kHead || KindOf(key) == kNode; }

std::unique_ptr<ViewRow> MakeTreeRow(std::string_view key) {
  if (KindOf(key) == kNode) return MakeRow<TreeNodeRow>();
  return MakeRow<TreeRow>();
}

std::unique_ptr<ViewRow> DecodeTreeRow(std::string_view key, std::string_view bytes) {
  if (KindOf(key) == kNode) return DecodeRow<TreeNodeRow>(bytes);
  auto row = std::make_unique<RowOf<TreeRow>>();
  if (KindOf(key) != kHead || !Decode(bytes, &row->value) || !row->value.IsTree()) return nullptr;
  return row;
}

}  // namespace jalon::projections
