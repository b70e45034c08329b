#include "services/api/queries/records.h"

#include <algorithm>
#include <utility>

#include "projections/views/companies.h"
#include "projections/views/erasure_row.h"
#include "projections/views/erasures.h"
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

// The student's row and those of the stays lie side by side: one scan reads them all.
Result<void> ScanStudent(const Reader& rows, StudentRecord* record) {
  const auto student_key = projections::StudentKey(record->student_id);
  const auto stays = projections::StaysPrefix(record->student_id);
  bool readable = true;
  JALON_RETURN_IF_ERROR(rows.Scan(projections::kStudentProgress, record->student_id.View(), {},
                                  [&](std::string_view key, std::string_view bytes) {
                                    if (key == student_key.view()) {
                                      readable = Decode(bytes, &record->student);
                                    } else if (key.starts_with(stays.view())) {
                                      readable = Decode(bytes, &record->stays.emplace_back());
                                    } else {
                                      return false;  // words, which only those read who open them
                                    }
                                    return readable;
                                  }));
  if (!readable) return Reader::Malformed(projections::kStudentProgress);
  return {};
}

// The enrolment is in a teacher's scope: as the student's, by the programme, by a module of the
// version that the student does, or since the teacher supervises a stay of it.
Result<bool> SeesEnrolment(const QueryContext& context, const StudentRecord& record,
                           const EnrolmentFacts& enrolment) {
  const projections::ProgrammeName& name = enrolment.programme;
  JALON_ASSIGN_OR_RETURN(const ProgrammePtr programme,
                         context.definitions.Programme(context.school_id, name, context.rows()));
  domain::Matter matter{.student_id = record.student_id.View(), .programme_code = name.code};
  if (programme != nullptr) {
    for (const auto& module : programme->modules()) matter.modules.push_back(module.code());
  }
  return context.scope.Covers(matter) ||
         std::ranges::any_of(record.stays, [&](const StayRow& stay) {
           return stay.programme_code == name.code && Supervises(context, stay);
         });
}

// A teacher sees the programmes of the student that are in scope, each whole; a guardian all of
// them. NOT_FOUND: none is.
Result<void> KeepWhatIsInScope(const QueryContext& context, StudentRecord* record) {
  if (!context.scope.IsLimited()) return {};
  std::vector<EnrolmentFacts> seen;
  for (const EnrolmentFacts& enrolment : record->student.enrolments) {
    JALON_ASSIGN_OR_RETURN(const bool sees, SeesEnrolment(context, *record, enrolment));
    if (sees) seen.push_back(enrolment);
  }
  if (seen.empty()) return NotFound();
  record->student.enrolments = std::move(seen);
  std::erase_if(record->stays, [&](const StayRow& stay) {
    return std::ranges::none_of(record->student.enrolments, [&](const EnrolmentFacts& enrolment) {
      return enrolment.programme.code == stay.programme_code;
    });
  });
  return {};
}

}  // namespace

Result<void> ReadPlan(const QueryContext& context, StayRow* stay) {
  JALON_ASSIGN_OR_RETURN(
      stay->plan, context.definitions.Plan(context.school_id, stay->plan_digest, context.rows()));
  return {};
}

Result<std::optional<StayRow>> ReadStay(const QueryContext& context,
                                        const projections::StayId& stay_id) {
  JALON_ASSIGN_OR_RETURN(
      std::optional<StayRow> stay,
      context.rows().Find<StayRow>(projections::kStudentProgress, projections::StayKey(stay_id)));
  if (stay) JALON_RETURN_IF_ERROR(ReadPlan(context, &*stay));
  return stay;
}

Result<StudentRecord> ReadStudent(const QueryContext& context, std::string_view student_id) {
  StudentRecord record;
  record.student_id = projections::PersonId::Of(student_id);
  if (record.student_id.IsNone() || !MaySeeStudent(context, student_id)) {
    return NotFound();
  }
  JALON_RETURN_IF_ERROR(ScanStudent(context.rows(), &record));
  for (StayRow& stay : record.stays) JALON_RETURN_IF_ERROR(ReadPlan(context, &stay));
  if (record.student.enrolments.empty()) return NotFound();
  JALON_RETURN_IF_ERROR(KeepWhatIsInScope(context, &record));
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
  if (record_ != nullptr && record_->student_id == student_id) return &record_->student;
  return Once(students_, student_id, projections::kStudentProgress,
              projections::StudentKey(student_id), context_.rows());
}

Result<const projections::Fact*> LookUp::Erased(const projections::PersonId& person_id) {
  const Reader& rows = context_.rows();
  if (!has_erasures_) {
    bool any = false;
    JALON_RETURN_IF_ERROR(
        rows.Scan(projections::kErasures, {}, {}, [&](std::string_view, std::string_view) {
          any = true;
          return false;
        }));
    has_erasures_ = any;
  }
  if (!*has_erasures_) return nullptr;
  auto found = erased_.find(person_id);
  if (found == erased_.end()) {
    JALON_ASSIGN_OR_RETURN(const auto row,
                           rows.Find<projections::ErasureRow>(projections::kErasures,
                                                              projections::ErasureKey(person_id)));
    found = erased_.emplace(person_id, row ? row->erased : projections::Fact()).first;
  }
  return found->second.IsNone() ? nullptr : &found->second;
}

Result<SequencePtr> LookUp::Sequence(const projections::SequenceId& sequence_id, uint32_t version) {
  return context_.definitions.Sequence(context_.school_id, sequence_id, version, context_.rows());
}

Result<ProgrammePtr> LookUp::Programme(const projections::ProgrammeName& name) {
  return context_.definitions.Programme(context_.school_id, name, context_.rows());
}

}  // namespace jalon::api
