// The fold of the view trails: the tree it makes, and what stops it.
#include <gtest/gtest.h>

#include "eventstore/base/archive.h"
#include "eventstore/trail/trail_testing.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "projections/trail/trail_tree.h"
#include "projections/trail/trails_testing.h"
#include "projections/views/trails.h"

namespace jalon::projections {
namespace {

using testing::FoldedTrails;
using testing::kBakery;
using testing::kGarage;
using testing::kSchoolA;
using testing::kSchoolB;
using testing::TrailHistory;

uint64_t CountRows(const TrailRows& rows, const Key& prefix) {
  uint64_t count = 0;
  EXPECT_TRUE(rows.scan(prefix, {}, [&](std::string_view, std::string_view) {
    ++count;
    return true;
  }));
  return count;
}

void ExpectTree(const TrailRows& rows, const Bytes& company,
                const std::vector<std::string>& entries) {
  const CompanyId id = CompanyId::Of(company);
  TrailTree tree(rows, id.View());
  ASSERT_EQ(tree.Size().value(), entries.size());
  trail::NaiveTree naive(trail::LeavesOf(entries));
  ASSERT_EQ(tree.RootAt(entries.size()).value(), naive.Root(entries.size()));
  // The frontier in the row is what the writer of the next leaf goes on from.
  const auto bytes = rows.get(TreeKey(Key(), id.View()));
  TreeRow row;
  if (entries.empty()) return;
  ASSERT_TRUE(bytes && *bytes && Decode(**bytes, &row));
  EXPECT_EQ(trail::Frontier::Resume(row.size, row.roots)->Root(), naive.Root(entries.size()));
}

TEST(TrailFold, AgreesWithTheNaiveTreeAtEverySize) {
  TrailHistory history;
  FoldedTrails folded(history);
  folded.Fold();
  for (uint64_t size = 0; size <= 300; ++size) {
    ExpectTree(folded.Rows(), kGarage, history.Entries(kGarage));
    if (HasFatalFailure()) FAIL() << "at size " << size;
    if (size % 3 == 0) history.Say();
    history.Report(kGarage);
    history.Emit();
    folded.Fold();
  }
  const TrailRows rows = folded.Rows();
  const CompanyId garage = CompanyId::Of(kGarage);
  EXPECT_EQ(CountRows(rows, TreeGroupPrefix(Key(), garage.View(), 0, 0)), 16u);
  EXPECT_EQ(CountRows(rows, TreeGroupPrefix(Key(), garage.View(), 0, 18)), 13u);
  EXPECT_EQ(CountRows(rows, TreeGroupPrefix(Key(), garage.View(), 1, 1)), 2u);
  EXPECT_EQ(CountRows(rows, TreeGroupPrefix(Key(), garage.View(), 2, 0)), 1u);
  EXPECT_EQ(CountRows(rows, TrailEntriesPrefix(garage)), 301u);
  EXPECT_EQ(CountRows(rows, Key()), 1u + 301u + 18u + 1u + 301u);
}

TEST(TrailFold, EachCompanyOfEachSchoolHasATreeOfItsOwn) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    TrailHistory history;
    FoldedTrails folded(history);
    history.AppendRandom(random, 150);
    folded.Fold();
    for (const Bytes& school : {kSchoolA, kSchoolB}) {
      for (const Bytes& company : {kGarage, kBakery}) {
        ExpectTree(folded.Rows(school), company, history.Entries(company, school));
      }
    }
  }
}

