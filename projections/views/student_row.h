// A student as the view student_progress keeps one: enrolments, assigned sequences, evaluations.
// What happens in a stay stands in that stay's own row (stay_row.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/event/v1/evaluation_events.pb.h"
#include "jalon/type/v1/prior.pb.h"
#include "jalon/type/v1/training.pb.h"
#include "projections/views/fact.h"
#include "projections/views/id.h"

namespace jalon::projections {

// Names one version of a programme: "5830", "en", "2026".
struct ProgrammeName {
  std::string code;
  std::string language;
  std::string version;

  void Fields(auto& archive) { archive(code, language, version); }
  bool operator==(const ProgrammeName&) const = default;
};

// An enrolment pins a programme version to the student. One per programme code; enrolled again, the
// last one stands.
struct EnrolmentFacts {
  ProgrammeName programme;
  bool in_alternance = false;
  CohortId cohort_id;
  Fact enrolled;
  type::v1::EnrolmentEnd end = type::v1::ENROLMENT_END_UNSPECIFIED;  // unspecified: it is open
  Fact closed;

  void Fields(auto& archive) {
    archive(programme, in_alternance, cohort_id, enrolled, end, closed);
  }
  bool operator==(const EnrolmentFacts&) const = default;
};

// A target that does not bind this student.
struct ReleasedModule {
  std::string module;
  Fact released;

  void Fields(auto& archive) { archive(module, released); }
  bool operator==(const ReleasedModule&) const = default;
};

// A sequence that the student is to do.
struct AssignmentFacts {
  SequenceId sequence_id;
  uint32_t sequence_version = 0;
  type::v1::SequenceType type = type::v1::SEQUENCE_TYPE_UNSPECIFIED;
  std::string programme_code;
  std::vector<std::string> modules;  // targeted, without those released at the assignment
  std::vector<ReleasedModule> released;
  Fact assigned;

  void Fields(auto& archive) {
    archive(sequence_id, sequence_version, type, programme_code, modules, released, assigned);
  }
  bool operator==(const AssignmentFacts&) const = default;
};

// Why an attempt is to be reviewed.
struct ReviewFacts {
  event::v1::ReviewCause cause = event::v1::REVIEW_CAUSE_UNSPECIFIED;
  StayId stay_id;
  std::string activity;
  Fact raised;

  void Fields(auto& archive) { archive(cause, stay_id, activity, raised); }
  bool operator==(const ReviewFacts&) const = default;
};

// One attempt at the summative evaluation of a module.
struct AttemptFacts {
  std::string programme_code;
  std::string module;
  uint32_t attempt = 0;
  type::v1::EvaluationResult result = type::v1::EVALUATION_RESULT_UNSPECIFIED;
  uint32_t sat_from_on = 0;
  uint32_t sat_to_on = 0;
  uint32_t policy_version = 0;
  PersonId evaluator_id;
  Fact recorded;
  std::vector<ReviewFacts> reviews;  // open ones

  void Fields(auto& archive) {
    archive(programme_code, module, attempt, result, sat_from_on, sat_to_on, policy_version,
            evaluator_id, recorded, reviews);
  }
  bool operator==(const AttemptFacts&) const = default;
};

// What the student brought along for a module; of several the last one stands.
struct PriorResultFacts {
  std::string programme_code;
  std::string module;
  type::v1::PriorResultOrigin origin = type::v1::PRIOR_RESULT_ORIGIN_UNSPECIFIED;
  type::v1::EvaluationResult result = type::v1::EVALUATION_RESULT_UNSPECIFIED;
  uint32_t attempts = 0;
  uint32_t obtained_on = 0;
  std::string document_ref;
  Bytes transfer_id;
  Fact recorded;

  void Fields(auto& archive) {
    archive(programme_code, module, origin, result, attempts, obtained_on, document_ref,
            transfer_id, recorded);
  }
  bool operator==(const PriorResultFacts&) const = default;
};

// A transfer of another school that was imported.
struct TransferFacts {
  std::string programme_code;
  Bytes transfer_id;
  std::string issuer;
  std::string issuing_school;
  std::string issuing_school_name;
  Fact imported;

  void Fields(auto& archive) {
    archive(programme_code, transfer_id, issuer, issuing_school, issuing_school_name, imported);
  }
  bool operator==(const TransferFacts&) const = default;
};

// Both versions of an identity. What is sealed is an encoded jalon.type.v1.Sealed each.
struct CorrectionFacts {
  Bytes before;
  Bytes after;
  Bytes reason;
  Bytes actor;     // an encoded jalon.type.v1.Actor
  Fact corrected;  // the event that said it before
  Fact recorded;

  void Fields(auto& archive) { archive(before, after, reason, actor, corrected, recorded); }
  bool operator==(const CorrectionFacts&) const = default;
};

// What the student says of a record that the school did not correct.
struct StatementFacts {
  uint64_t about_seq = 0;
  uint32_t about_index = 0;
  Bytes statement;      // sealed, as above
  Bytes refused_since;  // the same
  Bytes actor;
  Fact recorded;

  void Fields(auto& archive) {
    archive(about_seq, about_index, statement, refused_since, actor, recorded);
  }
  bool operator==(const StatementFacts&) const = default;
};

struct StudentRow {
  Bytes identity;   // the last one given, an encoded jalon.type.v1.Sealed; empty: none
  Fact identified;  // by that event
  std::vector<EnrolmentFacts> enrolments;
  std::vector<AssignmentFacts> assignments;
  std::vector<AttemptFacts> attempts;  // in the order in which they were recorded
  std::vector<PriorResultFacts> prior_results;
  std::vector<TransferFacts> transfers;
  std::vector<CorrectionFacts> corrections;
  std::vector<StatementFacts> statements;
  Fact erased;  // none: the student is not erased

  void Fields(auto& archive) {
    archive(identity, identified, enrolments, assignments, attempts, prior_results, transfers,
            corrections, statements, erased);
  }
  bool operator==(const StudentRow&) const = default;
};

}  // namespace jalon::projections
