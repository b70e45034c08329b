// Events of a transfer from another school: what they leave in the student's row.
#include <utility>

#include "eventstore/base/wire.h"
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "services/domain/evolve/plans.h"
#include "services/domain/evolve/stays.h"
#include "services/domain/model/imported_transfer.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

using event::v1::StayTransferred;

static_assert(int{StayTransferred::kActivitiesFieldNumber} ==
              int{event::v1::StayScheduled::kActivitiesFieldNumber});

// Aggregate: student_id ‖ programme code.
void Evolve(const event::v1::TransferImported& imported, const Event& event, Rows& rows) {
  rows.Edit<ImportedTransferState>(imported.transfer_id()) = {
      .student_id = Bytes(event.subject()),
      .imported = event.Ref(),
      .issuer = imported.issuer(),
      .file_sha256 = imported.file_sha256()};
  const std::string_view code = event.aggregate().substr(kPersonIdBytes);
  for (Enrolment& enrolment : rows.Student(event.subject()).enrolments) {
    if (enrolment.programme.code == code) enrolment.version = event.version();
  }
}

// The fields of the event that say the plan, as a StayScheduled says it.
std::string PlanFieldsOf(std::string_view payload) {
  std::string plan;
  wire::Reader fields(payload);
  for (wire::Field field; fields.Next(&field);) {
    if (field.id != StayTransferred::kActivitiesFieldNumber) continue;
    wire::AppendBytes(field.id, field.bytes, &plan);
  }
  return plan;
}

bool EvolveStayTransferred(std::string_view payload, const Event& event, Rows& rows) {
  StayTransferred told;
  if (!told.ParseFromString(std::string(payload))) return false;
  Stay stay;
  stay.id = event.aggregate();
  stay.version = event.version();
  stay.state = type::v1::STAY_STATE_ENDED;
  stay.type = type::v1::SEQUENCE_TYPE_DEVELOPMENT;
  stay.programme_code = told.programme_code();
  stay.starts_on = stay.started_on = told.started_on();
  stay.ends_on = stay.ended_on = stay.last_fact_on = told.ended_on();
  stay.end_kind = type::v1::STAY_END_KIND_AS_PLANNED;
  stay.scheduled = stay.transferred = stay.ended = event.Ref();
  stay.known_as = told.known_as();
  stay.final_report = event.Ref();  // it was that school's to ask for
  if (!SharePlan(PlanFieldsOf(payload), rows, &stay.plan)) return false;
  stay.outcomes.resize(stay.plan->activities.size());
  stay.estimates.resize(stay.plan->objectives.size());
  for (const type::v1::TransferredOutcome& outcome : told.outcomes()) {
    const auto index = stay.plan->IndexOf(outcome.activity());
    if (index) stay.outcomes[*index] = {.kind = outcome.outcome(), .fact = event.Ref()};
  }
  rows.Student(event.subject()).stays.emplace_back(std::move(stay));
  return true;
}

}  // namespace

void RegisterTransferEvents(Events& events) {
  events.Add<event::v1::TransferImported>(Evolve);
  events.AddInPlace<StayTransferred>(EvolveStayTransferred);
}

}  // namespace jalon::domain
