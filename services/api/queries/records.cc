#include "services/api/queries/records.h"

#include <algorithm>
#include <utility>

#include "projections/views/companies.h"
#include "projections/views/school_catalogue.h"
#include "projections/views/student_progress.h"
#include "services/api/queries/access.h"
#include "services/api/queries/facts.h"

namespace jalon::api {
namespace {

using projections::CompanyRow;
using projections::EnrolmentFacts;
using projections::StayRow;
using projections::StudentRow;

// The row from the map, read on first use; null if it is not there.
template <typename Row>
Result<const Row*> Once(std::map<projections::Id<8>, std::optional<Row>>& known,
                        const projections::Id<8>& id, std::string_view view, std::string_view key,
                        const Reader& reader) {
  auto found = known.find(id);
  if (found == known.end()) {
    JALON_ASSIGN_OR_RETURN(std::optional<Row> row, reader.Find<Row>(view, key));
    found = known.emplace(id, std::move(row)).first;
  }
  return found->second ? &*found->second : nullptr;
}

}  // namespace

Result<StudentRecord> ReadStudent(const QueryContext& context, std::string_view student_id) {
  StudentRecord record;
  record.student_id = projections::PersonId::Of(student_id);
  if (record.student_id.IsNone() || !MaySeeStudent(context.principal, student_id)) {
    return NotFound();
  }
  const auto key = projections::StudentKey(record.student_id);
  JALON_ASSIGN_OR_RETURN(std::optional<StudentRow> student,
                         context.rows().Find<StudentRow>(projections::kStudentProgress, key));
  if (!student || student->enrolments.empty()) return NotFound();
  record.student = *std::move(student);
  const auto prefix = projections::StaysPrefix(record.student_id);
  JALON_RETURN_IF_ERROR(context.rows().Each<StayRow>(projections::kStudentProgress, prefix, {},
                                                     [&](std::string_view, StayRow stay) {
                                                       record.stays.push_back(std::move(stay));
                                                       return true;
                                                     }));
  std::ranges::sort(record.stays, {},
                    [](const StayRow& stay) { return std::pair(FirstDay(stay), stay.stay_id); });
  return record;
}

Result<const EnrolmentFacts*> EnrolmentIn(const StudentRecord& record,
                                          std::string_view programme_code) {
  const std::vector<EnrolmentFacts>& enrolments = record.student.enrolments;
  if (programme_code.empty() && enrolments.size() > 1) {
    return Fail(Code::kInvalidArgument, "FIELD_REQUIRED",
                "programme_code: the student is enrolled in several programmes, so say which one");
  }
  for (const EnrolmentFacts& enrolment : enrolments) {
    if (programme_code.empty() || enrolment.programme.code == programme_code) return &enrolment;
  }
  return NotFound();
}

Result<domain::SchoolState> ReadPolicy(const QueryContext& context) {
  const auto key = projections::SchoolKey();
  JALON_ASSIGN_OR_RETURN(const auto school, context.rows().Find<projections::SchoolRow>(
                                                projections::kSchoolCatalogue, key));
  return school ? PolicyStateOf(*school) : domain::SchoolState();
}

Result<const CompanyRow*> LookUp::Company(const projections::CompanyId& company_id) {
  return Once(companies_, company_id, projections::kCompanies, projections::CompanyKey(company_id),
              context_.rows());
}

Result<const StudentRow*> LookUp::Student(const projections::PersonId& student_id) {
  return Once(students_, student_id, projections::kStudentProgress,
              projections::StudentKey(student_id), context_.rows());
}

Result<SequencePtr> LookUp::Sequence(const projections::SequenceId& sequence_id, uint32_t version) {
  return context_.definitions.Sequence(context_.school_id, sequence_id, version, context_.rows());
}

Result<ProgrammePtr> LookUp::Programme(const projections::ProgrammeName& name) {
  return context_.definitions.Programme(context_.school_id, name, context_.rows());
}

}  // namespace jalon::api
