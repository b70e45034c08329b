#include "projections/views/year_testing.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <utility>

#include "eventstore/base/hash.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/refusal/v1/refusal_reason.pb.h"
#include "jalon/type/v1/actor.pb.h"
#include "jalon/type/v1/prior.pb.h"
#include "jalon/type/v1/role.pb.h"
#include "projections/views/views_testing.h"
#include "projections/views/year_maker_testing.h"

namespace jalon::projections::testing {

namespace ev = event::v1;
namespace ty = type::v1;

constexpr int64_t kTrailRecordedAt = 1'788'000'000'000'000;

void YearMaker::Make() {
  for (uint32_t number = 0; number < options_.schools; ++number) Found(number);
  ForEachSchool([&](School& school) { Enrol(school); });
  ForEachSchool([&](School& school) { Place(school); });
  ForEachSchool([&](School& school) { Arrange(school); });
  ForEach([&](School& school, const Student& student) { Start(school, student); });
  ForEach([&](School& school, const Student& student) { Except(school, student); });
  for (uint32_t week = 0; week < kWeeks; ++week) {
    ForEach([&](School& school, const Student& student) { Work(school, student, week); });
  }
  ForEach([&](School& school, const Student& student) { End(school, student); });
  ForEach([&](School& school, const Student& student) { MakeUp(school, student); });
  ForEach([&](School& school, const Student& student) { Evaluate(school, student); });
}

std::string YearMaker::RandomBytes(size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    uint64_t word = random_();
    for (int i = 0; i < 8 && bytes.size() < size; ++i, word >>= 8) {
      bytes.push_back(static_cast<char>(word));
    }
  }
  return bytes;
}

ty::Sealed YearMaker::Seal(const Student& student, std::string_view path, size_t clear_bytes) {
  ty::Sealed sealed;
  sealed.set_subject(student.id);
  sealed.set_key_id(RandomBytes(8));
  sealed.set_nonce(RandomBytes(24));
  sealed.set_ciphertext(RandomBytes(clear_bytes + 16));
  sealed.set_commitment(RandomBytes(32));
  sealed.set_request_id(RandomBytes(16));
  sealed.set_path(std::string(path));
  return sealed;
}

log::v1::Event& YearMaker::Add(School& school, ty::AggregateKind kind, const std::string& aggregate,
                               const google::protobuf::Message& payload, uint32_t occurred_on,
                               const Student* student) {
  log::v1::Event& event = record_.emplace_back();
  event.set_tenant(school.id);
  event.set_type(TypeOf(payload));
  event.set_aggregate_kind(kind);
  event.set_aggregate(aggregate);
  event.set_version(++school.versions[aggregate]);
  if (student != nullptr) event.set_subject(student->id);
  event.set_occurred_on(occurred_on);
  event.set_payload(payload.SerializeAsString());
  return event;
}

void YearMaker::Report(School& school, const Student& student,
                       const google::protobuf::Message& payload, uint32_t occurred_on) {
  log::v1::Event& event =
      Add(school, ty::AGGREGATE_KIND_STAY, student.stay_id, payload, occurred_on, &student);
  event.mutable_actor()->set_person(school.tutors[student.company]);
  event.mutable_actor()->set_role(ty::ROLE_WORKPLACE_TUTOR);
  event.mutable_actor()->set_origin(ty::ORIGIN_DIRECT);
  event.mutable_trail()->set_key(school.companies[student.company]);
  event.mutable_trail()->set_index(school.trails[school.companies[student.company]]++);
  event.mutable_trail()->set_recorded_at(kTrailRecordedAt);
}

void YearMaker::Emit(School& school) {
  if (!record_.empty()) emit_(school.id, std::exchange(record_, {}));
}

void YearMaker::Start(School& school, const Student& student) {
  Add(school, ty::AGGREGATE_KIND_STAY, student.stay_id, ev::StayStarted(), kMonday, &student);
  Emit(school);
}

