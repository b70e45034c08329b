// How long what is held of a person is kept, and what stands in the way of erasing it.
//
// Retention counts from the last fact that is recorded about the person, by the day on which it
// happened: the last day of a stay, an evaluation, a make-up, an enrolment. Once there is a command
// that closes an enrolment, that is a fact too.
#pragma once

#include "services/domain/context.h"
#include "services/domain/refusals.h"
#include "services/domain/state.h"

namespace jalon::domain {

// What the state knows of a person; null: nothing of that kind.
struct HeldPerson {
  const StudentState* student = nullptr;
  const PersonState* person = nullptr;
  const ErasureState* erasure = nullptr;

  bool IsKnown() const { return student != nullptr || person != nullptr; }
  uint64_t Version() const { return erasure == nullptr ? 0 : erasure->version; }
};

HeldPerson FindHeldPerson(std::string_view person_id, State& state);

// The last fact about the person, by day.
FactRef LastFactOf(const HeldPerson& held);
// The last day of retention, by the school's policy in force on that day.
LocalDate KeptUntil(const HeldPerson& held, const SchoolState& school, LocalDate today);

// RETENTION_NOT_REACHED, LEGAL_HOLD, OPEN_DUTY.
void CheckErasable(const HeldPerson& held, const Context& context, const SchoolState& school,
                   Refusals& refusals);

}  // namespace jalon::domain
