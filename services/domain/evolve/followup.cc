// Events of FollowUpService, and the make-up that the end of a stay requires: what they leave in
// the student's row.
#include <algorithm>
#include <utility>

#include "jalon/event/v1/followup_events.pb.h"
#include "services/domain/evolve/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

// Changes the make-up whose aggregate the event is: stay_id ‖ activity. It comes to exist by the
// first event, and keeps the order of the plan.
template <typename Change>
void ChangeMakeUp(const Event& event, Rows& rows, Change change) {
  const std::string_view stay_id = event.aggregate().substr(0, kStayIdBytes);
  for (Shared<Stay>& stay : rows.Student(StudentOf(stay_id)).stays) {
    if (stay->id != stay_id) continue;
    const auto index = stay->plan->IndexOf(event.aggregate().substr(kStayIdBytes));
    if (!index) return;
    stay.Change([&](Stay& changed) {
      const auto activity = static_cast<uint32_t>(*index);
      auto place = std::ranges::lower_bound(changed.make_ups, activity, {}, &MakeUp::activity);
      if (place == changed.make_ups.end() || place->activity != activity) {
        place = changed.make_ups.emplace(place);
        place->activity = activity;
      }
      place->version = event.version();
      place->latest = event.Ref();
      change(*place);
    });
    return;
  }
}

void Evolve(const event::v1::MakeUpRequired&, const Event& event, Rows& rows) {
  ChangeMakeUp(event, rows, [&](MakeUp& make_up) {
    make_up.state = type::v1::MAKE_UP_STATE_REQUIRED;
    make_up.required = event.Ref();
    make_up.closed_with_enrolment = false;
  });
}

void Evolve(const event::v1::MakeUpPlanned& planned, const Event& event, Rows& rows) {
  ChangeMakeUp(event, rows, [&](MakeUp& make_up) {
    make_up.state = type::v1::MAKE_UP_STATE_PLANNED;
    make_up.session_id = planned.session_id();
  });
}

void Evolve(const event::v1::MakeUpCompleted& completed, const Event& event, Rows& rows) {
  ChangeMakeUp(event, rows, [&](MakeUp& make_up) {
    make_up.state = type::v1::MAKE_UP_STATE_COMPLETED;
    make_up.completed_on = event.occurred_on();
    make_up.session_id = completed.session_id();
  });
}

void Evolve(const event::v1::MakeUpDischarged& discharged, const Event& event, Rows& rows) {
  ChangeMakeUp(event, rows, [&](MakeUp& make_up) {
    make_up.state = type::v1::MAKE_UP_STATE_DISCHARGED;
    make_up.closed_with_enrolment =
        discharged.cause() == type::v1::DISCHARGE_CAUSE_ENROLMENT_CLOSED;
  });
}

void Evolve(const event::v1::FollowUpRecorded& followed, const Event& event, Rows& rows) {
  ChangeStay(event, rows, [&](Stay& stay) {
    for (const uint32_t number : followed.observation_numbers()) {
      std::erase(stay.open_observations, number);
    }
  });
}

}  // namespace

void RegisterFollowUpEvents(Events& events) {
  events.Add<event::v1::MakeUpRequired>(Evolve);
  events.Add<event::v1::MakeUpPlanned>(Evolve);
  events.Add<event::v1::MakeUpCompleted>(Evolve);
  events.Add<event::v1::MakeUpDischarged>(Evolve);
  events.Add<event::v1::FollowUpRecorded>(Evolve);
}

}  // namespace jalon::domain