void YearMaker::Except(School& school, const Student& student) {
  if (!student.Every(19)) return;
  const auto about = [&](const google::protobuf::Message& event) {
    Add(school, ty::AGGREGATE_KIND_STAY, student.stay_id, event, kMonday, &student);
  };
  ev::TrainingPlanDeclined declined;
  declined.set_plan_version(1);
  *declined.mutable_reason() = Seal(student, "reason", 30);
  Report(school, student, declined, kMonday);
  ev::TutorReplaced tutor;
  tutor.set_tutor_id(school.tutors[0]);
  tutor.set_from_on(kMondays[3]);
  tutor.set_previous_id(school.tutors[student.company]);
  about(tutor);
  ev::StartDeviationRecorded deviation;
  deviation.add_missing(refusal::v1::REFUSAL_REASON_PLAN_NOT_ACCEPTED);
  about(deviation);
  ev::HoursConfirmed confirmed;
  confirmed.set_minutes(300);
  about(confirmed);
  ev::HoursOverrun overrun;
  overrun.set_planned_minutes(9000);
  overrun.set_logged_minutes(9060);
  about(overrun);
  ev::AdditionalHoursGranted granted;
  granted.set_minutes(240);
  auto* share = granted.add_shares();
  share->set_module(kModules[0]);
  share->set_minutes(240);
  about(granted);
  Emit(school);
  const auto of_company = [&](const google::protobuf::Message& event) {
    Add(school, ty::AGGREGATE_KIND_HOST_COMPANY, school.companies[student.company], event, kMonday);
    Emit(school);
  };
  for (uint32_t number : {1u, 2u}) {
    ev::ResourceGapReported gap;
    gap.set_gap_number(number);
    gap.set_sequence_id(school.sequence_id);
    gap.mutable_gap()->add_activities("a3");
    gap.mutable_gap()->set_description("No brake bench.");
    of_company(gap);
  }
  ev::ResourceGapMitigated mitigated;
  mitigated.set_gap_number(1);
  mitigated.mutable_mitigation()->set_kind(company::v1::MITIGATION_KIND_AT_SCHOOL);
  of_company(mitigated);
  ev::ResourceGapResolved resolved;
  resolved.set_gap_number(2);
  of_company(resolved);
}

void YearMaker::Work(School& school, const Student& student, uint32_t week) {
  uint32_t friday = 0;
  for (uint32_t day = 0; day < 5; ++day) {
    friday = kMondays[week] + day;
    if (friday % 100 > 30) friday += 70;  // September has 30 days
    ev::HoursLogged logged;
    logged.set_minutes(student.Every(9) ? 480 : 360);
    Add(school, ty::AGGREGATE_KIND_STAY, student.stay_id, logged, friday, &student);
  }
  Emit(school);
  const std::string activity = fmt::format("a{}", week + 1);
  if (activity == "a2" && student.Every(5)) {
    ev::ActivityPartlyPerformed partly;
    partly.set_activity(activity);
    partly.set_cause(ty::OUTCOME_CAUSE_TIME);
    Report(school, student, partly, friday);
  } else if (activity != "a3" || !student.Every(6)) {
    ev::ActivityCompleted completed;
    completed.set_activity(activity);
    Report(school, student, completed, friday);
  }
  Emit(school);
  ev::FormativeEstimateReported estimate;
  estimate.set_objective(fmt::format("o{}", week + 1));
  *estimate.mutable_words() = Seal(student, "words", 60);
  Report(school, student, estimate, friday);
  Emit(school);
  if (week != 2 || !student.Every(10)) return;
  ev::AttitudeObserved observed;
  observed.set_observation_number(1);
  *observed.mutable_words() = Seal(student, "words", 30);
  Report(school, student, observed, friday);
  Emit(school);
}

void YearMaker::End(School& school, const Student& student) {
  if (!student.Every(11)) {
    ev::TutorReportSubmitted report;
    report.set_kind(ty::TUTOR_REPORT_KIND_FINAL);
    *report.mutable_words() = Seal(student, "words", 40);
    Report(school, student, report, 20261009);
    Emit(school);
  }
  ev::StayEnded ended;
  ended.set_ended_on(20261009);
  ended.set_kind(ty::STAY_END_KIND_AS_PLANNED);
  Add(school, ty::AGGREGATE_KIND_STAY, student.stay_id, ended, 20261009, &student);
  const auto require = [&](const std::string& activity, ty::OutcomeKind outcome,
                           ty::OutcomeCause cause) {
    ev::MakeUpRequired required;
    required.set_stay_id(student.stay_id);
    required.set_activity(activity);
    required.add_modules(kModules[0]);
    required.set_outcome(outcome);
    required.set_cause(cause);
    Add(school, ty::AGGREGATE_KIND_MAKE_UP, student.stay_id + activity, required, 20261009,
        &student);
  };
  if (student.Every(5)) require("a2", ty::OUTCOME_KIND_PARTLY, ty::OUTCOME_CAUSE_TIME);
  if (student.Every(6)) {
    ev::ActivityNotPerformed missed;
    missed.set_activity("a3");
    missed.set_cause(ty::OUTCOME_CAUSE_PRESUMED);
    Add(school, ty::AGGREGATE_KIND_STAY, student.stay_id, missed, 20261009, &student);
    require("a3", ty::OUTCOME_KIND_NOT_PERFORMED, ty::OUTCOME_CAUSE_PRESUMED);
  }
  Emit(school);
}

