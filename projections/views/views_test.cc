// The smaller views: catalogue, companies, lists of stays, make-ups, attitudes.
#include <gtest/gtest.h>

#include "jalon/event/v1/event_body.pb.h"
#include "projections/views/all_views.h"
#include "projections/views/attitudes.h"
#include "projections/views/companies.h"
#include "projections/views/grants.h"
#include "projections/views/make_ups.h"
#include "projections/views/school_catalogue.h"
#include "projections/views/stays.h"
#include "projections/views/views_testing.h"

namespace jalon::projections {
namespace {

namespace ev = event::v1;
namespace ty = type::v1;
using testing::FoldHarness;
using testing::kSchool;
using testing::Person;
using testing::Stay;

TEST(SchoolCatalogue, KeepsTheSchoolAndAllItsPolicy) {
  FoldHarness view(MakeSchoolCatalogue());
  ev::SchoolRegistered school;
  school.set_code("CFP-NORD");
  school.set_name("CFP du Nord");
  school.set_service_centre("centre");
  school.set_region("15");
  const Fact registered = view.Fold(school, kSchool);
  ev::PolicySet policy;
  policy.mutable_setting()->set_key("makeup_gate");
  policy.mutable_setting()->set_choice("PLANNED");
  policy.set_effective_on(20261001);
  policy.set_policy_version(1);
  const Fact set = view.Fold(policy, kSchool);
  policy.mutable_setting()->set_choice("COMPLETED");
  policy.set_policy_version(2);
  view.Fold(policy, kSchool);
  const auto row = view.Get<SchoolRow>(SchoolKey());
  EXPECT_EQ(row.code, "CFP-NORD");
  EXPECT_EQ(row.name, "CFP du Nord");
  EXPECT_EQ(row.service_centre, "centre");
  EXPECT_EQ(row.region, "15");
  EXPECT_EQ(row.registered, registered);
  ASSERT_EQ(row.policy.size(), 2u);
  EXPECT_EQ(row.policy[0].key, "makeup_gate");
  EXPECT_EQ(row.policy[0].effective_on, 20261001u);
  EXPECT_EQ(row.policy[0].set, set);
  EXPECT_EQ(row.policy[1].policy_version, 2u);
  school::v1::PolicySetting setting;
  ASSERT_TRUE(setting.ParseFromString(row.policy[0].setting));
  EXPECT_EQ(setting.choice(), "PLANNED");
}

TEST(SchoolCatalogue, KeepsProgrammeVersionsWholeByCode) {
  FoldHarness view(MakeSchoolCatalogue());
  ev::ProgrammeAdopted adopted;
  auto* programme = adopted.mutable_programme();
  programme->mutable_ref()->set_code("5830");
  programme->mutable_ref()->set_language("en");
  programme->set_title("Heavy vehicle mechanics");
  for (const char* version : {"2026", "2025"}) {
    programme->mutable_ref()->set_version(version);
    view.Fold(adopted, std::string("5830/en/") + version);
  }
  const auto row = view.Get<ProgrammeRow>(ProgrammeKey({"5830", "en", "2025"}));
  EXPECT_EQ(row.programme, (ProgrammeName{"5830", "en", "2025"}));
  EXPECT_EQ(row.definition, programme->SerializeAsString());
  EXPECT_EQ(view.Keys(ProgrammesPrefix("5830")), (std::vector<std::string>{"en/2025", "en/2026"}));
  EXPECT_TRUE(view.Keys(ProgrammesPrefix("583")).empty());
}

TEST(SchoolCatalogue, ASequenceIsDesignedFilledAndPublishedVersionByVersion) {
  FoldHarness view(MakeSchoolCatalogue());
  const SequenceId id = Person("freins");
  ev::SequenceDesigned designed;
  designed.set_sequence_version(1);
  designed.mutable_definition()->set_code("FREINS");
  designed.mutable_definition()->set_title("Brakes");
  designed.mutable_definition()->add_targets()->set_module("850-568");
  designed.mutable_definition()->add_activities()->set_code("old");
  const Fact first = view.Fold(designed, id.View());
  ev::ActivitiesDefined activities;
  activities.set_sequence_version(1);
  activities.add_activities()->set_code("a1");
  activities.add_activities()->set_code("a2");
  const Fact second = view.Fold(activities, id.View());
  auto version = view.Get<SequenceVersionRow>(SequenceVersionKey(id, 1));
  EXPECT_FALSE(version.published);
  EXPECT_EQ(version.facts, (std::vector<Fact>{first, second}));
  catalogue::v1::SequenceDefinition definition;
  ASSERT_TRUE(definition.ParseFromString(version.definition));
  EXPECT_EQ(definition.title(), "Brakes");
  EXPECT_EQ(definition.targets_size(), 1);
  ASSERT_EQ(definition.activities_size(), 2);
  EXPECT_EQ(definition.activities(1).code(), "a2");
  EXPECT_EQ(view.Get<SequenceRow>(SequenceKey(id)), (SequenceRow{id, "FREINS", 0, 1}));

  ev::SequencePublished published;
  published.set_sequence_version(1);
  *published.mutable_definition() = definition;
  view.Fold(published, id.View());
  designed.set_sequence_version(2);
  view.Fold(designed, id.View());
  version = view.Get<SequenceVersionRow>(SequenceVersionKey(id, 1));
  EXPECT_TRUE(version.published);
  EXPECT_EQ(version.definition, definition.SerializeAsString());
  EXPECT_EQ(view.Get<SequenceRow>(SequenceKey(id)), (SequenceRow{id, "FREINS", 1, 2}));
  EXPECT_EQ(view.Keys(SequenceVersionsPrefix(id)).size(), 2u);
  EXPECT_EQ(view.Keys(SequencesPrefix()).size(), 1u);
}

TEST(Companies, KeepsCapacityAttestationsAndOpenGaps) {
  FoldHarness view(MakeCompanies());
  const CompanyId id = Person("garage");
  ev::HostCompanyRegistered registered;
  registered.set_name("Garage Tremblay");
  registered.set_site("Main street");
  registered.set_neq("1140000000");
  view.Fold(registered, id.View());
  ev::HostingCapacityDeclared capacity;
  capacity.set_from_on(20260901);
  capacity.set_until_on(20270630);
  capacity.set_seats(3);
  capacity.set_interested(true);
  capacity.add_reach()->set_module("850-568");
  const Fact declared = view.Fold(capacity, id.View());
  ev::CompanyResourcesAttested attested;
  attested.set_sequence_id(Person("freins").Str());
  attested.set_sequence_version(1);
  attested.set_human("a mechanic");
  attested.set_material("a lift");
  attested.set_means(company::v1::ATTESTATION_MEANS_VISIT);
  attested.set_valid_until_on(20270831);
  view.Fold(attested, id.View());
  attested.set_valid_until_on(20280831);
  const Fact renewed = view.Fold(attested, id.View());
  auto row = view.Get<CompanyRow>(CompanyKey(id));
  EXPECT_EQ(row.company_id, id);
  EXPECT_EQ(row.name, "Garage Tremblay");
  EXPECT_EQ(row.neq, "1140000000");
  ASSERT_EQ(row.capacities.size(), 1u);
  EXPECT_EQ(row.capacities[0].seats, 3u);
  EXPECT_EQ(row.capacities[0].reach[0].module, "850-568");
  EXPECT_TRUE(row.capacities[0].interested);
  EXPECT_EQ(row.capacities[0].declared, declared);
  ASSERT_EQ(row.attestations.size(), 1u) << "attested again, the former one is replaced";
  EXPECT_EQ(row.attestations[0].valid_until_on, 20280831u);
  EXPECT_EQ(row.attestations[0].material, "a lift");
  EXPECT_EQ(row.attestations[0].attested, renewed);
}

TEST(Companies, AGapIsOpenUntilItIsResolved) {
  FoldHarness view(MakeCompanies());
  const CompanyId id = Person("garage");
  ev::ResourceGapReported gap;
  gap.set_sequence_id(Person("freins").Str());
  gap.mutable_gap()->set_kind(company::v1::RESOURCE_KIND_MATERIAL);
  gap.mutable_gap()->add_activities("a3");
  gap.mutable_gap()->set_description("no brake bench");
  gap.set_gap_number(1);
  view.Fold(gap, id.View());
  gap.set_gap_number(2);
  gap.set_stay_id(Stay("ada", "stay-1").Str());
  gap.mutable_gap()->mutable_mitigation()->set_kind(company::v1::MITIGATION_KIND_LOAN);
  const Fact second = view.Fold(gap, id.View());
  auto row = view.Get<CompanyRow>(CompanyKey(id));
  ASSERT_EQ(row.open_gaps.size(), 2u);
  EXPECT_TRUE(row.open_gaps[0].mitigated.IsNone());
  EXPECT_EQ(row.open_gaps[0].activities, std::vector<std::string>{"a3"});
  EXPECT_TRUE(row.open_gaps[0].stay_id.IsNone());
  EXPECT_EQ(row.open_gaps[1].mitigated, second);
  EXPECT_EQ(row.open_gaps[1].stay_id, Stay("ada", "stay-1"));
  ev::ResourceGapMitigated mitigated;
  mitigated.set_gap_number(1);
  mitigated.mutable_mitigation()->set_kind(company::v1::MITIGATION_KIND_AT_SCHOOL);
  const Fact bridged = view.Fold(mitigated, id.View());
  ev::ResourceGapResolved resolved;
  resolved.set_gap_number(2);
  view.Fold(resolved, id.View());
  row = view.Get<CompanyRow>(CompanyKey(id));
  ASSERT_EQ(row.open_gaps.size(), 1u);
  EXPECT_EQ(row.open_gaps[0].gap_number, 1u);
  EXPECT_EQ(row.open_gaps[0].mitigated, bridged);
  EXPECT_EQ(row.open_gaps[0].mitigation, mitigated.mitigation().SerializeAsString());
}

TEST(Stays, ListsByFirstDayAndByCompanyInEveryState) {
  FoldHarness view(MakeStays());
  ev::StayScheduled scheduled;
  scheduled.set_company_id(Person("garage").Str());
  scheduled.set_sequence_id(Person("freins").Str());
  const auto schedule = [&](const StayId& stay, uint32_t from_on) {
    scheduled.set_starts_on(from_on);
    scheduled.set_ends_on(20261231);
    view.Fold(scheduled, stay.View());
  };
  const StayId early = Stay("bea", "early");
  const StayId late = Stay("ada", "late");
  schedule(late, 20260914);
  schedule(early, 20260907);
  view.Fold(ev::StayStarted(), early.View(), 20260908);
  ev::StayEnded ended;
  ended.set_ended_on(20261001);
  view.Fold(ended, early.View());
  const auto row = view.Get<StayIndexRow>(StayIndexKey(early));
  EXPECT_EQ(row.state, ty::STAY_STATE_ENDED);
  EXPECT_EQ(row.FirstDay(), 20260908u);
  EXPECT_EQ(row.LastDay(), 20261001u);
  EXPECT_EQ(row.sequence_id, Person("freins"));
  EXPECT_EQ(view.Get<StayIndexRow>(StayByDateKey(row)), row);
  EXPECT_EQ(view.Get<StayIndexRow>(StayByCompanyKey(row)), row);
  const auto dates = view.Keys(StaysByDatePrefix());
  ASSERT_EQ(dates.size(), 2u);
  EXPECT_EQ(dates[0].substr(4), early.Str());
  EXPECT_EQ(dates[1].substr(4), late.Str());
  EXPECT_EQ(view.Keys(StaysByCompanyPrefix(Person("garage"))).size(), 2u);
  EXPECT_TRUE(view.Keys(StaysByCompanyPrefix(Person("other"))).empty());
}

TEST(Stays, AnEnrolmentIsAMemberOfItsLastCohort) {
  FoldHarness view(MakeStays());
  const CohortId first = Person("cohort-1");
  const CohortId second = Person("cohort-2");
  const std::string aggregate = Person("ada").Str() + "5830";
  ev::StudentEnrolled enrolled;
  enrolled.set_cohort_id(first.Str());
  view.Fold(enrolled, aggregate);
  EXPECT_EQ(view.Keys(CohortMembersPrefix(first)), std::vector<std::string>{aggregate});
  enrolled.set_cohort_id(second.Str());
  view.Fold(enrolled, aggregate);
  EXPECT_TRUE(view.Keys(CohortMembersPrefix(first)).empty());
  const auto row = view.Get<CohortMemberRow>(CohortMembersPrefix(second).Add(aggregate));
  EXPECT_EQ(row, (CohortMemberRow{Person("ada"), "5830", second}));
  enrolled.clear_cohort_id();
  view.Fold(enrolled, aggregate);
  EXPECT_TRUE(view.Keys(CohortMembersPrefix(second)).empty());
}

TEST(MakeUps, OwedOnesComeFirstThoseNotPlannedBeforeThoseDue) {
  FoldHarness view(MakeMakeUps());
  ev::MakeUpRequired required;
  required.add_modules("850-568");
  required.set_outcome(ty::OUTCOME_KIND_PARTLY);
  required.set_cause(ty::OUTCOME_CAUSE_TIME);
  const auto id = [](const std::string& name) { return Stay("ada", name).Str() + "a2"; };
  const Fact owed = view.Fold(required, id("1-done"));
  for (const char* name : {"2-late", "3-soon", "4-new", "5-else"}) view.Fold(required, id(name));
  ev::MakeUpPlanned planned;
  planned.set_owner_id(Person("maude").Str());
  planned.set_session_id(Person("session").Str());
  planned.set_due_on(20261101);
  view.Fold(planned, id("2-late"));
  planned.set_due_on(20261001);
  view.Fold(planned, id("3-soon"));
  view.Fold(planned, id("1-done"));
  const Fact done = view.Fold(ev::MakeUpCompleted(), id("1-done"), 20260930);
  ev::MakeUpDischarged discharged;
  discharged.set_cause(ty::DISCHARGE_CAUSE_ACHIEVED_OTHERWISE);
  view.Fold(discharged, id("5-else"), 20260929);

  const auto names = [&](bool closed) {
    std::string names;
    for (const std::string& key : view.Keys(MakeUpsPrefix(closed)))
      names += key.substr(12, 6) + ' ';
    return names;
  };
  EXPECT_EQ(names(false), "4-new. 3-soon 2-late ");
  EXPECT_EQ(names(true), "5-else 1-done ");
  EXPECT_EQ(view.Keys(AllMakeUpsPrefix()).size(), 5u);
  const auto row = view.Get<MakeUpRow>(MakeUpKey(Stay("ada", "1-done"), "a2"));
  EXPECT_EQ(row.activity, "a2");
  EXPECT_EQ(row.outcome, ty::OUTCOME_KIND_PARTLY);
  EXPECT_EQ(row.cause, ty::OUTCOME_CAUSE_TIME);
  EXPECT_EQ(row.owner_id, Person("maude"));
  EXPECT_EQ(row.session_id, Person("session"));
  EXPECT_EQ(row.closed_on, 20260930u);
  EXPECT_EQ(row.required, owed);
  EXPECT_EQ(row.latest, done);
  EXPECT_FALSE(row.IsOpen());
  EXPECT_EQ(view.Get<MakeUpRow>(MakeUpListKey(row)), row);
  view.Fold(required, id("1-done"));
  EXPECT_EQ(names(false), "1-done 4-new. 3-soon 2-late ") << "required again by a correction";
  EXPECT_EQ(names(true), "5-else ");
}

TEST(Attitudes, AreOpenUntilAFollowUpNamesThem) {
  FoldHarness view(MakeAttitudes());
  const StayId stay = Stay("ada", "stay-1");
  ev::AttitudeObserved observed;
  observed.mutable_words()->set_ciphertext("late");
  for (const uint32_t number : {1u, 2u}) {
    observed.set_observation_number(number);
    view.Fold(observed, stay.View(), 20260910, "luc");
  }
  ev::FollowUpRecorded follow_up;
  follow_up.add_observation_numbers(2);
  follow_up.add_observation_numbers(300);  // never observed
  follow_up.mutable_words()->set_ciphertext("talked");
  const Fact when = view.Fold(follow_up, stay.View(), 20260912, "maude");
  ASSERT_EQ(view.Keys(AttitudesPrefix(Person("ada"))).size(), 2u);
  const auto key = [&](uint32_t number) { return Key().Add(stay.View()).AddBig32(number); };
  const auto open = view.Get<AttitudeRow>(key(1));
  const auto closed = view.Get<AttitudeRow>(key(2));
  EXPECT_TRUE(open.IsOpen());
  EXPECT_EQ(open.observer, "luc");
  EXPECT_EQ(open.words, observed.words().SerializeAsString());
  EXPECT_FALSE(closed.IsOpen());
  EXPECT_EQ(closed.followed_up, when);
  EXPECT_EQ(closed.follow_up_actor, "maude");
  EXPECT_EQ(closed.follow_up_words, follow_up.words().SerializeAsString());
}

TEST(Grants, KeepAllThatAPersonWasGranted) {
  FoldHarness view(MakeGrants());
  const PersonId paul = Person("paul");
  ev::AccessGranted granted;
  granted.set_person_id(paul.Str());
  granted.set_role(type::v1::ROLE_TEACHER);
  granted.mutable_scope()->add_student_ids(Person("ada").Str());
  granted.mutable_scope()->add_student_ids(Person("ben").Str());
  granted.mutable_scope()->add_programme_codes("5830");
  granted.mutable_scope()->add_module_codes("850-568");
  granted.set_expires_on(20261231);
  const Fact first = view.Fold(granted, "grant001", 20260901);
  granted.Clear();
  granted.set_person_id(paul.Str());
  granted.set_role(type::v1::ROLE_COMPANY_SIGNATORY);
  granted.mutable_scope()->set_company_id("garage00");
  const Fact second = view.Fold(granted, "grant002", 20260902);
  GrantFacts teacher;
  teacher.grant_id = Id<8>::Of("grant001");
  teacher.role = type::v1::ROLE_TEACHER;
  teacher.student_ids = {Person("ada"), Person("ben")};
  teacher.programme_codes = {"5830"};
  teacher.module_codes = {"850-568"};
  teacher.expires_on = 20261231;
  teacher.granted = first;
  GrantFacts signatory;
  signatory.grant_id = Id<8>::Of("grant002");
  signatory.role = type::v1::ROLE_COMPANY_SIGNATORY;
  signatory.company_id = CompanyId::Of("garage00");
  signatory.granted = second;
  const auto row = view.Get<GrantsRow>(GrantsKey(paul));
  ASSERT_EQ(row.grants.size(), 2u);
  EXPECT_EQ(row.grants[0], teacher);
  EXPECT_EQ(row.grants[1], signatory);

  ev::AccessRevoked revoked;
  revoked.set_person_id(paul.Str());
  signatory.revoked = view.Fold(revoked, "grant002", 20260903);
  view.Fold(revoked, "grant003", 20260903);  // never given
  const auto after = view.Get<GrantsRow>(GrantsKey(paul));
  ASSERT_EQ(after.grants.size(), 2u);
  EXPECT_EQ(after.grants[0], teacher) << "the other one stands";
  EXPECT_EQ(after.grants[1], signatory);
}

TEST(AllViews, KnowEveryEventOfTheRegistryAndNoOther) {
  const auto views = MakeAllViews(Bytes(16, 'D'));
  EXPECT_EQ(views->size(), 12u);
  EXPECT_TRUE(views->Knows(ev::EventBody::kStayEnded));
  EXPECT_TRUE(views->Knows(ev::EventBody::kAccessGranted));
  EXPECT_TRUE(views->Knows(ev::EventBody::kAccessRevoked));
  EXPECT_FALSE(views->Knows(0));
  EXPECT_FALSE(views->Knows(9));
  EXPECT_FALSE(views->Knows(UINT32_MAX));
}

// Folds are total: whatever a payload holds, they end, and the row can still be read.
TEST(AllViews, FoldsAreTotal) {
  const auto views = MakeAllViews(Bytes(16, 'D'));
  for (size_t index = 0; index < views->size(); ++index) {
    const View& view = (*views)[index];
    MemoryViewStore store;
    RowTable table(view, store.NewGeneration(), store, true);
    for (uint32_t type = 0; type < kEventTypesMax; ++type) {
      if (!view.Wants(type)) continue;
      for (const std::string& payload :
           {std::string(), std::string("\x0a\xff\xff\xff\xff\x0f"), std::string(100, '\xff'),
            std::string("\x08\x96\x01\x12\x02\x08\x01\x1a\x00", 9)}) {
        for (const std::string& aggregate :
             {std::string(), std::string("short"), std::string(200, 'l')}) {
          for (const std::string_view tenant : {kSchool, std::string_view("another")}) {
            view.Fold({.seq = Seq{1},
                       .tenant = tenant,
                       .type = type,
                       .aggregate = aggregate,
                       .subject = {},
                       .actor = {},
                       .payload = payload},
                      table);
          }
        }
      }
    }
    for (const RowTable::Change& change : table.TakeChanges()) {
      if (change.row == nullptr) continue;
      std::string bytes;
      change.row->Encode(&bytes);
      EXPECT_NE(view.Decode(change.key, bytes), nullptr) << view.Name();
    }
  }
}

}  // namespace
}  // namespace jalon::projections
