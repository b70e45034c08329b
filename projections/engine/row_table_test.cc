#include "projections/engine/row_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "projections/engine/engine_testing.h"
#include "projections/engine/key_bytes.h"
#include "projections/engine/memory_store.h"
#include "projections/engine/row_of.h"

namespace jalon::projections {
namespace {

struct NoteRow {
  std::string text;

  void Fields(auto& archive) { archive(text); }
};

class Notes final : public View {
 public:
  std::string_view Name() const override { return "notes"; }
  uint32_t Version() const override { return 1; }
  bool Wants(uint32_t) const override { return true; }
  void Fold(const EventView&, ViewRows&) const override {}
  std::unique_ptr<ViewRow> Make(std::string_view) const override { return MakeRow<NoteRow>(); }
  std::unique_ptr<ViewRow> Decode(std::string_view, std::string_view bytes) const override {
    return DecodeRow<NoteRow>(bytes);
  }
};

// Writes the table's changes to the store, as a projector does.
void WriteOut(RowTable& table, ViewStore& store) {
  const auto batch = store.NewBatch();
  for (const RowTable::Change& change : table.TakeChanges()) {
    const std::string key = RowStoreKey(table.generation(), change.key);
    if (change.row == nullptr) {
      batch->Delete(key);
      continue;
    }
    std::string bytes;
    change.row->Encode(&bytes);
    batch->Put(key, bytes);
  }
  ASSERT_TRUE(store.Write(*batch));
}

class RowTableTest : public ::testing::TestWithParam<bool> {
 protected:
  Notes notes_;
  MemoryViewStore store_;
};

// Whatever is edited, put, erased, written out and dropped in whatever order: the table reads like
// a plain map. Fresh and not.
TEST_P(RowTableTest, ReadsLikeAMap) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    std::mt19937_64 random(seed);
    RowTable table(notes_, store_.NewGeneration(), store_, GetParam());
    std::map<std::string, std::string> model;
    for (int i = 0; i < 3000; ++i) {
      // Short keys and long ones, few enough to meet again.
      const std::string key =
          std::string(random() % 2 == 0 ? 3 : 45, 'k') + std::to_string(random() % 60);
      switch (random() % 8) {
        case 0:
          table.Erase(key);
          model.erase(key);
          break;
        case 1:
          PutRow(table, key, NoteRow{"put"});
          model[key] = "put";
          break;
        case 2: {
          const auto* row = FindRow<NoteRow>(table, key);
          ASSERT_EQ(row != nullptr, model.contains(key)) << "seed " << seed;
          ASSERT_EQ(row == nullptr ? "" : row->text, model.contains(key) ? model[key] : "")
              << "seed " << seed;
          break;
        }
        case 3:
          if (random() % 10 == 0) WriteOut(table, store_);
          break;
        case 4:
          if (random() % 20 == 0) {
            WriteOut(table, store_);
            table.Shrink(random() % 4000);
          }
          break;
        default:
          EditRow<NoteRow>(table, key).text += 'e';
          model[key] += 'e';
      }
    }
    ASSERT_FALSE(table.fault());
    WriteOut(table, store_);
    std::map<std::string, std::string> stored;
    ASSERT_TRUE(store_.Snapshot()->Scan(
        GenerationKey(table.generation()), GenerationKey(table.generation().Next()),
        [&](std::string_view key, std::string_view value) {
          NoteRow row;
          EXPECT_TRUE(Decode(value, &row));
          stored[std::string(key.substr(kGenerationBytes))] = row.text;
          return true;
        }));
    ASSERT_EQ(stored, model) << "seed " << seed;
  }
}
INSTANTIATE_TEST_SUITE_P(FreshAndNot, RowTableTest, ::testing::Bool());

TEST(RowTable, ShrinkKeepsWhatIsUsedAndWhatIsNotWritten) {
  const Notes notes;
  MemoryViewStore store;
  RowTable table(notes, store.NewGeneration(), store, true);
  for (int i = 0; i < 100; ++i) EditRow<NoteRow>(table, "k" + std::to_string(i)).text = "text";
  const size_t before = table.weight();
  table.Shrink(0);
  table.Weigh();
  EXPECT_GT(table.weight(), 100 * sizeof(NoteRow)) << "nothing is written yet";
  WriteOut(table, store);
  table.Shrink(before / 2);
  EXPECT_LE(table.weight(), before / 2);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(EditRow<NoteRow>(table, "k" + std::to_string(i)).text, "text");
  }
}

TEST(RowTable, ARowThatIsNoneOfItsVersionIsAFault) {
  const Notes notes;
  MemoryViewStore store;
  const Generation generation = store.NewGeneration();
  const auto batch = store.NewBatch();
  batch->Put(RowStoreKey(generation, "key"), "\xff");
  ASSERT_TRUE(store.Write(*batch));
  RowTable table(notes, generation, store, false);
  EXPECT_EQ(table.Find("key"), nullptr);
  ASSERT_TRUE(table.fault());
  EXPECT_EQ(table.fault()->code, Code::kDataLoss);
}

TEST(KeyBytes, OrdersLikeTheKeys) {
  std::mt19937_64 random(7);
  std::vector<std::string> texts;
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 2 == 0 ? "common prefix" : "common pre");
    for (uint64_t left = random() % 12; left != 0; --left) {
      text.push_back(static_cast<char>(random() % 3 == 0 ? 0 : random() % 256));
    }
    texts.push_back(text);
  }
  std::ranges::sort(texts);
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  std::vector<std::string_view> keys(texts.begin(), texts.end());
  std::ranges::shuffle(keys, random);
  std::vector<std::string> ordered;
  for (const uint32_t index : OrderOf(keys)) ordered.emplace_back(keys[index]);
  EXPECT_EQ(ordered, texts);
}

}  // namespace
}  // namespace jalon::projections
