#include "services/api/queries/engine_views.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "projections/engine/memory_store.h"
#include "projections/views/all_views.h"
#include "projections/views/companies.h"
#include "services/api/queries/school_testing.h"

namespace jalon::api {
namespace {

using projections::CompanyRow;
using projections::Generation;

constexpr Partition kPartition{3};

class EngineViewsTest : public testing::Test {
 protected:
  // A store in which every view serves from its own generation, at position `seq`.
  void Publish(uint64_t seq) {
    projections::AsOf as_of{.log_incarnation = Bytes(16, 'L'),
                            .partition = kPartition,
                            .seq = Seq{seq},
                            .recorded_at = 77};
    publication_.Publish(
        store_.Snapshot(),
        {std::make_shared<const projections::PublishedPartition>(projections::PublishedPartition{
            .as_of = std::move(as_of), .generations = map_, .serving = true, .error = {}})});
  }
  void Put(const Bytes& school, const Bytes& company, const std::string& name) {
    const size_t view = *views_->IndexOf(projections::kCompanies);
    CompanyRow row;
    row.name = name;
    std::string bytes;
    Encode(row, &bytes);
    const auto batch = store_.NewBatch();
    batch->Put(projections::RowStoreKey(map_->by_view()[view], school + company), bytes);
    ASSERT_TRUE(store_.Write(*batch));
  }

  std::unique_ptr<const projections::ViewSet> views_ = projections::MakeAllViews(Bytes(16, 'D'));
  projections::MemoryViewStore store_;
  std::shared_ptr<const projections::GenerationMap> map_ = [this] {
    std::vector<Generation> generations;
    for (size_t i = 0; i < views_->size(); ++i) generations.push_back(store_.NewGeneration());
    return std::make_shared<projections::GenerationMap>(store_, std::move(generations));
  }();
  projections::Publication publication_{*views_};
  EngineViews engine_{publication_};
};

TEST_F(EngineViewsTest, ReadsTheSchoolsRowsOnlyAndSaysAsOf) {
  Put(kTestSchool, kGarage, "Garage-Tremblay");
  Put(Bytes(16, 'T'), kGarage, "of another school");
  Put(kTestSchool, kAda, "first");
  Publish(9);
  const auto reader = engine_.Read(kPartition, kTestSchool);
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->as_of().position().seq(), 9u);
  EXPECT_EQ((*reader)->as_of().position().partition(), kPartition.value);
  EXPECT_EQ((*reader)->as_of().position().log_incarnation(), Bytes(16, 'L'));
  EXPECT_EQ((*reader)->as_of().recorded_at(), 77);
  const auto row = (*reader)->Find<CompanyRow>(projections::kCompanies, kGarage);
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((*row)->name, "Garage-Tremblay");
  EXPECT_EQ((*reader)->Find<CompanyRow>(projections::kCompanies, kBen), std::nullopt);
  std::string names;
  ASSERT_TRUE((*reader)->Each<CompanyRow>(projections::kCompanies, "", "",
                                          [&](std::string_view key, const CompanyRow& company) {
                                            names += std::string(key) + "=" + company.name + " ";
                                            return true;
                                          }));
  EXPECT_EQ(names, kAda + "=first " + kGarage + "=Garage-Tremblay ");
}

TEST_F(EngineViewsTest, WaitsUntilThePositionIsPublished) {
  Publish(9);
  std::optional<Result<void>> reached;
  const auto wait = [&](uint64_t seq, const Bytes& incarnation) {
    reached.reset();
    engine_.Await(kPartition, incarnation, Seq{seq}, Micros(50),
                  [&](Result<void> result) { reached = std::move(result); });
  };
  wait(9, Bytes(16, 'L'));
  EXPECT_TRUE(reached && *reached);
  wait(10, Bytes(16, 'L'));
  EXPECT_FALSE(reached);
  Publish(10);
  EXPECT_TRUE(reached && *reached);
  wait(11, Bytes(16, 'L'));
  publication_.Expire(Micros(51));
  ASSERT_TRUE(reached && !*reached);
  EXPECT_EQ(reached->error().reason, "VIEW_BEHIND");
  wait(1, Bytes(16, 'M'));
  ASSERT_TRUE(reached && !*reached);
  EXPECT_EQ(reached->error().reason, "POSITION_FROM_ANOTHER_LOG");
}

}  // namespace
}  // namespace jalon::api
