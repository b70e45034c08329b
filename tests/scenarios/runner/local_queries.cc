#include "tests/scenarios/runner/local_queries.h"

#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "jalon/duty/v1/duty_service.pb.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/domain/decide/stay_facts.h"
#include "services/domain/decide/stays.h"
#include "services/domain/hours.h"
#include "services/domain/sequence_type.h"

namespace jalon::scenarios {
namespace {

using domain::LocalDate;
using domain::State;
using Asked = LocalWorld::Asked;

std::unexpected<Error> NotFound() { return Fail(Code::kNotFound, "NOT_FOUND", "no such thing"); }

bool Sees(const Asked& asked, const domain::Stay& stay) {
  return domain::SeesStay(asked.who, asked.scope, stay, asked.today);
}

// By what is granted, or since the caller sees a stay of the programme as its supervisor.
bool Sees(const Asked& asked, std::string_view student_id, const domain::StudentState& student,
          const domain::Enrolment& enrolment) {
  domain::Matter matter{.student_id = student_id, .programme_code = enrolment.programme.code};
  for (const auto& module : asked.state.Programme(enrolment.programme)->modules) {
    matter.modules.push_back(module.code);
  }
  return asked.scope.Covers(matter) || std::ranges::any_of(student.stays, [&](const auto& stay) {
           return stay->programme_code == enrolment.programme.code && Sees(asked, *stay);
         });
}

// The student's first enrolment that the caller sees, or the one in that programme.
const domain::Enrolment* FindEnrolment(const Asked& asked, const Bytes& student_id,
                                       std::string_view programme_code) {
  const domain::StudentState* student = asked.state.Student(student_id);
  if (student == nullptr) return nullptr;
  for (const domain::Enrolment& enrolment : student->enrolments) {
    const bool meant = programme_code.empty() || enrolment.programme.code == programme_code;
    if (meant && Sees(asked, student_id, *student, enrolment)) return &enrolment;
  }
  return nullptr;
}

Result<void> Eligibility(const Asked& asked,
                         const progress::v1::GetSummativeEligibilityRequest& request,
                         progress::v1::GetSummativeEligibilityResponse& response) {
  State& state = asked.state;
  const LocalDate today = asked.today;
  const domain::Enrolment* enrolment =
      FindEnrolment(asked, request.student_id(), request.programme_code());
  if (enrolment == nullptr) return NotFound();
  const domain::StudentState* student = state.Student(request.student_id());
  const LocalDate on = request.on() == 0 ? today : request.on();
  const domain::Policy policy(*state.School(), on);
  const domain::EligibilityFacts facts = domain::EligibilityFactsOf(*student, *enrolment, state);
  const auto answer = [&](const std::string& module) {
    const domain::Eligibility eligibility =
        domain::SummativeEligibility(facts, module, on, domain::EligibilityPolicyOf(policy));
    *response.add_modules() = domain::ToProto(eligibility, module);
  };
  response.set_on(on);
  response.set_policy_version(policy.Version());
  if (student->erased.seq != 0) *response.mutable_erased() = domain::ToProto(student->erased);
  if (!request.module().empty()) {
    answer(request.module());
    return {};
  }
  for (const domain::ModuleMinutes& module : facts.modules) answer(module.module);
  return {};
}

Result<void> Readiness(const Asked& asked, const placement::v1::GetStartReadinessRequest& request,
                       placement::v1::GetStartReadinessResponse& response) {
  State& state = asked.state;
  const LocalDate today = asked.today;
  const domain::StudentState* student = state.Student(domain::StudentOf(request.stay_id()));
  const domain::Stay* stay = student == nullptr ? nullptr : student->FindStay(request.stay_id());
  if (stay == nullptr || !Sees(asked, *stay)) return NotFound();
  const LocalDate on = request.on() == 0 ? today : request.on();
  const domain::Policy policy(*state.School(), today);
  const domain::StartReadiness readiness =
      domain::ReadinessToStart(domain::StartReadinessFactsOf(*stay, state, policy, on), on);
  placement::v1::StayReadiness& row = *response.add_stays();
  row.mutable_stay()->set_stay_id(stay->id);
  row.set_ready(readiness.ready());
  for (const auto& lack : readiness.lacking) *row.add_refusals() = domain::ToProto(lack);
  for (const auto& warning : readiness.warnings) *row.add_warnings() = domain::ToProto(warning);
  response.set_policy_version(policy.Version());
  return {};
}

uint32_t Sum(const std::vector<domain::ModuleMinutes>& shares) {
  uint32_t minutes = 0;
  for (const domain::ModuleMinutes& share : shares) minutes += share.minutes;
  return minutes;
}

uint32_t AllottedBy(const domain::ProgrammeState& programme) {
  uint32_t minutes = 0;
  for (const domain::Module& module : programme.modules) minutes += module.allotted_minutes;
  return minutes;
}

// Of what the stay plans on a module, as much as it says is prescribed (R8).
uint32_t PrescribedMinutes(const domain::TrainingPlan& plan) {
  uint32_t minutes = 0;
  for (const domain::ModuleMinutes& prescribed : plan.prescribed) {
    uint32_t planned = 0;
    for (const domain::PlannedActivity& activity : plan.activities) {
      planned += domain::MinutesOf(activity.shares, prescribed.module);
    }
    minutes += std::min(prescribed.minutes, planned);
  }
  return minutes;
}

// Totals and stays, by what ScheduleStays decides by.
Result<void> Ledger(const Asked& asked, const progress::v1::GetHoursLedgerRequest& request,
                    progress::v1::GetHoursLedgerResponse& response) {
  const domain::Enrolment* enrolment = FindEnrolment(asked, request.student_id(), {});
  if (enrolment == nullptr) return NotFound();
  const domain::StudentState* student = asked.state.Student(request.student_id());
  progress::v1::HoursLedger& ledger = *response.mutable_ledger();
  ledger.set_student_id(request.student_id());
  ledger.set_programme_code(enrolment->programme.code);
  ledger.set_allotted_minutes(AllottedBy(*asked.state.Programme(enrolment->programme)));
  for (const auto& stay : student->stays) {
    if (stay->programme_code != enrolment->programme.code) continue;
    const domain::HoursTaken taken = domain::HoursTakenBy(*stay);
    const bool cancelled = stay->state == type::v1::STAY_STATE_CANCELLED;
    progress::v1::StayHours& row = *ledger.add_stays();
    row.set_stay_id(stay->id);
    row.set_planned_minutes(cancelled ? 0 : stay->plan->PlannedMinutes());
    row.set_taken_minutes(Sum(taken.planned));
    row.set_added_minutes(stay->AddedMinutes());
    row.set_logged_minutes(stay->logged_minutes);
    for (const domain::LoggedDay& day : stay->days) {
      row.set_confirmed_minutes(row.confirmed_minutes() + day.confirmed);
    }
    row.set_overrun(stay->IsOverrun());
    if (!domain::RulesOf(stay->type).inside_allotted_hours) continue;
    ledger.set_planned_minutes(ledger.planned_minutes() + row.planned_minutes());
    ledger.set_taken_minutes(ledger.taken_minutes() + row.taken_minutes());
    ledger.set_added_minutes(ledger.added_minutes() + row.added_minutes());
    ledger.set_logged_minutes(ledger.logged_minutes() + row.logged_minutes());
    if (cancelled) continue;
    ledger.set_prescribed_minutes(ledger.prescribed_minutes() + PrescribedMinutes(*stay->plan));
  }
  return {};
}

// What is required and not planned: only then has a make-up no owner, whom the state does not keep.
Result<void> MakeUps(const Asked& asked, const duty::v1::ListMakeUpsRequest& request,
                     duty::v1::ListMakeUpsResponse& response) {
  const domain::StudentState* student = asked.state.Student(request.student_id());
  if (student == nullptr) return NotFound();
  for (const auto& stay : student->stays) {
    for (const domain::MakeUp& make_up : stay->make_ups) {
      if (make_up.state != type::v1::MAKE_UP_STATE_REQUIRED) continue;
      duty::v1::MakeUpRow& row = *response.add_make_ups();
      row.set_stay_id(stay->id);
      row.set_activity(stay->plan->activities[make_up.activity].code);
      row.set_state(make_up.state);
    }
  }
  return {};
}

Result<void> Sequence(const Asked& asked, const catalogue::v1::GetSequenceRequest& request,
                      catalogue::v1::GetSequenceResponse& response) {
  const domain::SequenceState* sequence = asked.state.Sequence(request.sequence_id());
  if (sequence == nullptr ||
      !response.mutable_definition()->ParseFromString(sequence->definition)) {
    return NotFound();
  }
  response.set_sequence_id(request.sequence_id());
  response.set_published(!sequence->IsDraft());
  return {};
}

template <typename Request, typename Response>
void Add(LocalWorld& world, Result<void> (*answer)(const Asked&, const Request&, Response&)) {
  world.AddQuery(Request::descriptor(),
                 [answer](const Asked& asked, const google::protobuf::Message& request,
                          google::protobuf::Message* response) -> Result<void> {
                   if (asked.scope.IsNothing()) return NotFound();
                   return answer(asked, static_cast<const Request&>(request),
                                 static_cast<Response&>(*response));
                 });
}

}  // namespace

void AddLocalQueries(LocalWorld& world) {
  Add(world, Eligibility);
  Add(world, Readiness);
  Add(world, Ledger);
  Add(world, MakeUps);
  Add(world, Sequence);
}

}  // namespace jalon::scenarios
