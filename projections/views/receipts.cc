#include "projections/views/receipts.h"

#include <utility>

#include "eventstore/trail/origin.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/tree.h"
#include "projections/engine/row_of.h"
#include "projections/views/leaves.h"

namespace jalon::projections {
namespace {

constexpr char kRecord = 'S';

class Receipts final : public View {
 public:
  explicit Receipts(std::string_view deployment) : deployment_(deployment) {}

  std::string_view Name() const override { return kReceipts; }
  uint32_t Version() const override { return kReceiptsVersion; }

  bool Wants(uint32_t type) const override { return type < kEventTypesMax && types_[type]; }

  void Fold(const EventView& event, ViewRows& rows) const override {
    if (!IsLeaf(event, types_)) return;
    const std::optional<trail::Place> place = PlaceOfLeaf(event);
    if (!place) return rows.Refuse("holds an event whose place in a trail is malformed");
    auto& tree = EditRow<TreeRow>(rows, TreeKey(Key(scope_), OnlyTree()));
    auto& row = EditRow<ReceiptsRow>(rows, Key(scope_).Add(ReceiptsKey(event.seq)));
    if (row.entries.empty()) {
      row.school_id = event.tenant;
      row.offset = event.offset;
      row.first = tree.size;
    }
    row.entries.push_back(
        {.event = event.index, .company_id = CompanyId::Of(place->key), .index = place->index});
    const std::string line =
        ReceiptLineOf(deployment_, event.tenant, row.entries.back(), trail::LeafHash(event.stored));
    AppendLeaf(trail::LeafHash(line), scope_, OnlyTree(), tree, rows);
  }

  std::unique_ptr<ViewRow> Make(std::string_view key) const override {
    if (IsTreeRow(key)) return MakeTreeRow(key);
    return MakeRow<ReceiptsRow>();
  }
  std::unique_ptr<ViewRow> Decode(std::string_view key, std::string_view bytes) const override {
    if (IsTreeRow(key)) return DecodeTreeRow(key, bytes);
    if (key.size() <= kTreeScopeBytes || key[kTreeScopeBytes] != kRecord) return nullptr;
    return DecodeRow<ReceiptsRow>(bytes);
  }

 private:
  const Bytes deployment_;
  const Bytes scope_ = PartitionScope();
  const EventTypes types_ = LeafTypes();
};

}  // namespace

std::unique_ptr<const View> MakeReceipts(std::string_view deployment) {
  return std::make_unique<Receipts>(deployment);
}

Key ReceiptsKey(Seq seq) { return Key().Add(kRecord).AddBig64(seq.value); }

std::string ReceiptLineOf(std::string_view deployment, std::string_view school_id,
                          const ReceiptedEntry& entry, const Hash& leaf) {
  return trail::FormatReceiptLine(
      {.trail = trail::TrailOrigin(deployment, school_id, entry.company_id.View()),
       .index = entry.index,
       .leaf = leaf});
}

}  // namespace jalon::projections
