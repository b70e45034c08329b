#include "projections/views/student_progress.h"

#include <algorithm>

#include "projections/engine/row_of.h"
#include "projections/views/payload.h"
#include "projections/views/plan_fold.h"
#include "projections/views/plan_row.h"
#include "projections/views/rights_fold.h"
#include "projections/views/stay_fold.h"
#include "projections/views/stay_row.h"
#include "projections/views/student_row.h"
#include "projections/views/words_row.h"

namespace jalon::projections {
namespace {

using event::v1::EvaluationReviewRaised;
using event::v1::FormativeEstimateReported;
using event::v1::SequenceAssigned;
using event::v1::StudentEnrolled;
using event::v1::SummativeEvaluationRecorded;
using event::v1::TargetReleased;
using event::v1::TutorReportSubmitted;

constexpr char kStudentRow = 0;
constexpr char kStayRow = 1;
constexpr char kWordsRow = 2;
constexpr char kPlanRow = 3;
constexpr char kEstimate = 'e';
constexpr char kReport = 'r';

constexpr size_t kPersonBytes = 8;
constexpr size_t kStayBytes = 16;
constexpr size_t kSchoolBytes = 16;

// An id's part, as much of it as there is.
std::string_view Part(std::string_view id, size_t from, size_t size) {
  return id.size() <= from ? std::string_view() : id.substr(from, size);
}

Key KeyOfStudent(Key base, std::string_view student_id) {
  return base.AddFixed(student_id, kPersonBytes).Add(kStudentRow);
}
Key KeyInStay(Key base, char kind, std::string_view stay_id) {
  return base.AddFixed(stay_id, kPersonBytes)
      .Add(kind)
      .AddFixed(Part(stay_id, kPersonBytes, kStayBytes), kStayBytes - kPersonBytes);
}
Key KeyOfEstimate(Key base, std::string_view stay_id, std::string_view objective) {
  return KeyInStay(base, kWordsRow, stay_id).Add(kEstimate).Add(objective);
}
Key KeyOfReport(Key base, std::string_view stay_id, uint64_t seq, uint32_t index) {
  return KeyInStay(base, kWordsRow, stay_id).Add(kReport).AddBig64(seq).AddBig32(index);
}

// No student has the id of zeros.
Key KeyOfPlan(Key base, const Hash& digest) {
  return base.AddFixed({}, kPersonBytes).Add(kPlanRow).Add(jalon::View(digest));
}

void FoldEnrolled(const EventView& event, StudentRow& student) {
  EnrolmentFacts enrolment;
  enrolment.enrolled = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    using catalogue::v1::ProgrammeRef;
    switch (field.id) {
      case StudentEnrolled::kProgrammeFieldNumber:
        ForEachField(field.bytes, [&](const wire::Field& inner) {
          ProgrammeName& programme = enrolment.programme;
          if (inner.id == ProgrammeRef::kCodeFieldNumber) programme.code = inner.bytes;
          if (inner.id == ProgrammeRef::kLanguageFieldNumber) programme.language = inner.bytes;
          if (inner.id == ProgrammeRef::kVersionFieldNumber) programme.version = inner.bytes;
        });
        break;
      case StudentEnrolled::kInAlternanceFieldNumber:
        enrolment.in_alternance = field.number != 0;
        break;
      case StudentEnrolled::kCohortIdFieldNumber:
        enrolment.cohort_id = CohortId::Of(field.bytes);
        break;
      case StudentEnrolled::kIdentityFieldNumber:
        student.identity = field.bytes;
        student.identified = FactOf(event);
        break;
      default:
        break;
    }
  });
  std::erase_if(student.enrolments, [&](const EnrolmentFacts& former) {
    return former.programme.code == enrolment.programme.code;
  });
  student.enrolments.push_back(std::move(enrolment));
}

SequenceId SequenceOfAssignment(const EventView& event) {
  return SequenceId::Of(Part(event.aggregate, kPersonBytes, kPersonBytes));
}

