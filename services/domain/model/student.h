// A student, with everything that a rule about one student asks: enrolments, assignments, stays,
// make-ups, evaluations.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"
#include "services/domain/model/programme.h"

namespace jalon::domain {

// A student in a programme: it pins one version.
struct Enrolment {
  uint64_t version = 0;
  ProgrammeRef programme;
  bool open = false;
  bool in_alternance = false;
  Bytes cohort_id;
  FactRef fact;

  void Fields(auto& archive) { archive(version, programme, open, in_alternance, cohort_id, fact); }
  bool operator==(const Enrolment&) const = default;
};

struct StudentState {
  static constexpr RowKind kKind = RowKind::kStudent;

  std::vector<Enrolment> enrolments;

  // The enrolment in the programme of this code, open or not; null if there is none.
  const Enrolment* FindEnrolment(std::string_view programme_code) const {
    const auto found = std::ranges::find(enrolments, programme_code, [](const Enrolment& e) {
      return std::string_view(e.programme.code);
    });
    return found == enrolments.end() ? nullptr : &*found;
  }

  void Fields(auto& archive) { archive(enrolments); }
  bool operator==(const StudentState&) const = default;
};

// The person whom an external id names: a student, a member of the staff, a tutor. Keyed by the MAC
// of that id.
struct ExternalIdState {
  static constexpr RowKind kKind = RowKind::kExternalId;

  Bytes person_id;
  Bytes content_mac;  // of the whole identity: tells an equal repeat from a changed one
  FactRef fact;

  void Fields(auto& archive) { archive(person_id, content_mac, fact); }
  bool operator==(const ExternalIdState&) const = default;
};

}  // namespace jalon::domain
