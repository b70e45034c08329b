// Nothing more is recorded about a person who is erased: of every command that names a student or a
// stay, and of each row that does.
#pragma once

#include <string_view>

#include "services/domain/refusals.h"
#include "services/domain/state.h"

namespace jalon::domain {

// The student whom a command, or a row of one, is about, by its student_id or stay_id: the
// student's row if the student is erased, else null.
template <typename Message>
const StudentState* ErasedIn(const Message& message, State& state) {
  std::string_view student_id;
  if constexpr (requires { message.student_id(); }) {
    student_id = message.student_id();
  } else if constexpr (requires { message.stay_id(); }) {
    student_id = StudentOf(message.stay_id());
  }
  if (student_id.size() != kPersonIdBytes) return nullptr;
  const StudentState* student = state.Student(student_id);
  return student != nullptr && student->erased.seq != 0 ? student : nullptr;
}

// What refuses it. Nothing else matters then, but that the caller may know of the student at all.
inline Refusals PersonErased(const StudentState& student) {
  Refusals refusals;
  refusals.Add(Violation{.reason = Reason::PERSON_ERASED, .facts = {student.erased}});
  return refusals;
}

}  // namespace jalon::domain
