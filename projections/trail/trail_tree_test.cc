#include "projections/trail/trail_tree.h"

#include <gtest/gtest.h>

#include <set>

#include "eventstore/base/archive.h"
#include "eventstore/trail/trail_testing.h"
#include "projections/trail/trails_testing.h"
#include "projections/views/trails.h"

namespace jalon::projections {
namespace {

using testing::FoldedTrails;
using testing::kGarage;
using testing::TrailHistory;

const CompanyId kId = CompanyId::Of(kGarage);

TEST(TrailTree, ProvesWhatTheNaiveTreeProvesAtEverySizeItEverHad) {
  TrailHistory history;
  FoldedTrails folded(history);
  for (int i = 0; i < 300; ++i) history.Report(kGarage);
  history.Emit();
  folded.Fold();
  const TrailRows rows = folded.Rows();
  trail::NaiveTree naive(trail::LeavesOf(history.Entries(kGarage)));
  std::mt19937_64 random(3);
  for (uint64_t size = 0; size <= 300; ++size) {
    TrailTree tree(rows,
                   kId.View());  // as a call has: the tiles that it keeps serve several proofs
    ASSERT_EQ(tree.RootAt(size).value(), naive.Root(size)) << size;
    std::set<uint64_t> picked = {0, size / 2, size, size < 256 ? 0 : uint64_t{256}};
    if (size != 0) picked.insert({size - 1, random() % size, random() % size});
    for (const uint64_t index : picked) {
      ASSERT_EQ(tree.ConsistencyProof(index, size).value(), naive.Consistency(index, size))
          << index << " to " << size;
      if (index == size) continue;
      ASSERT_EQ(tree.InclusionProof(index, size).value(), naive.Inclusion(index, size))
          << index << " in " << size;
    }
  }
}

// The rows that a fold writes, in a map.
class MadeRows {
 public:
  explicit MadeRows(uint64_t size) {
    for (uint64_t i = 0; i < size; ++i) {
      frontier_.Append(LeafOf(i), [&](trail::Node node, const Hash& hash) {
        if (node.level % kTreeRowLevels != 0) return;
        Put(TreeNodeKey(Key(), kId.View(), node.level / kTreeRowLevels, node.index),
            TreeNodeRow{hash});
      });
    }
    Put(TreeKey(Key(), kId.View()), TreeRow{frontier_.size(), frontier_.roots()});
  }
  static Hash LeafOf(uint64_t index) { return trail::LeafHash(std::to_string(index)); }

  Hash Root() const { return frontier_.Root(); }
  void Erase(const Key& key) { map_.erase(std::string(key.view())); }
  void Damage(const Key& key) { map_[std::string(key.view())].pop_back(); }
  uint64_t rows_read() const { return rows_read_; }
  TrailRows rows() {
    return {.get = [this](std::string_view key) -> Result<std::optional<std::string>> {
              const auto found = map_.find(std::string(key));
              if (found == map_.end()) return std::nullopt;
              return found->second;
            },
            .scan = [this](std::string_view prefix, std::string_view,
                           const StoreSnapshot::Visit& visit) -> Result<void> {
              for (auto at = map_.lower_bound(std::string(prefix));
                   at != map_.end() && at->first.starts_with(prefix); ++at) {
                ++rows_read_;
                if (!visit(at->first, at->second)) break;
              }
              return {};
            }};
  }

 private:
  template <typename Row>
  void Put(const Key& key, const Row& row) {
    std::string bytes;
    Encode(row, &bytes);
    map_[std::string(key.view())] = bytes;
  }

  std::map<std::string, std::string> map_;
  trail::Frontier frontier_;
  uint64_t rows_read_ = 0;
};

TEST(TrailTree, ProvesAcrossFiveLevelsOfRowsAndReadsAGroupOnce) {
  constexpr uint64_t kSize = 66'000;
  MadeRows made(kSize);
  const TrailRows rows = made.rows();
  ASSERT_EQ(TrailTree(rows, kId.View()).RootAt(kSize).value(), made.Root());
  ASSERT_EQ(TrailTree(rows, kId.View()).Size().value(), kSize);
  std::mt19937_64 random(5);
  for (int i = 0; i < 200; ++i) {
    const uint64_t index = i == 0 ? 65'535 : i == 1 ? 65'536 : random() % kSize;
    TrailTree tree(rows, kId.View());
    const uint64_t before = made.rows_read();
    const auto proof = tree.InclusionProof(index, kSize);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_TRUE(trail::VerifyInclusion(index, kSize, MadeRows::LeafOf(index), *proof, made.Root()));
    // Of each level the group of the index, and the last one.
    EXPECT_LE(made.rows_read() - before, 2u * 5u * kTreeGroup);
    const auto old_root = tree.RootAt(index);
    const auto consistent = tree.ConsistencyProof(index, kSize);
    ASSERT_TRUE(old_root && consistent);
    EXPECT_TRUE(trail::VerifyConsistency(index, *old_root, kSize, made.Root(), *consistent));
  }
}

TEST(TrailTree, RowsThatAreMissingOrDamagedAreAnErrorAndNoProof) {
  for (const uint64_t hole : {uint64_t{51}, uint64_t{48}, uint64_t{99}}) {
    MadeRows made(100);
    made.Erase(TreeNodeKey(Key(), kId.View(), 0, hole));
    const TrailRows rows = made.rows();
    const auto proof = TrailTree(rows, kId.View()).InclusionProof(50, 100);
    ASSERT_FALSE(proof) << hole;
    EXPECT_EQ(proof.error().code, Code::kDataLoss);
  }
  MadeRows made(100);
  made.Damage(TreeNodeKey(Key(), kId.View(), 0, 97));
  made.Damage(TreeKey(Key(), kId.View()));
  const TrailRows rows = made.rows();
  EXPECT_FALSE(TrailTree(rows, kId.View()).RootAt(100));
  EXPECT_FALSE(TrailTree(rows, kId.View()).Size());
}

}  // namespace
}  // namespace jalon::projections
