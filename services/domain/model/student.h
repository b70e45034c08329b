// A student, with everything that a rule about one student asks: enrolments, assignments, stays
// with their make-ups, evaluations. One row: a command about a student reads and changes this one.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/type/v1/prior.pb.h"
#include "jalon/type/v1/training.pb.h"
#include "services/domain/model/fact.h"
#include "services/domain/model/keys.h"
#include "services/domain/model/module_record.h"
#include "services/domain/model/programme.h"
#include "services/domain/model/shared.h"
#include "services/domain/model/stay.h"

namespace jalon::domain {

// A student in a programme: it pins one version.
struct Enrolment {
  uint64_t version = 0;
  ProgrammeRef programme;
  bool open = false;
  bool in_alternance = false;
  Bytes cohort_id;
  FactRef fact;
  type::v1::EnrolmentEnd end = type::v1::ENROLMENT_END_UNSPECIFIED;  // once it is not open
  FactRef closed;

  void Fields(auto& archive) {
    archive(version, programme, open, in_alternance, cohort_id, fact, end, closed);
  }
  bool operator==(const Enrolment&) const = default;
};

// A sequence that the student is to do: it makes a stay due (R18).
struct Assignment {
  uint64_t version = 0;
  Bytes sequence_id;
  uint32_t sequence_version = 0;
  type::v1::SequenceType type = type::v1::SEQUENCE_TYPE_UNSPECIFIED;
  std::string programme_code;
  std::vector<std::string> modules;   // the targets that bind this student
  std::vector<std::string> released;  // those that do not
  FactRef assigned;

  bool Targets(std::string_view module) const {
    return std::ranges::find(modules, module) != modules.end();
  }

  void Fields(auto& archive) {
    archive(version, sequence_id, sequence_version, type, programme_code, modules, released,
            assigned);
  }
  bool operator==(const Assignment&) const = default;
};

struct StudentState {
  static constexpr RowKind kKind = RowKind::kStudent;

  std::vector<Enrolment> enrolments;
  std::vector<Assignment> assignments;
  std::vector<Shared<Stay>> stays;  // in the order in which they were scheduled
  std::vector<ModuleRecord> modules;
  std::vector<Bytes> lookup_macs;  // the rows by which an external id names the student
  FactRef identity;                // where it was last said who the student is
  FactRef erased;                  // none: the student is not erased

  // The enrolment in the programme of this code, open or not; null if there is none.
  const Enrolment* FindEnrolment(std::string_view programme_code) const {
    const auto found = std::ranges::find_if(
        enrolments, [&](const Enrolment& e) { return e.programme.code == programme_code; });
    return found == enrolments.end() ? nullptr : &*found;
  }
  const Assignment* FindAssignment(std::string_view sequence_id) const {
    const auto found = std::ranges::find(assignments, sequence_id, &Assignment::sequence_id);
    return found == assignments.end() ? nullptr : &*found;
  }
  const Stay* FindStay(std::string_view stay_id) const {
    for (const Shared<Stay>& stay : stays) {
      if (stay->id == stay_id) return &*stay;
    }
    return nullptr;
  }
  const ModuleRecord* FindModule(std::string_view programme_code, std::string_view module) const {
    const auto found = std::ranges::find_if(modules, [&](const ModuleRecord& record) {
      return record.module == module && record.programme_code == programme_code;
    });
    return found == modules.end() ? nullptr : &*found;
  }
  // After decoding: `find` gives the plan of a digest, or null. False if a stay's is not there.
  template <typename FindPlan>
  bool Resolve(FindPlan find) {
    bool found = true;
    for (Shared<Stay>& stay : stays) {
      stay.Change([&](Stay& decoded) { found = decoded.plan.Resolve(find) && found; });
    }
    return found;
  }
  bool Succeeded(std::string_view programme_code, std::string_view module) const {
    const ModuleRecord* record = FindModule(programme_code, module);
    return record != nullptr && record->Succeeded();
  }

  void Fields(auto& archive) {
    archive(enrolments, assignments, stays, modules, lookup_macs, identity, erased);
  }
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
