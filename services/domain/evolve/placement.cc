// Events of PlacementService: what they leave in the student's row, and a seat in the company's.
#include <algorithm>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/base/wire.h"
#include "jalon/event/v1/placement_events.pb.h"
#include "services/domain/evolve/plans.h"
#include "services/domain/evolve/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

// Aggregate of an assignment: student_id ‖ sequence_id.
Assignment& EditAssignment(const Event& event, Rows& rows) {
  StudentState& student = rows.Student(event.aggregate().substr(0, kPersonIdBytes));
  const std::string_view sequence_id = event.aggregate().substr(kPersonIdBytes);
  const auto found = std::ranges::find(student.assignments, sequence_id, &Assignment::sequence_id);
  Assignment& assignment =
      found != student.assignments.end() ? *found : student.assignments.emplace_back();
  assignment.sequence_id = sequence_id;
  assignment.version = event.version();
  return assignment;
}

TrainingPlan PlanOf(const event::v1::StayScheduled& scheduled) {
  TrainingPlan plan;
  for (const auto& activity : scheduled.activities()) {
    PlannedActivity& planned = plan.activities.emplace_back();
    planned.code = activity.activity();
    planned.planned_minutes = activity.planned_minutes();
    for (const auto& share : activity.shares()) {
      planned.shares.push_back({.module = share.module(), .minutes = share.minutes()});
    }
    planned.objectives.assign(activity.objectives().begin(), activity.objectives().end());
    plan.objectives.insert(plan.objectives.end(), planned.objectives.begin(),
                           planned.objectives.end());
  }
  std::ranges::sort(plan.objectives);
  const auto rest = std::ranges::unique(plan.objectives);
  plan.objectives.erase(rest.begin(), rest.end());
  for (const auto& share : scheduled.prescribed()) {
    plan.prescribed.push_back({.module = share.module(), .minutes = share.minutes()});
  }
  return plan;
}

}  // namespace

bool SharePlan(const std::string& fields, Rows& rows, PlanRef* plan) {
  const Hash digest = Sha256(fields);
  PlanPtr kept = rows.Find<TrainingPlan>(View(digest));
  if (kept == nullptr) {
    event::v1::StayScheduled scheduled;
    if (!scheduled.ParseFromString(fields)) return false;
    rows.Edit<TrainingPlan>(View(digest)) = PlanOf(scheduled);
    kept = rows.Find<TrainingPlan>(View(digest));
  }
  *plan = {digest, std::move(kept)};
  return true;
}

namespace {

void Evolve(const event::v1::SequenceAssigned& assigned, const Event& event, Rows& rows) {
  Assignment& assignment = EditAssignment(event, rows);
  assignment.sequence_version = assigned.sequence_version();
  assignment.type = assigned.type();
  assignment.programme_code = assigned.programme_code();
  assignment.modules.assign(assigned.modules().begin(), assigned.modules().end());
  assignment.assigned = event.Ref();
}

void Evolve(const event::v1::TargetReleased& released, const Event& event, Rows& rows) {
  Assignment& assignment = EditAssignment(event, rows);
  std::erase(assignment.modules, released.module());
  assignment.released.push_back(released.module());
}

// Read in place: nine tenths of the payload are the plan.
bool EvolveStayScheduled(std::string_view payload, const Event& event, Rows& rows) {
  using event::v1::StayScheduled;
  Stay stay;
  stay.id = event.aggregate();
  stay.version = event.version();
  stay.state = type::v1::STAY_STATE_PLANNED;
  stay.scheduled = event.Ref();
  std::string plan;
  wire::Reader fields(payload);
  for (wire::Field field; fields.Next(&field);) {
    switch (field.id) {
      case StayScheduled::kSequenceIdFieldNumber:
        stay.sequence_id = field.bytes;
        break;
      case StayScheduled::kSequenceVersionFieldNumber:
        stay.sequence_version = field.U32();
        break;
      case StayScheduled::kTypeFieldNumber:
        stay.type = static_cast<type::v1::SequenceType>(field.U32());
        break;
      case StayScheduled::kProgrammeCodeFieldNumber:
        stay.programme_code = field.bytes;
        break;
      case StayScheduled::kCompanyIdFieldNumber:
        stay.company_id = field.bytes;
        break;
      case StayScheduled::kGroupIdFieldNumber:
        stay.group_id = field.bytes;
        break;
      case StayScheduled::kStartsOnFieldNumber:
        stay.starts_on = field.U32();
        break;
      case StayScheduled::kEndsOnFieldNumber:
        stay.ends_on = field.U32();
        break;
      case StayScheduled::kActivitiesFieldNumber:
      case StayScheduled::kPrescribedFieldNumber:
        wire::AppendBytes(field.id, field.bytes, &plan);
        break;
      case StayScheduled::kPlanVersionFieldNumber:
        stay.plan_version = field.U32();
        break;
      default:
        break;
    }
  }
  if (!fields.ok() || !SharePlan(plan, rows, &stay.plan)) return false;
  stay.outcomes.resize(stay.plan->activities.size());
  stay.estimates.resize(stay.plan->objectives.size());
  CompanyState& company = rows.Company(stay.company_id);
  company.Book(stay.starts_on, stay.ends_on, 1);
  company.Host(stay.sequence_id);
  rows.Student(StudentOf(event.aggregate())).stays.emplace_back(std::move(stay));
  return true;
}

void Evolve(const event::v1::TrainingPlanAccepted& accepted, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    stay.answer = {.plan_version = accepted.plan_version(),
                   .accepted = true,
                   .signatory_id = ActingPerson(event),
                   .fact = event.Ref()};
  });
}