void FoldAssignment(const EventView& event, StudentRow& student) {
  AssignmentFacts assignment;
  assignment.sequence_id = SequenceOfAssignment(event);
  assignment.assigned = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case SequenceAssigned::kSequenceVersionFieldNumber:
        assignment.sequence_version = field.U32();
        break;
      case SequenceAssigned::kTypeFieldNumber:
        assignment.type = EnumOf<type::v1::SequenceType>(field);
        break;
      case SequenceAssigned::kProgrammeCodeFieldNumber:
        assignment.programme_code = field.bytes;
        break;
      case SequenceAssigned::kModulesFieldNumber:
        assignment.modules.emplace_back(field.bytes);
        break;
      default:
        break;
    }
  });
  std::erase_if(student.assignments, [&](const AssignmentFacts& former) {
    return former.sequence_id == assignment.sequence_id;
  });
  student.assignments.push_back(std::move(assignment));
}

void FoldReleased(const EventView& event, StudentRow& student) {
  const auto assignment = std::ranges::find(student.assignments, SequenceOfAssignment(event),
                                            &AssignmentFacts::sequence_id);
  if (assignment == student.assignments.end()) return;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id != TargetReleased::kModuleFieldNumber) return;
    std::erase(assignment->modules, field.bytes);
    assignment->released.push_back({std::string(field.bytes), FactOf(event)});
  });
}

void FoldEvaluation(const EventView& event, StudentRow& student) {
  AttemptFacts attempt;
  attempt.recorded = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case SummativeEvaluationRecorded::kModuleFieldNumber:
        attempt.module = field.bytes;
        break;
      case SummativeEvaluationRecorded::kProgrammeCodeFieldNumber:
        attempt.programme_code = field.bytes;
        break;
      case SummativeEvaluationRecorded::kAttemptFieldNumber:
        attempt.attempt = field.U32();
        break;
      case SummativeEvaluationRecorded::kResultFieldNumber:
        attempt.result = EnumOf<type::v1::EvaluationResult>(field);
        break;
      case SummativeEvaluationRecorded::kSatFromOnFieldNumber:
        attempt.sat_from_on = field.U32();
        break;
      case SummativeEvaluationRecorded::kSatToOnFieldNumber:
        attempt.sat_to_on = field.U32();
        break;
      case SummativeEvaluationRecorded::kPolicyVersionFieldNumber:
        attempt.policy_version = field.U32();
        break;
      case SummativeEvaluationRecorded::kEvaluatorIdFieldNumber:
        attempt.evaluator_id = PersonId::Of(field.bytes);
        break;
      default:
        break;
    }
  });
  student.attempts.push_back(std::move(attempt));
}

void FoldReview(const EventView& event, StudentRow& student) {
  ReviewFacts review;
  review.raised = FactOf(event);
  std::string_view module;
  std::string_view programme_code;
  uint32_t number = 0;
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case EvaluationReviewRaised::kModuleFieldNumber:
        module = field.bytes;
        break;
      case EvaluationReviewRaised::kAttemptFieldNumber:
        number = field.U32();
        break;
      case EvaluationReviewRaised::kCauseFieldNumber:
        review.cause = EnumOf<event::v1::ReviewCause>(field);
        break;
      case EvaluationReviewRaised::kStayIdFieldNumber:
        review.stay_id = StayId::Of(field.bytes);
        break;
      case EvaluationReviewRaised::kActivityFieldNumber:
        review.activity = field.bytes;
        break;
      case EvaluationReviewRaised::kProgrammeCodeFieldNumber:
        programme_code = field.bytes;
        break;
      default:
        break;
    }
  });
  // An absence has the number of the attempt that it put off, and is never reviewed.
  const auto attempt = std::ranges::find_if(student.attempts, [&](const AttemptFacts& each) {
    return each.attempt == number && each.module == module &&
           each.programme_code == programme_code &&
           each.result != type::v1::EVALUATION_RESULT_ABSENT;
  });
  if (attempt != student.attempts.end()) attempt->reviews.push_back(std::move(review));
}

