// How an event finds and changes the part of a student's row that it is about.
#pragma once

#include <algorithm>
#include <string_view>

#include "jalon/type/v1/actor.pb.h"
#include "services/domain/event.h"
#include "services/domain/state.h"

namespace jalon::domain {

// Changes the stay whose aggregate the event is, and counts its version.
template <typename Change>
void ChangeStay(const Event& event, Rows& rows, Change change) {
  for (Shared<Stay>& stay : rows.Student(StudentOf(event.aggregate())).stays) {
    if (stay->id != event.aggregate()) continue;
    stay.Change([&](Stay& changed) {
      changed.version = event.version();
      change(changed);
    });
    return;
  }
}

// The same for a fact of the workplace: from then on the stay cannot end on an earlier day.
template <typename Change>
void ChangeStayByFact(const Event& event, Rows& rows, Change change) {
  ChangeStay(event, rows, [&](Stay& stay) {
    stay.last_fact_on = std::max(stay.last_fact_on, event.occurred_on());
    change(stay);
  });
}

// The person whose act it was: who sent it, or on whose behalf.
inline Bytes ActingPerson(const Event& event) {
  type::v1::OnBehalfOf other;
  if (!event.actor.on_behalf_of().empty() && other.ParseFromString(event.actor.on_behalf_of())) {
    return other.person_id();
  }
  return event.actor.person();
}

}  // namespace jalon::domain