void Evolve(const event::v1::TrainingPlanDeclined& declined, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    stay.answer = {.plan_version = declined.plan_version(),
                   .accepted = false,
                   .signatory_id = ActingPerson(event),
                   .fact = event.Ref()};
  });
}

void Evolve(const event::v1::TutorAssigned& assigned, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    stay.tutor.Hand(
        {.person_id = assigned.tutor_id(), .from_on = assigned.from_on(), .fact = event.Ref()});
  });
}

void Evolve(const event::v1::TutorReplaced& replaced, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    stay.tutor.Hand(
        {.person_id = replaced.tutor_id(), .from_on = replaced.from_on(), .fact = event.Ref()});
  });
}

void Evolve(const event::v1::SchoolSupervisorAssigned& assigned, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    stay.supervisor.Hand({.person_id = assigned.supervisor_id(),
                          .from_on = assigned.from_on(),
                          .fact = event.Ref()});
  });
}

void Evolve(const event::v1::SupervisionProposed& proposed, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    Supervision& supervision = stay.supervision;
    supervision.proposal_count = proposed.proposal_number();
    const bool by_company = proposed.by_company();
    (by_company ? supervision.company_proposal : supervision.school_proposal) =
        proposed.proposal_number();
    (by_company ? supervision.company_proposer : supervision.school_proposer) = ActingPerson(event);
  });
}

void Evolve(const event::v1::SupervisionAgreed& agreed, const Event& event, Rows& rows) {
  ChangeStay(event, rows,
             [&](Stay& stay) { stay.supervision.Agree(agreed.proposal_number(), event.Ref()); });
}

void Evolve(const event::v1::PreparationRecorded& preparation, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    if (preparation.late()) return;  // a fact, but it does not clear R22
    if (stay.prepared_on != 0 && stay.prepared_on <= event.occurred_on()) return;
    stay.prepared_on = event.occurred_on();
    stay.prepared = event.Ref();
  });
}

}  // namespace

void RegisterPlacementEvents(Events& events) {
  events.Add<event::v1::SequenceAssigned>(Evolve);
  events.Add<event::v1::TargetReleased>(Evolve);
  events.AddInPlace<event::v1::StayScheduled>(EvolveStayScheduled);
  events.Add<event::v1::TrainingPlanAccepted>(Evolve);
  events.Add<event::v1::TrainingPlanDeclined>(Evolve);
  events.Add<event::v1::TutorAssigned>(Evolve);
  events.Add<event::v1::TutorReplaced>(Evolve);
  events.Add<event::v1::SchoolSupervisorAssigned>(Evolve);
  events.Add<event::v1::SupervisionProposed>(Evolve);
  events.Add<event::v1::SupervisionAgreed>(Evolve);
  events.Add<event::v1::PreparationRecorded>(Evolve);
}

}  // namespace jalon::domain
