// Rows that several queries read together, and what is looked up beside them.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "projections/views/catalogue_rows.h"
#include "projections/views/company_row.h"
#include "projections/views/stay_row.h"
#include "projections/views/student_row.h"
#include "services/api/queries/query.h"
#include "services/domain/model/school.h"

namespace jalon::api {

// The stay with its plan; none if it is not there.
Result<std::optional<projections::StayRow>> ReadStay(const QueryContext& context,
                                                     const projections::StayId& stay_id);
// Puts its plan to a stay that was read.
Result<void> ReadPlan(const QueryContext& context, projections::StayRow* stay);

// A student with all stays and their plans.
struct StudentRecord {
  projections::PersonId student_id;
  projections::StudentRow student;
  std::vector<projections::StayRow> stays;  // by first day, then id

  // Then nothing of the student is opened, whether or not the key is still there.
  bool IsErased() const { return !student.erased.IsNone(); }
};

// The student's record, as far as the caller sees it: of a student in several programmes, a teacher
// sees those in scope. NOT_FOUND also where that is nothing.
Result<StudentRecord> ReadStudent(const QueryContext& context, std::string_view student_id);

// The enrolment in the programme of that code, or, if that is empty, the only one. INVALID_ARGUMENT
// FIELD_REQUIRED where there are several to choose from; NOT_FOUND where there is none.
Result<const projections::EnrolmentFacts*> EnrolmentIn(const StudentRecord& record,
                                                       std::string_view programme_code);

// The school with its policy; all defaults where nothing is recorded.
Result<domain::SchoolState> ReadPolicy(const QueryContext& context);

// The first and the last day in the company, as far as known.
inline uint32_t FirstDay(const projections::StayRow& stay) {
  return stay.started_on != 0 ? stay.started_on : stay.starts_on;
}

// What rows refer to, each read once for a whole answer. Pointers are valid as long as this is.
class LookUp {
 public:
  explicit LookUp(const QueryContext& context) : context_(context) {}
  // The record's student is known already. `record` must outlive this.
  LookUp(const QueryContext& context, const StudentRecord& record)
      : context_(context), record_(&record) {}

  // Null where there is none.
  Result<const projections::CompanyRow*> Company(const projections::CompanyId& company_id);
  Result<const projections::StudentRow*> Student(const projections::PersonId& student_id);
  Result<SequencePtr> Sequence(const projections::SequenceId& sequence_id, uint32_t version);
  Result<ProgrammePtr> Programme(const projections::ProgrammeName& name);
  // The event that erased the person; null: not erased. It reads one small row of each person,
  // once, and none at all where nobody at the school has been erased, held or asked about.
  Result<const projections::Fact*> Erased(const projections::PersonId& person_id);

 private:
  const QueryContext& context_;
  const StudentRecord* const record_ = nullptr;
  std::map<projections::CompanyId, std::optional<projections::CompanyRow>> companies_;
  std::map<projections::PersonId, std::optional<projections::StudentRow>> students_;
  std::optional<bool> has_erasures_;                           // whether that view has any row
  std::map<projections::PersonId, projections::Fact> erased_;  // none: not erased
};

}  // namespace jalon::api