void YearMaker::MakeUp(School& school, const Student& student) {
  if (student.Every(20)) {
    ev::FollowUpRecorded follow_up;
    follow_up.add_observation_numbers(1);
    *follow_up.mutable_words() = Seal(student, "words", 40);
    Add(school, ty::AGGREGATE_KIND_STAY, student.stay_id, follow_up, 20261014, &student);
    Emit(school);
  }
  for (const char* activity : {"a2", "a3"}) {
    if (!student.Every(activity == std::string("a2") ? 5 : 6)) continue;
    const std::string aggregate = student.stay_id + activity;
    ev::MakeUpPlanned planned;
    planned.set_owner_id(school.teacher);
    planned.set_due_on(20261115);
    Add(school, ty::AGGREGATE_KIND_MAKE_UP, aggregate, planned, 20261014, &student);
    Emit(school);
    if (student.Every(4)) continue;
    if (student.Every(3)) {
      ev::MakeUpDischarged discharged;
      discharged.set_cause(ty::DISCHARGE_CAUSE_ACHIEVED_OTHERWISE);
      Add(school, ty::AGGREGATE_KIND_MAKE_UP, aggregate, discharged, 20261108, &student);
    } else {
      Add(school, ty::AGGREGATE_KIND_MAKE_UP, aggregate, ev::MakeUpCompleted(), 20261108, &student);
    }
    Emit(school);
  }
}

void YearMaker::Evaluate(School& school, const Student& student) {
  for (const char* module : kModules) {
    ev::SummativeEvaluationRecorded evaluation;
    evaluation.set_module(module);
    evaluation.set_programme_code(school.programme);
    evaluation.set_attempt(1);
    evaluation.set_sat_from_on(20261123);
    evaluation.set_sat_to_on(20261123);
    evaluation.set_policy_version(1);
    evaluation.set_evaluator_id(school.teacher);
    for (uint64_t i = 1; i <= 3; ++i) {
      auto* item = evaluation.add_basis();
      item->set_stay_id(student.stay_id);
      item->set_activity(fmt::format("a{}", i));
      evaluation.add_based_on_seqs(1000 * i);
    }
    if (student.Every(19)) {  // absent first: no attempt
      evaluation.set_result(ty::EVALUATION_RESULT_ABSENT);
      Add(school, ty::AGGREGATE_KIND_MODULE_RECORD, student.id + module, evaluation, 20261123,
          &student);
    }
    evaluation.set_result(student.Every(13) ? ty::EVALUATION_RESULT_FAILURE
                                            : ty::EVALUATION_RESULT_SUCCESS);
    Add(school, ty::AGGREGATE_KIND_MODULE_RECORD, student.id + module, evaluation, 20261123,
        &student);
    Emit(school);
  }
  if (!student.Every(19)) return;
  ev::EvaluationReviewRaised review;
  review.set_module(kModules[0]);
  review.set_programme_code(school.programme);
  review.set_attempt(1);
  review.set_cause(ev::REVIEW_CAUSE_LATE_OUTCOME);
  review.set_stay_id(student.stay_id);
  review.set_activity("a3");
  Add(school, ty::AGGREGATE_KIND_MODULE_RECORD, student.id + kModules[0], review, 20261124,
      &student);
  Emit(school);
}

void MakeYear(const YearOptions& options, const EmitRecord& emit) {
  YearMaker(options, emit).Make();
}

std::vector<log::v1::Event> ErasureOf(const std::string& student_id) {
  std::vector<log::v1::Event> events;
  const auto add = [&](uint32_t type, const google::protobuf::Message& payload) {
    log::v1::Event& event = events.emplace_back();
    event.set_tenant(SchoolIdOf(0));
    event.set_type(type);
    event.set_aggregate_kind(ty::AGGREGATE_KIND_PERSON);
    event.set_aggregate(student_id);
    event.set_version(events.size());
    event.set_subject(student_id);
    event.set_occurred_on(20340110);
    event.set_payload(payload.SerializeAsString());
  };
  ev::LegalHoldPlaced placed;
  placed.set_basis(privacy::v1::LEGAL_HOLD_BASIS_INQUIRY);
  placed.set_document_ref("M-17");
  ev::LegalHoldReleased released;
  released.set_basis(privacy::v1::LEGAL_HOLD_BASIS_MATTER_CLOSED);
  ev::ErasureRequested requested;
  requested.set_expires_on(20340209);
  ev::PersonKeyDestroyed destroyed;
  destroyed.set_request_seq(1);
  destroyed.set_kept_until_on(20331123);
  destroyed.set_policy_version(2);
  add(ev::EventBody::kLegalHoldPlaced, placed);
  add(ev::EventBody::kLegalHoldReleased, released);
  add(ev::EventBody::kErasureRequested, requested);
  add(ev::EventBody::kPersonKeyDestroyed, destroyed);
  return events;
}

namespace {

// One record's events about a student of school 0.
class RightsMaker {
 public:
  explicit RightsMaker(const std::string& student_id) : student_id_(student_id) {}

