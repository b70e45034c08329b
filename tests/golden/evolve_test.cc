// Holds evolve to its version: one log leaves one digest of rows a kind. A digest that changed
// means that rows on somebody's disk are not those that this binary would make: raise
// kEvolveVersion, and put the new table here.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "eventstore/base/hash.h"
#include "jalon/event/v1/company_events.pb.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "projections/views/year_testing.h"
#include "services/domain/application.h"
#include "services/domain/event_type.h"
#include "services/domain/memory_state_testing.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {
namespace {

using projections::testing::MakeYear;

struct Digests {
  uint32_t version = 0;
  std::map<RowKind, std::string> rows;

  bool operator==(const Digests&) const = default;
};

void PrintTo(const Digests& digests, std::ostream* out) {
  *out << "version " << digests.version;
  for (const auto& [kind, digest] : digests.rows) {
    *out << "\n  kind " << static_cast<int>(kind) << " \"" << digest << "\"";
  }
}

const Digests kGolden = {
    .version = 11,
    .rows = {
        {RowKind::kSchool, "c2fbad787896037f3aba3df2e446fcf8016bfdae195030690c6d5c12e817dcdc"},
        {RowKind::kPerson, "1f047b0f7bb10ecdbb538b41af9c59a49bfea2ecd5194fbe1726525b83437837"},
        {RowKind::kProgramme, "5855308c15b2923dd0690959cc87523bf79bb6a10c5faec4fcfe8136196a2da8"},
        {RowKind::kSequence, "e28d845a1d61f00ff49c3213537d3e97b829fa213f83b1ac953995c0a004cf1e"},
        {RowKind::kCompany, "6656c8ebf52f41867cec1728c9a57fc3ba3f6a6a31f9d3d59d620a030cfad0ee"},
        {RowKind::kTrail, "11a6b3586dc6b98748d9ac36671c3ca5a66ab77c4db7a64e9a54dc80b17551a3"},
        {RowKind::kStudent, "2f2403d68d4790076c5051f8ef4a9308c6ef7c7cddb0e83de1f13d05df95af9f"},
        {RowKind::kExternalId, "0aebe0f3b6a9d49fdedcba6ef66c676ef9490ec246eb49162806d51ac46e69e8"},
        {RowKind::kSite, "a1f66de3360d6e7b9c9266bf5d1284f18dfeabd89d96cb837b902e54942ebf88"},
        {RowKind::kPlan, "b2ae86e422218ace95cbcc48788a3ff2e4213d8bcb950343f8c67d3a3f77ae4b"},
        {RowKind::kErasure, "7167eff8358bbda0d7bc8092414927ef159017f5ac86c804515d35ffc1109bd4"},
        {RowKind::kImportedTransfer,
         "75d0f4619632c7b7e7a6949614335d5b6262dede5fc3128867a61ccc289b648c"},
    }};

log::v1::Event EventOf(type::v1::AggregateKind kind, const std::string& aggregate,
                       const google::protobuf::Message& payload) {
  log::v1::Event event;
  event.set_type(EventTypeOf(payload.GetDescriptor()).number);
  event.set_tenant(projections::testing::SchoolIdOf(0));
  event.set_aggregate_kind(kind);
  event.set_aggregate(aggregate);
  event.set_version(1);
  event.set_occurred_on(20261005);
  event.set_payload(payload.SerializeAsString());
  return event;
}

// What the year lacks: views do not keep who may do what, nor by what people and sites are known.
std::vector<log::v1::Event> MoreEvents() {
  event::v1::AccessGranted granted;
  granted.set_person_id("person01");
  granted.set_role(type::v1::ROLE_TEACHER);
  granted.mutable_scope()->add_student_ids("student1");
  granted.mutable_scope()->add_programme_codes("5830");
  granted.mutable_scope()->add_module_codes("850-568");
  granted.set_expires_on(20270630);
  granted.mutable_recognised_by()->set_lookup_mac(std::string(32, 'l'));
  granted.mutable_recognised_by()->set_content_mac(std::string(32, 'c'));
  event::v1::AccessRevoked revoked;
  revoked.set_person_id(granted.person_id());
  event::v1::HostCompanyRegistered registered;
  registered.set_name("Garage");
  registered.set_site("1, rue A");
  registered.set_neq("1234567890");
  return {EventOf(type::v1::AGGREGATE_KIND_GRANT, "grant001", granted),
          EventOf(type::v1::AGGREGATE_KIND_HOST_COMPANY, "company1", registered),
          EventOf(type::v1::AGGREGATE_KIND_GRANT, "grant002", granted),
          EventOf(type::v1::AGGREGATE_KIND_GRANT, "grant002", revoked)};
}

// Every record of the golden log, in order.
template <typename Visit>
void EachRecord(Visit visit) {
  uint64_t seq = 0;
  const auto take = [&](const std::string& school, const std::vector<log::v1::Event>& events) {
    log::v1::Record record;
    record.set_seq(++seq);
    record.set_recorded_at(static_cast<int64_t>(1'788'267'600'000'000 + seq * 1'000'000));
    record.set_tenant(school);
    for (const log::v1::Event& event : events) record.add_events(event.SerializeAsString());
    visit(record, events);
  };
  std::string student;
  std::string mover;
  MakeYear({.schools = 2, .students = 40},
           [&](const std::string& school, const std::vector<log::v1::Event>& events) {
             if (student.empty() && events[0].type() == event::v1::EventBody::kStudentEnrolled) {
               student = events[0].subject();  // of the first school
               mover = events[1].subject();
             }
             take(school, events);
           });
  take(projections::testing::SchoolIdOf(0), MoreEvents());
  take(projections::testing::SchoolIdOf(0), projections::testing::ErasureOf(student));
  take(projections::testing::SchoolIdOf(0), projections::testing::RightsOf(mover));
}

// What no event of the golden log is of, no digest can hold.
TEST(EvolveGolden, TheLogHasEveryEvent) {
  std::set<uint32_t> types;
  EachRecord([&](const log::v1::Record&, const std::vector<log::v1::Event>& events) {
    for (const log::v1::Event& event : events) types.insert(event.type());
  });
  const auto* body = event::v1::EventBody::descriptor();
  for (int i = 0; i < body->field_count(); ++i) {
    const auto& options = body->field(i)->message_type()->options();
    if (options.GetExtension(option::v1::event).system()) continue;  // of no school's partition
    EXPECT_TRUE(types.contains(static_cast<uint32_t>(body->field(i)->number())))
        << body->field(i)->message_type()->name();
  }
}

TEST(EvolveGolden, RowsThatBecomeOthersHaveAnotherVersion) {
  const DomainApplication application;
  MemoryState state(application);
  EachRecord([&](const log::v1::Record& record, const std::vector<log::v1::Event>&) {
    const Result<void> evolved = application.Evolve(record, state);
    ASSERT_TRUE(evolved) << evolved.error().message;
  });
  std::map<RowKind, std::string> bytes;
  for (const auto& [key, row] : state.Dump()) {
    std::string& all = bytes[static_cast<RowKind>(key[kSchoolIdBytes])];
    for (const std::string* part : {&key, &row}) {
      all.append(std::to_string(part->size())).append(" ").append(*part);
    }
  }
  Digests folded{.version = application.EvolveVersion(), .rows = {}};
  for (const auto& [kind, all] : bytes) folded.rows[kind] = ToHex(View(Sha256(all)));
  EXPECT_EQ(folded, kGolden);
}

}  // namespace
}  // namespace jalon::domain