TEST(TrailFold, ARestartAtEachBatchAndARebuildComeToTheSameRows) {
  std::mt19937_64 random(7);
  TrailHistory history;
  FoldedTrails stepped(history);
  for (int batch = 0; batch < 40; ++batch) {
    history.AppendRandom(random, random() % 12);
    stepped.Fold();
    stepped.Restart();
  }
  stepped.Fold();
  FoldedTrails whole(history);
  whole.Fold();
  const std::string rows = whole.Dump();
  EXPECT_GT(rows.size(), 10'000u);
  EXPECT_TRUE(stepped.Dump() == rows);
  for (const size_t memory_bytes : {size_t{1} << 30, size_t{5'000}}) {
    Rebuild rebuild(
        {.targets = testing::Everything(whole.views(), 2), .memory_bytes = memory_bytes},
        history.log(), whole.store(), whole.views());
    ASSERT_TRUE(rebuild.Open());
    testing::AdoptAndStep(whole.projector(), testing::WorkToEnd(rebuild, 2));
    EXPECT_TRUE(whole.Dump() == rows);
  }
}

// What a forger, or a writer gone wrong, could put into the log.
struct Forged {
  const char* name;
  std::function<void(log::v1::Event&)> forge;
  const char* says;
};

log::v1::Event NextOf(TrailHistory& history) {
  return testing::MakeReport(kSchoolA, kGarage, history.Entries(kGarage).size());
}

TEST(TrailFold, AForgedPlaceStopsThePartitionAndNoOther) {
  const std::vector<Forged> forgeries = {
      {"gap", [](auto& event) { event.mutable_trail()->set_index(4); }, "not the next one"},
      {"duplicate", [](auto& event) { event.mutable_trail()->set_index(2); }, "not the next one"},
      {"from the start", [](auto& event) { event.mutable_trail()->set_index(0); },
       "not the next one"},
      {"a trail that begins at 1",
       [](auto& event) {
         event.mutable_trail()->set_key(kBakery);
         event.mutable_trail()->set_index(1);
       },
       "not the next one"},
      {"no key", [](auto& event) { event.mutable_trail()->clear_key(); }, "malformed"},
      {"a longer key", [](auto& event) { event.mutable_trail()->set_key("garage000"); },
       "malformed"},
      {"no school's tenant", [](auto& event) { event.set_tenant("school"); }, "malformed"},
  };
  for (const Forged& forged : forgeries) {
    SCOPED_TRACE(forged.name);
    TrailHistory history;
    FoldedTrails folded(history);
    for (int i = 0; i < 3; ++i) history.Report(kGarage);
    history.Emit();
    history.Report(kGarage, kSchoolB);
    history.Emit(kSchoolB);
    folded.Fold();
    log::v1::Event event = NextOf(history);
    forged.forge(event);
    history.Append(kSchoolA, {event});
    history.Report(kGarage, kSchoolB);
    history.Emit(kSchoolB);
    folded.Fold();
    const auto read = folded.Read();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::kDataLoss);
    EXPECT_EQ(read.error().reason, "PARTITION_DIVERGED");
    EXPECT_NE(read.error().message.find(forged.says), std::string::npos) << read.error().message;
    ExpectTree(folded.Rows(kSchoolB), kGarage, history.Entries(kGarage, kSchoolB));
    Error error;
    Rebuild rebuild({.targets = testing::Everything(folded.views(), 1), .memory_bytes = 1 << 20},
                    history.log(), folded.store(), folded.views());
    ASSERT_TRUE(rebuild.Open());
    EXPECT_TRUE(testing::WorkToEnd(rebuild, 1, &error).empty());
    EXPECT_EQ(error.reason, "PARTITION_DIVERGED");
  }
}

TEST(TrailFold, ThatNextLeafUnforgedCounts) {
  TrailHistory history;
  FoldedTrails folded(history);
  history.Append(kSchoolA, {NextOf(history)});
  folded.Fold();
  EXPECT_TRUE(folded.Read());
}

// What queries show of an entry, without the log.
TEST(TrailFold, AnEntrySaysWhatIsClearOfIt) {
  TrailHistory history;
  FoldedTrails folded(history);
  event::v1::FormativeEstimateReported estimate;
  estimate.set_objective("o2");
  estimate.set_not_observed(true);
  estimate.mutable_words()->set_ciphertext("sealed");
  log::v1::Event event = NextOf(history);
  event.set_type(event::v1::EventBody::kFormativeEstimateReported);
  event.set_subject("student1");
  event.set_payload(estimate.SerializeAsString());
  history.Say();
  history.Append(kSchoolA, {testing::MakeReport(kSchoolA, {}, 1), event});
  folded.Fold();
  const auto bytes = folded.Rows().get(TrailEntryKey(CompanyId::Of(kGarage), 0));
  TrailEntryRow row;
  ASSERT_TRUE(bytes && *bytes && Decode(**bytes, &row));
  EXPECT_EQ(row.event.seq, 1u);
  EXPECT_EQ(row.event.index, 1u);
  EXPECT_EQ(row.event.type, event.type());
  EXPECT_EQ(row.event.occurred_on, event.occurred_on());
  EXPECT_EQ(row.actor, event.actor().SerializeAsString());
  EXPECT_EQ(row.subject_id.Str(), "student1");
  EXPECT_EQ(row.aggregate_id, event.aggregate());
  EXPECT_EQ(row.about, "o2");
  EXPECT_EQ(row.not_observed, std::vector<std::string>{"o2"});
  EXPECT_EQ((*bytes)->find("sealed"), std::string::npos);
  EXPECT_EQ(TrailEntryKey(CompanyId::Of(kGarage), 0x0102030405060708).view().substr(9),
            "\x01\x02\x03\x04\x05\x06\x07\x08");
  EXPECT_EQ(IndexOfTrailEntry(TrailEntryKey(CompanyId::Of(kGarage), 0x0102030405060708)),
            0x0102030405060708u);
}

TEST(TrailFold, WantsTheEventsThatTheRegistryMarks) {
  const auto view = MakeTrails();
  EXPECT_TRUE(view->Wants(event::v1::EventBody::kActivityCompleted));
  EXPECT_TRUE(view->Wants(event::v1::EventBody::kTrainingPlanAccepted));
  EXPECT_TRUE(view->Wants(event::v1::EventBody::kSupervisionAgreed));
  EXPECT_FALSE(view->Wants(event::v1::EventBody::kStayEnded));
  EXPECT_FALSE(view->Wants(0));
  EXPECT_FALSE(view->Wants(UINT32_MAX));
}

// A row whose frontier is not of its size would go on as another tree.
TEST(TrailFold, ADamagedRowIsNone) {
  const auto view = MakeTrails();
  const std::string key = kSchoolA + std::string(TreeKey(Key(), kGarage).view());
  const auto decodes = [&](const TreeRow& row) {
    std::string bytes;
    Encode(row, &bytes);
    return view->Decode(key, bytes) != nullptr;
  };
  EXPECT_TRUE(decodes({.size = 5, .roots = {Hash{}, Hash{}}}));
  EXPECT_FALSE(decodes({.size = 5, .roots = {Hash{}}}));
  EXPECT_FALSE(decodes({.size = 4, .roots = {Hash{}, Hash{}}}));
  EXPECT_EQ(view->Decode(key, "\x05"), nullptr);
}

}  // namespace
}  // namespace jalon::projections
