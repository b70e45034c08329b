#include "projections/views/plan_fold.h"

#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

using event::v1::StayScheduled;

static_assert(int{event::v1::StayTransferred::kActivitiesFieldNumber} ==
              int{StayScheduled::kActivitiesFieldNumber});
// Where a StayScheduled has its prescribed hours, a StayTransferred has other messages.

ActivityFacts ActivityOf(std::string_view message) {
  ActivityFacts activity;
  ForEachField(message, [&](const wire::Field& field) {
    using type::v1::PlannedActivity;
    switch (field.id) {
      case PlannedActivity::kActivityFieldNumber:
        activity.activity = field.bytes;
        break;
      case PlannedActivity::kPlannedMinutesFieldNumber:
        activity.planned_minutes = field.U32();
        break;
      case PlannedActivity::kSharesFieldNumber:
        activity.shares.push_back(ShareOf(field.bytes));
        break;
      case PlannedActivity::kObjectivesFieldNumber:
        activity.objectives.emplace_back(field.bytes);
        break;
      default:
        break;
    }
  });
  return activity;
}

}  // namespace

ModuleShare ShareOf(std::string_view message) {
  ModuleShare share;
  ForEachField(message, [&](const wire::Field& field) {
    using type::v1::ModuleMinutes;
    if (field.id == ModuleMinutes::kModuleFieldNumber) share.module = field.bytes;
    if (field.id == ModuleMinutes::kMinutesFieldNumber) share.minutes = field.U32();
  });
  return share;
}

std::string PlanFieldsOf(const EventView& event) {
  const bool has_prescribed = event.type == EventBody::kStayScheduled;
  std::string fields;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == StayScheduled::kActivitiesFieldNumber ||
        (has_prescribed && field.id == StayScheduled::kPrescribedFieldNumber)) {
      wire::AppendBytes(field.id, field.bytes, &fields);
    }
  });
  return fields;
}

PlanRow PlanOf(std::string_view fields) {
  PlanRow plan;
  ForEachField(fields, [&](const wire::Field& field) {
    if (field.id == StayScheduled::kActivitiesFieldNumber) {
      plan.activities.push_back(ActivityOf(field.bytes));
    } else if (field.id == StayScheduled::kPrescribedFieldNumber) {
      plan.prescribed.push_back(ShareOf(field.bytes));
    }
  });
  return plan;
}

}  // namespace jalon::projections
