#include "services/api/queries/school_testing.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "eventstore/base/check.h"
#include "jalon/event/v1/catalogue_events.pb.h"
#include "jalon/event/v1/company_events.pb.h"
#include "jalon/event/v1/evaluation_events.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/event/v1/stay_events.pb.h"
#include "jalon/type/v1/actor.pb.h"
#include "projections/engine/cursor.h"
#include "projections/views/all_views.h"
#include "services/domain/event_type.h"

namespace jalon::api {
namespace {

using namespace event::v1;  // NOLINT(google-build-using-namespace): every event is one of these

constexpr uint32_t kActivityMinutes = 600;

catalogue::v1::ProgrammeDefinition Programme() {
  catalogue::v1::ProgrammeDefinition programme;
  programme.mutable_ref()->set_code("5830");
  programme.mutable_ref()->set_language("en");
  programme.mutable_ref()->set_version("2026");
  programme.set_title("Heavy Vehicle Mechanics");
  programme.set_type(type::v1::PROGRAMME_TYPE_DEP);
  programme.set_declared_hours(300);
  programme.set_elements(type::v1::ELEMENTS_KNOWN_SCHOOL_WORDED);
  const std::tuple<std::string, std::string, uint32_t, bool> modules[] = {
      {kBraking, "Repair braking systems", 120, false},
      {kWheels, "Repair wheels", 45, false},
      {kPractice, "Integrate into the workplace", 135, true}};
  for (const auto& [code, statement, hours, prescribed] : modules) {
    auto* module = programme.add_modules();
    module->set_code(code);
    module->set_statement(statement);
    module->set_hours(hours);
    module->set_units(hours / 15);
    module->set_prescribed(prescribed);
  }
  return programme;
}

catalogue::v1::SequenceDefinition Sequence() {
  catalogue::v1::SequenceDefinition sequence;
  *sequence.mutable_programme() = Programme().ref();
  sequence.set_type(type::v1::SEQUENCE_TYPE_DEVELOPMENT);
  sequence.set_code("FREINS");
  sequence.set_title("Brakes and wheels");
  for (const std::string& module : {kBraking, kWheels}) {
    auto* target = sequence.add_targets();
    target->set_module(module);
    target->set_mode(type::v1::DEVELOPMENT_MODE_COMPLETE);
    auto* objective = sequence.add_objectives();
    objective->set_code(module == kBraking ? "o1" : "o2");
    objective->set_module(module);
    objective->set_wording("Do it as in the trade");
  }
  const std::map<std::string, std::vector<std::string>> activities = {
      {"a1", {"o1"}}, {"a2", {"o2"}}, {"a5", {"o1", "o2"}}};
  for (const auto& [code, objectives] : activities) {
    auto* activity = sequence.add_activities();
    activity->set_code(code);
    activity->set_wording("Do " + code);
    activity->set_expected_result("It holds");
    activity->set_planned_minutes(kActivityMinutes);
    for (const std::string& objective : objectives) activity->add_objectives(objective);
  }
  return sequence;
}

// The activities as a stay plans them.
std::vector<type::v1::PlannedActivity> Plan() {
  std::vector<type::v1::PlannedActivity> plan;
  const catalogue::v1::SequenceDefinition sequence = Sequence();
  for (const auto& activity : sequence.activities()) {
    type::v1::PlannedActivity& planned = plan.emplace_back();
    planned.set_activity(activity.code());
    planned.set_planned_minutes(kActivityMinutes);
    *planned.mutable_objectives() = activity.objectives();
    for (const std::string& objective : activity.objectives()) {
      auto* share = planned.add_shares();
      share->set_module(objective == "o1" ? kBraking : kWheels);
      share->set_minutes(kActivityMinutes / static_cast<uint32_t>(activity.objectives_size()));
    }
  }
  return plan;
}

}  // namespace

TestSchool::TestSchool() : views_(projections::MakeAllViews(Bytes(16, 'D'))) {
  for (size_t i = 0; i < views_->size(); ++i) {
    tables_.push_back(std::make_unique<projections::RowTable>((*views_)[i], store_.NewGeneration(),
                                                              store_, /*fresh=*/true));
  }
}

TestSchool::~TestSchool() = default;

uint64_t TestSchool::Happened(const google::protobuf::Message& event, type::v1::AggregateKind kind,
                              const Bytes& aggregate, uint32_t occurred_on) {
  type::v1::Actor actor;
  actor.set_person_id(kMaude);
  actor.set_role(type::v1::ROLE_TEACHER);
  actor.set_origin(type::v1::ORIGIN_DIRECT);
  const bool of_student = kind >= type::v1::AGGREGATE_KIND_ENROLMENT;
  log::v1::Event stored;
  stored.set_type(domain::EventTypeOf(event.GetDescriptor()).number);
  stored.set_aggregate_kind(static_cast<uint32_t>(kind));
  stored.set_aggregate(aggregate);
  if (of_student) stored.set_subject(aggregate.substr(0, 8));
  stored.set_occurred_on(occurred_on);
  stored.mutable_actor()->ParseFromString(actor.SerializeAsString());
  stored.set_payload(event.SerializeAsString());
  return Fold(&stored);
}

uint64_t TestSchool::Reported(const google::protobuf::Message& event, const Bytes& stay,
                              uint32_t occurred_on, const Bytes& company) {
  std::vector<std::string>& entries = entries_[company];
  log::v1::Event stored;
  stored.set_type(domain::EventTypeOf(event.GetDescriptor()).number);
  stored.set_aggregate_kind(type::v1::AGGREGATE_KIND_STAY);
  stored.set_aggregate(stay);
  stored.set_subject(stay.substr(0, 8));
  stored.set_occurred_on(occurred_on);
  stored.mutable_actor()->set_person(kLuc);
  stored.mutable_actor()->set_role(type::v1::ROLE_WORKPLACE_TUTOR);
  stored.mutable_actor()->set_origin(type::v1::ORIGIN_DIRECT);
  stored.mutable_trail()->set_key(company);
  stored.mutable_trail()->set_index(entries.size());
  stored.mutable_trail()->set_recorded_at(static_cast<int64_t>(seq_ + 1) * 1000);
  stored.set_payload(event.SerializeAsString());
  const uint64_t seq = Fold(&stored);
  entries.push_back(stored.SerializeAsString());
  return seq;
}

uint64_t TestSchool::Fold(log::v1::Event* event) {
  ++seq_;
  event->set_tenant(kTestSchool);
  event->set_version(seq_);
  stored_.push_back(event->SerializeAsString());
  const projections::EventView view = ViewOf(seq_);
  for (size_t i = 0; i < tables_.size(); ++i) {
    if ((*views_)[i].Wants(view.type)) (*views_)[i].Fold(view, *tables_[i]);
  }
  return seq_;
}

projections::EventView TestSchool::ViewOf(uint64_t seq) const {
  const std::string& stored = stored_.at(seq - 1);
  projections::EventView view{.seq = Seq{seq},
                              .index = 0,
                              .recorded_at = static_cast<int64_t>(seq) * 1000,
                              .tenant = {},
                              .aggregate = {},
                              .subject = {},
                              .actor = {},
                              .payload = {},
                              .stored = stored,
                              .offset = Offset{seq}};
  JALON_CHECK(projections::ReadEvent(stored, &view));
  return view;
}

Result<void> TestSchool::Visit(
    const projections::EventPlace& place,
    const std::function<Result<void>(const projections::EventView&)>& visit) const {
  JALON_CHECK(place.offset.value == place.seq.value && place.index == 0);
  return visit(ViewOf(place.seq.value));
}

TestReader TestSchool::Read() {
  for (size_t i = 0; i < tables_.size(); ++i) {
    for (const auto& change : tables_[i]->TakeChanges()) {
      const std::string key = std::string((*views_)[i].Name()) + "/" +
                              std::string(change.key.substr(kTestSchool.size()));
      if (change.row == nullptr) {
        rows_.erase(key);
        continue;
      }
      std::string bytes;
      change.row->Encode(&bytes);
      rows_[key] = std::move(bytes);
    }
  }
  return TestReader(rows_, TestAsOf(seq_));
}

void TestSchool::Found() {
  SchoolRegistered registered;
  registered.set_code("CFP-NORD");
  Happened(registered, type::v1::AGGREGATE_KIND_SCHOOL, kTestSchool, 20260801);
  ProgrammeAdopted adopted;
  *adopted.mutable_programme() = Programme();
  Happened(adopted, type::v1::AGGREGATE_KIND_PROGRAMME_VERSION, "5830/en/2026", 20260801);
  SequenceDesigned designed;
  designed.set_sequence_version(1);
  *designed.mutable_definition() = Sequence();
  Happened(designed, type::v1::AGGREGATE_KIND_SEQUENCE, kFreins, 20260802);
  SequencePublished published;
  published.set_sequence_version(1);
  *published.mutable_definition() = Sequence();
  Happened(published, type::v1::AGGREGATE_KIND_SEQUENCE, kFreins, 20260803);
  HostCompanyRegistered company;
  company.set_name("Garage-Tremblay");
  company.set_site("rue Principale");
  Happened(company, type::v1::AGGREGATE_KIND_HOST_COMPANY, kGarage, 20260804);
}

void TestSchool::GrantCompany(const Bytes& person, type::v1::Role role, const Bytes& company,
                              uint32_t expires_on) {
  AccessGranted granted;
  granted.set_person_id(person);
  granted.set_role(role);
  granted.mutable_scope()->set_company_id(company);
  granted.set_expires_on(expires_on);
  Happened(granted, type::v1::AGGREGATE_KIND_GRANT, Bytes(8, 'g'), 20260801);
}

void TestSchool::GrantSchool(const Bytes& person, type::v1::Role role, uint32_t expires_on) {
  AccessGranted granted;
  granted.set_person_id(person);
  granted.set_role(role);
  granted.mutable_scope()->set_whole_school(true);
  granted.set_expires_on(expires_on);
  Happened(granted, type::v1::AGGREGATE_KIND_GRANT, Bytes(8, 'h'), 20260801);
}

void TestSchool::Enrol(const Bytes& student, const std::string& identity) {
  StudentEnrolled enrolled;
  *enrolled.mutable_programme() = Programme().ref();
  enrolled.set_in_alternance(true);
  enrolled.set_cohort_id(kCohort);
  if (!identity.empty()) enrolled.mutable_identity()->ParseFromString(identity);
  Happened(enrolled, type::v1::AGGREGATE_KIND_ENROLMENT, student + "5830", 20260810);
}

void TestSchool::Assign(const Bytes& student, const Bytes& sequence) {
  SequenceAssigned assigned;
  assigned.set_sequence_version(1);
  assigned.set_type(type::v1::SEQUENCE_TYPE_DEVELOPMENT);
  assigned.set_programme_code("5830");
  assigned.add_modules(kBraking);
  assigned.add_modules(kWheels);
  Happened(assigned, type::v1::AGGREGATE_KIND_ASSIGNMENT, student + sequence, 20260811);
}

void TestSchool::Schedule(const Bytes& stay, uint32_t starts_on, const Bytes& company) {
  StayScheduled scheduled;
  scheduled.set_sequence_id(kFreins);
  scheduled.set_sequence_version(1);
  scheduled.set_type(type::v1::SEQUENCE_TYPE_DEVELOPMENT);
  scheduled.set_programme_code("5830");
  scheduled.set_company_id(company);
  scheduled.set_starts_on(starts_on);
  scheduled.set_ends_on(20261030);
  scheduled.set_plan_version(1);
  for (const auto& activity : Plan()) *scheduled.add_activities() = activity;
  Happened(scheduled, type::v1::AGGREGATE_KIND_STAY, stay, 20260812);
}

void TestSchool::Prepare(const Bytes& stay) {
  const auto kind = type::v1::AGGREGATE_KIND_STAY;
  TrainingPlanAccepted accepted;
  accepted.set_plan_version(1);
  Happened(accepted, kind, stay, 20260820);
  TutorAssigned tutor;
  tutor.set_tutor_id(kLuc);
  tutor.set_from_on(20260820);
  Happened(tutor, kind, stay, 20260820);
  SchoolSupervisorAssigned supervisor;
  supervisor.set_supervisor_id(kMaude);
  supervisor.set_from_on(20260820);
  Happened(supervisor, kind, stay, 20260820);
  SupervisionProposed proposed;
  proposed.set_proposal_number(1);
  Happened(proposed, kind, stay, 20260821);
  SupervisionAgreed agreed;
  agreed.set_proposal_number(1);
  agreed.set_by_company(true);
  Happened(agreed, kind, stay, 20260822);
  PreparationRecorded prepared;
  prepared.add_topics(placement::v1::PREPARATION_TOPIC_ATTITUDES);
  Happened(prepared, kind, stay, 20260823);
  CompanyResourcesAttested attested;
  attested.set_sequence_id(kFreins);
  attested.set_sequence_version(1);
  attested.set_means(company::v1::ATTESTATION_MEANS_VISIT);
  attested.set_valid_until_on(20270824);
  Happened(attested, type::v1::AGGREGATE_KIND_HOST_COMPANY, kGarage, 20260824);
}

void TestSchool::Start(const Bytes& stay, uint32_t on) {
  StayStarted started;
  started.set_plan_version(1);
  Happened(started, type::v1::AGGREGATE_KIND_STAY, stay, on);
}

void TestSchool::Outcome(const Bytes& stay, const std::string& activity,
                         type::v1::OutcomeKind kind) {
  const auto happened = [&](auto event) {
    event.set_activity(activity);
    Happened(event, type::v1::AGGREGATE_KIND_STAY, stay, 20261001);
  };
  if (kind == type::v1::OUTCOME_KIND_COMPLETED) happened(ActivityCompleted());
  if (kind == type::v1::OUTCOME_KIND_PARTLY) happened(ActivityPartlyPerformed());
  if (kind == type::v1::OUTCOME_KIND_NOT_PERFORMED) happened(ActivityNotPerformed());
}

void TestSchool::End(const Bytes& stay, const std::vector<std::string>& missed, uint32_t on) {
  StayEnded ended;
  ended.set_ended_on(on);
  ended.set_kind(type::v1::STAY_END_KIND_AS_PLANNED);
  Happened(ended, type::v1::AGGREGATE_KIND_STAY, stay, on);
  const std::vector<type::v1::PlannedActivity> plan = Plan();
  for (const std::string& activity : missed) {
    MakeUpRequired required;
    required.set_stay_id(stay);
    required.set_activity(activity);
    const auto planned = std::ranges::find(plan, activity, &type::v1::PlannedActivity::activity);
    for (const auto& share : planned->shares()) required.add_modules(share.module());
    required.set_outcome(type::v1::OUTCOME_KIND_NOT_PERFORMED);
    Happened(required, type::v1::AGGREGATE_KIND_MAKE_UP, stay + activity, on);
  }
}

void TestSchool::Evaluate(const Bytes& student, const std::string& module, uint32_t attempt,
                          type::v1::EvaluationResult result, uint32_t on) {
  SummativeEvaluationRecorded recorded;
  recorded.set_module(module);
  recorded.set_programme_code("5830");
  recorded.set_attempt(attempt);
  recorded.set_result(result);
  recorded.set_sat_from_on(on);
  recorded.set_sat_to_on(on);
  Happened(recorded, type::v1::AGGREGATE_KIND_MODULE_RECORD, student + module, on);
}

void TestSchool::SetPolicy(const school::v1::PolicySetting& setting, uint32_t effective_on) {
  PolicySet set;
  *set.mutable_setting() = setting;
  set.set_effective_on(effective_on);
  set.set_policy_version(++policy_version_);
  Happened(set, type::v1::AGGREGATE_KIND_SCHOOL, kTestSchool, 20260805);
}

}  // namespace jalon::api