  void MoveIn();
  void End();
  void Rectify();
  std::vector<log::v1::Event> Take() { return std::move(events_); }

 private:
  void Add(uint32_t type, ty::AggregateKind kind, const std::string& aggregate,
           const google::protobuf::Message& payload) {
    log::v1::Event& event = events_.emplace_back();
    event.set_tenant(SchoolIdOf(0));
    event.set_type(type);
    event.set_aggregate_kind(kind);
    event.set_aggregate(student_id_ + aggregate);
    event.set_version(events_.size());
    event.set_subject(student_id_);
    event.set_occurred_on(20261201);
    event.set_payload(payload.SerializeAsString());
  }
  void Seal(const std::string& path, ty::Sealed* sealed) {
    sealed->set_subject(student_id_);
    sealed->set_path(path);
    sealed->set_ciphertext(path + " of " + student_id_);
    sealed->set_lookup_mac(std::string(32, path.front()));
    sealed->set_content_mac(std::string(32, 'c'));
  }

  const std::string student_id_;
  std::vector<log::v1::Event> events_;
};

void RightsMaker::MoveIn() {
  ev::TransferImported imported;
  imported.set_transfer_id(std::string(16, 't'));
  imported.set_issuer("deployment/transfer");
  imported.set_issuing_school("CFP-SUD");
  imported.set_issuing_school_name("CFP du Sud");
  ev::PriorResultRecorded prior;
  prior.set_module(kModules[1]);
  prior.set_programme_code("5830");
  prior.set_origin(ty::PRIOR_RESULT_ORIGIN_TRANSFER);
  prior.set_result(ty::EVALUATION_RESULT_SUCCESS);
  prior.set_attempts(2);
  prior.set_obtained_on(20260601);
  prior.set_transfer_id(imported.transfer_id());
  ev::StayTransferred stay;
  stay.set_transfer_id(imported.transfer_id());
  stay.set_issuing_school("CFP-SUD");
  stay.set_programme_code("5830");
  stay.set_started_on(20260302);
  stay.set_ended_on(20260430);
  stay.set_known_as(std::string(16, 'k'));
  for (const char* code : {"b1", "b2"}) {
    auto* activity = stay.add_activities();
    activity->set_activity(code);
    activity->set_planned_minutes(600);
    auto* share = activity->add_shares();
    share->set_module(kModules[0]);
    share->set_minutes(600);
    auto* outcome = stay.add_outcomes();
    outcome->set_activity(code);
    outcome->set_outcome(ty::OUTCOME_KIND_PARTLY);
    outcome->set_wording(std::string("wording of ") + code);
  }
  Add(ev::EventBody::kTransferImported, ty::AGGREGATE_KIND_ENROLMENT, "5830", imported);
  Add(ev::EventBody::kPriorResultRecorded, ty::AGGREGATE_KIND_MODULE_RECORD, kModules[1], prior);
  Add(ev::EventBody::kStayTransferred, ty::AGGREGATE_KIND_STAY, "elsewher", stay);
}

void RightsMaker::End() {
  ev::StudentWithdrawn withdrawn;
  withdrawn.set_end(ty::ENROLMENT_END_TRANSFERRED);
  Seal("reason", withdrawn.mutable_reason());
  ev::ProgrammeCompleted completed;
  Seal("reason", completed.mutable_reason());
  Add(ev::EventBody::kStudentWithdrawn, ty::AGGREGATE_KIND_ENROLMENT, "5830", withdrawn);
  Add(ev::EventBody::kProgrammeCompleted, ty::AGGREGATE_KIND_ENROLMENT, "5830", completed);
}

void RightsMaker::Rectify() {
  ev::CorrectionRecorded corrected;
  Seal("identity", corrected.mutable_identity());
  Seal("reason", corrected.mutable_reason());
  corrected.set_corrected_seq(7);
  ev::StatementRecorded stated;
  stated.set_about_seq(9);
  stated.set_about_index(1);
  Seal("words", stated.mutable_statement());
  Seal("reason", stated.mutable_refused_since());
  Add(ev::EventBody::kCorrectionRecorded, ty::AGGREGATE_KIND_PERSON, "", corrected);
  Add(ev::EventBody::kStatementRecorded, ty::AGGREGATE_KIND_PERSON, "", stated);
}

}  // namespace

std::vector<log::v1::Event> RightsOf(const std::string& student_id) {
  RightsMaker maker(student_id);
  maker.MoveIn();
  maker.End();
  maker.Rectify();
  return maker.Take();
}

std::string SchoolIdOf(uint32_t school) {
  const Hash hash = Sha256(fmt::format("school {}", school));
  return std::string(jalon::View(hash).substr(0, 16));
}

}  // namespace jalon::projections::testing
