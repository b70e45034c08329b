// Holds folds to their versions: one log, folded, gives one digest per view. A digest that changed
// means that rows on somebody's disk are not those that this binary would fold: raise the view's
// version, and put the new pair into the table.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "eventstore/log/log_testing.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/system_events.pb.h"
#include "jalon/type/v1/aggregate.pb.h"
#include "projections/engine/dump.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/memory_store.h"
#include "projections/views/all_views.h"
#include "projections/views/tree_rows.h"
#include "projections/views/year_testing.h"

namespace jalon::projections {
namespace {

struct Golden {
  uint32_t version;
  std::string digest;

  bool operator==(const Golden&) const = default;
};

void PrintTo(const Golden& golden, std::ostream* out) {
  *out << "{" << golden.version << ", \"" << golden.digest << "\"}";
}

const std::map<std::string, Golden> kGolden = {
    {"attitudes", {1, "5cbbba056ca591b7bb35775a0ad509d159ffb5dc24f6ee025bbc5cb52b00988f"}},
    {"companies", {2, "5f4a054cdd3cc269f75442226384bf38ec000a37d5763b148184800800c6c0ef"}},
    {"erasures", {1, "048348f8c3d6354b4d65c3958471a46b67e1895621fdabcb02d402301e402bb1"}},
    {"grants", {2, "5bc5e4b869f0858b3b119859d61fb3ee7fc9c8cc4f9ea7a80b86a1b119e4e07b"}},
    {"make_ups", {1, "871532ae870a409e7524028a11b3f13dfb00502c13362b5c45ce146b80bfd4ac"}},
    {"person_records", {1, "6dcbb3e44bafc942f7cd4e7f00b467b0d119f507deea414165c52779e4b2e829"}},
    {"receipts", {1, "191b4cd31b12e76c0abf77e3282d14a43ac48a6bfe0a12b79da8a4449ba28cec"}},
    {"root_log", {1, "ee97b027122fde366a18a81381eca2b2537032a20857b23b5d6536ebfb987e37"}},
    {"school_catalogue", {1, "0015576ae3489e6da933c1c7fbc7674265a0090b84ee0b89739324e402227130"}},
    {"stays", {1, "dfa6acc2ff101707e790f742a0b480cbb454c8947de35d39707b026648b4e821"}},
    {"student_progress", {7, "53a9a0c7f2266328e485f8377b7c9224b4ebabdb167a25c658eefba9ce092fee"}},
    {"trails", {3, "63e847f5a137994dee17c19de92dc9baa27924b7d0370262e45902f0e9339531"}},
};

// The year, and what no school of it does: a teacher gets a module, which is revoked, and for a
// while a student; a student is erased, another one held, and a third one moves and is rectified.
void MakeGoldenYear(const testing::EmitRecord& emit) {
  std::vector<std::string> students;
  testing::MakeYear({.schools = 2, .students = 40},
                    [&](const std::string& school, const std::vector<log::v1::Event>& events) {
                      for (const log::v1::Event& event : events) {
                        if (school == testing::SchoolIdOf(0) &&
                            event.type() == event::v1::EventBody::kStudentEnrolled) {
                          students.push_back(event.subject());
                        }
                      }
                      emit(school, events);
                    });
  event::v1::AccessGranted module;
  module.set_person_id("person01");
  module.set_role(type::v1::ROLE_TEACHER);
  module.mutable_scope()->add_programme_codes("5830");
  module.mutable_scope()->add_module_codes("850-568");
  event::v1::AccessGranted student;
  student.set_person_id("person01");
  student.set_role(type::v1::ROLE_TEACHER);
  student.mutable_scope()->add_student_ids("student1");
  student.set_expires_on(20270630);
  std::vector<log::v1::Event> events;
  for (const auto& granted : {module, student}) {
    log::v1::Event& event = events.emplace_back();
    event.set_tenant(testing::SchoolIdOf(0));
    event.set_type(event::v1::EventBody::kAccessGranted);
    event.set_aggregate_kind(type::v1::AGGREGATE_KIND_GRANT);
    event.set_aggregate("grant00" + std::to_string(events.size()));
    event.set_version(1);
    event.set_subject(granted.person_id());
    event.set_occurred_on(20270601);
    event.set_payload(granted.SerializeAsString());
  }
  event::v1::AccessRevoked revoked;
  revoked.set_person_id("person01");
  log::v1::Event& revocation = events.emplace_back(events.front());
  revocation.set_type(event::v1::EventBody::kAccessRevoked);
  revocation.set_version(2);
  revocation.set_payload(revoked.SerializeAsString());
  emit(testing::SchoolIdOf(0), events);
  emit(testing::SchoolIdOf(0), testing::ErasureOf(students.at(0)));
  emit(testing::SchoolIdOf(0), {testing::ErasureOf(students.at(1)).front()});
  emit(testing::SchoolIdOf(0), testing::RightsOf(students.at(2)));

  event::v1::LogsPublished published;
  for (const std::string name : {"trail/1", "receipts/0/1", "trail/2"}) {
    auto* log = published.add_logs();
    log->set_origin(name);
    log->set_size(name.size());
    log->set_root(std::string(32, name.back()));
  }
  log::v1::Event event;
  event.set_tenant(PartitionScope());
  event.set_type(event::v1::EventBody::kLogsPublished);
  event.set_aggregate_kind(type::v1::AGGREGATE_KIND_ROOT_LOG);
  event.set_aggregate(PartitionScope());
  event.set_version(1);
  event.set_occurred_on(20270601);
  event.set_payload(published.SerializeAsString());
  emit(PartitionScope(), {event});
}

// What no event of the golden log is of, no digest can hold.
TEST(Golden, TheLogHasEveryEventThatAViewWants) {
  std::set<uint32_t> types;
  MakeGoldenYear([&](const std::string&, const std::vector<log::v1::Event>& events) {
    for (const log::v1::Event& event : events) types.insert(event.type());
  });
  const auto views = MakeAllViews(Bytes(16, 'D'));
  for (uint32_t type = 0; type < kEventTypesMax; ++type) {
    EXPECT_TRUE(views->Wanting(type).empty() || types.contains(type)) << "event type " << type;
  }
}

// What following folds entry by entry, and what a rebuild folds in one pass, byte for byte.
TEST(Golden, ARebuildComesToTheSameRows) {
  eventstore::MemoryLog log(eventstore::testing::TestBirth(3));
  testing::LogWriter writer(log);
  uint32_t records = 0;
  MemoryViewStore store;
  const auto views = MakeAllViews(Bytes(16, 'D'));
  Projector projector({.partitions = testing::Partitions(3), .cached_row_bytes = 200'000}, log,
                      store, *views);
  ASSERT_TRUE(projector.Open());
  testing::MakeYear({.schools = 5, .students = 60},
                    [&](const std::string& school, const std::vector<log::v1::Event>& events) {
                      const auto partition = static_cast<uint8_t>(school[0]) % 3u;
                      writer.Record(Partition{partition}, events);
                      if (++records % 100 == 0) testing::StepToEnd(projector);
                    });
  testing::StepToEnd(projector);
  const std::string followed = testing::AllRows(projector, *views, 3);
  for (const size_t memory_bytes : {size_t{1} << 30, size_t{300'000}}) {
    Rebuild rebuild({.targets = testing::Everything(*views, 3), .memory_bytes = memory_bytes}, log,
                    store, *views);
    ASSERT_TRUE(rebuild.Open());
    testing::AdoptAndStep(projector, testing::WorkToEnd(rebuild, 2));
    EXPECT_EQ(rebuild.Progress().spilled, memory_bytes < 1'000'000);
    EXPECT_TRUE(testing::AllRows(projector, *views, 3) == followed);
  }
}

TEST(Golden, AViewThatFoldsOtherwiseHasAnotherVersion) {
  eventstore::MemoryLog log(eventstore::testing::TestBirth(1));
  testing::LogWriter writer(log);
  MakeGoldenYear([&](const std::string&, const std::vector<log::v1::Event>& events) {
    writer.Record(Partition{0}, events);
  });
  const auto views = MakeAllViews(Bytes(16, 'D'));
  MemoryViewStore store;
  Projector projector({.partitions = testing::Partitions(1)}, log, store, *views);
  ASSERT_TRUE(projector.Open());
  testing::StepToEnd(projector);
  std::map<std::string, Golden> folded;
  for (size_t view = 0; view < views->size(); ++view) {
    const std::string name((*views)[view].Name());
    const auto digest = DigestView(projector.publication(), Partition{0}, name);
    ASSERT_TRUE(digest) << digest.error().message;
    EXPECT_GT(digest->rows, 0u) << name;
    folded[name] = {(*views)[view].Version(), ToHex(jalon::View(digest->hash))};
  }
  EXPECT_EQ(folded, kGolden);
}

}  // namespace
}  // namespace jalon::projections