// The sealed words of an event, in field `words_field`; none: no bytes.
WordsRow WordsOf(const EventView& event, uint32_t words_field) {
  WordsRow words;
  words.said = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == words_field) words.sealed = field.bytes;
  });
  return words;
}

std::string_view ObjectiveOf(const EventView& event) {
  std::string_view objective;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == FormativeEstimateReported::kObjectiveFieldNumber) objective = field.bytes;
  });
  return objective;
}

// The digest of the plan that the event says; its row is made by the first stay that has it.
Hash SharePlan(const EventView& event, ViewRows& rows) {
  const std::string fields = PlanFieldsOf(event);
  const Hash digest = Sha256(fields);
  const Key key = KeyOfPlan(Key(event.tenant), digest);
  if (rows.Find(key) == nullptr) EditRow<PlanRow>(rows, key) = PlanOf(fields);
  return digest;
}

class StudentProgress final : public View {
 public:
  std::string_view Name() const override { return kStudentProgress; }
  uint32_t Version() const override { return kStudentProgressVersion; }

  bool Wants(uint32_t type) const override {
    switch (type) {
      case EventBody::kStudentEnrolled:
      case EventBody::kSequenceAssigned:
      case EventBody::kTargetReleased:
      case EventBody::kSummativeEvaluationRecorded:
      case EventBody::kEvaluationReviewRaised:
      case EventBody::kMakeUpRequired:
      case EventBody::kMakeUpPlanned:
      case EventBody::kMakeUpCompleted:
      case EventBody::kMakeUpDischarged:
      case EventBody::kPersonKeyDestroyed:
        return true;
      case EventBody::kPriorResultRecorded:
      case EventBody::kTransferImported:
      case EventBody::kStayTransferred:
      case EventBody::kStudentWithdrawn:
      case EventBody::kProgrammeCompleted:
      case EventBody::kCorrectionRecorded:
      case EventBody::kStatementRecorded:
        return true;
      case EventBody::kAttitudeObserved:
        return false;  // never part of progress (R23)
      default:
        return OfStay(type);
    }
  }

  void Fold(const EventView& event, ViewRows& rows) const override {
    if (event.tenant.size() != kSchoolBytes) return;  // no school's
    const Key school(event.tenant);
    switch (event.type) {
      case EventBody::kStudentEnrolled:
        return FoldEnrolled(event, Student(event, rows));
      case EventBody::kSequenceAssigned:
        return FoldAssignment(event, Student(event, rows));
      case EventBody::kTargetReleased:
        return FoldReleased(event, Student(event, rows));
      case EventBody::kSummativeEvaluationRecorded:
        return FoldEvaluation(event, Student(event, rows));
      case EventBody::kEvaluationReviewRaised:
        return FoldReview(event, Student(event, rows));
      case EventBody::kPersonKeyDestroyed:
        return FoldErased(event, rows);
      case EventBody::kMakeUpRequired:
      case EventBody::kMakeUpPlanned:
      case EventBody::kMakeUpCompleted:
      case EventBody::kMakeUpDischarged:
        return FoldMakeUpEvent(event, Part(event.aggregate, kStayBytes, std::string_view::npos),
                               Stay(event, rows));
      case EventBody::kPriorResultRecorded:
        return FoldPriorResult(event, Student(event, rows));
      case EventBody::kTransferImported:
        return FoldTransfer(event, Student(event, rows));
      case EventBody::kStudentWithdrawn:
      case EventBody::kProgrammeCompleted:
        return FoldClosed(event, Student(event, rows));
      case EventBody::kCorrectionRecorded:
      case EventBody::kStatementRecorded:
        if (rows.Find(KeyOfStudent(school, event.aggregate)) == nullptr) return;  // no student
        return FoldRectified(event, Student(event, rows));
      case EventBody::kStayTransferred:
      case EventBody::kStayScheduled: {
        const Hash plan_digest = SharePlan(event, rows);
        StayRow& stay = Stay(event, rows);
        stay.plan_digest = plan_digest;
        return FoldStayEvent(event, stay);
      }
      case EventBody::kFormativeEstimateReported:
        PutRow(rows, KeyOfEstimate(school, event.aggregate, ObjectiveOf(event)),
               WordsOf(event, FormativeEstimateReported::kWordsFieldNumber));
        return FoldStayEvent(event, Stay(event, rows));
      case EventBody::kTutorReportSubmitted:
        PutRow(rows, KeyOfReport(school, event.aggregate, event.seq.value, event.index),
               WordsOf(event, TutorReportSubmitted::kWordsFieldNumber));
        return FoldStayEvent(event, Stay(event, rows));
      default:
        return FoldStayEvent(event, Stay(event, rows));
    }
  }

