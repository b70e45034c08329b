// Events of the end of what is held of a person.
#include <utility>
#include <vector>

#include "jalon/event/v1/privacy_events.pb.h"
#include "services/domain/evolve/external_id.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

ErasureState& Of(const Event& event, Rows& rows) {
  auto& erasure = rows.Edit<ErasureState>(event.aggregate());
  erasure.version = event.version();
  return erasure;
}

void Evolve(const event::v1::LegalHoldPlaced&, const Event& event, Rows& rows) {
  Of(event, rows).hold = event.Ref();
}

void Evolve(const event::v1::LegalHoldReleased&, const Event& event, Rows& rows) {
  Of(event, rows).hold = {};
}

void Evolve(const event::v1::ErasureRequested& requested, const Event& event, Rows& rows) {
  ErasureState& erasure = Of(event, rows);
  erasure.requested_by = event.actor.person();
  erasure.requested = event.Ref();
  erasure.request_expires_on = requested.expires_on();
}

// Whoever comes back is somebody new.
void Evolve(const event::v1::PersonKeyDestroyed&, const Event& event, Rows& rows) {
  Of(event, rows).erased = event.Ref();
  const std::string_view person_id = event.aggregate();
  if (rows.Find<StudentState>(person_id) != nullptr) {
    StudentState& student = rows.Student(person_id);
    student.erased = event.Ref();
    Forget(std::exchange(student.lookup_macs, {}), person_id, rows);
  }
  if (rows.Find<PersonState>(person_id) != nullptr) {
    Forget(std::exchange(rows.Person(person_id).lookup_macs, {}), person_id, rows);
  }
}

}  // namespace

void RegisterErasureEvents(Events& events) {
  events.Add<event::v1::LegalHoldPlaced>(Evolve);
  events.Add<event::v1::LegalHoldReleased>(Evolve);
  events.Add<event::v1::ErasureRequested>(Evolve);
  events.Add<event::v1::PersonKeyDestroyed>(Evolve);
}

}  // namespace jalon::domain