  std::unique_ptr<ViewRow> Make(std::string_view key) const override {
    switch (KindOf(key)) {
      case kStudentRow:
        return MakeRow<StudentRow>();
      case kStayRow:
        return MakeRow<StayRow>();
      case kPlanRow:
        return MakeRow<PlanRow>();
      default:
        return MakeRow<WordsRow>();
    }
  }
  std::unique_ptr<ViewRow> Decode(std::string_view key, std::string_view bytes) const override {
    switch (KindOf(key)) {
      case kStudentRow:
        return DecodeRow<StudentRow>(bytes);
      case kStayRow:
        return DecodeRow<StayRow>(bytes);
      case kPlanRow:
        return DecodeRow<PlanRow>(bytes);
      default:
        return DecodeRow<WordsRow>(bytes);
    }
  }

 private:
  static bool OfStay(uint32_t type) {
    return (type >= EventBody::kStayScheduled && type <= EventBody::kPreparationRecorded) ||
           (type >= EventBody::kStayStarted && type <= EventBody::kStayEnded) ||
           (type >= EventBody::kActivityCompleted && type <= EventBody::kTutorReportSubmitted);
  }
  static char KindOf(std::string_view key) {
    constexpr size_t at = kSchoolBytes + kPersonBytes;
    return key.size() > at ? key[at] : kStudentRow;
  }
  // The person may be no student: then there is no row.
  static void FoldErased(const EventView& event, ViewRows& rows) {
    if (rows.Find(KeyOfStudent(Key(event.tenant), event.aggregate)) == nullptr) return;
    Student(event, rows).erased = FactOf(event);
  }
  // All aggregates of a student begin with the student's id.
  static StudentRow& Student(const EventView& event, ViewRows& rows) {
    return EditRow<StudentRow>(rows, KeyOfStudent(Key(event.tenant), event.aggregate));
  }
  static StayRow& Stay(const EventView& event, ViewRows& rows) {
    return EditRow<StayRow>(rows, KeyInStay(Key(event.tenant), kStayRow, event.aggregate));
  }
};

}  // namespace

std::unique_ptr<const View> MakeStudentProgress() { return std::make_unique<StudentProgress>(); }

Key StudentKey(const PersonId& student_id) { return KeyOfStudent(Key(), student_id.View()); }
Key StayKey(const StayId& stay_id) { return KeyInStay(Key(), kStayRow, stay_id.View()); }
Key StaysPrefix(const PersonId& student_id) { return Key().Add(student_id.View()).Add(kStayRow); }
Key PlanKey(const Hash& digest) { return KeyOfPlan(Key(), digest); }
Key EstimateWordsKey(const StayId& stay_id, std::string_view objective) {
  return KeyOfEstimate(Key(), stay_id.View(), objective);
}
Key ReportWordsKey(const StayId& stay_id, const Fact& submitted) {
  return KeyOfReport(Key(), stay_id.View(), submitted.seq, submitted.index);
}

}  // namespace jalon::projections
