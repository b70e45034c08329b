// GetStudentProgress, GetSummativeEligibility and GetHoursLedger: one student, one programme.
#include <map>

#include "jalon/progress/v1/progress_service.pb.h"
#include "services/api/queries/facts.h"
#include "services/api/queries/hours_ledger.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"
#include "services/api/queries/rule_facts.h"
#include "services/api/queries/student_progress.h"
#include "services/domain/decide/stay_facts.h"
#include "services/domain/eligibility.h"
#include "services/domain/explain.h"

namespace jalon::api {
namespace {

using progress::v1::GetHoursLedgerRequest;
using progress::v1::GetHoursLedgerResponse;
using progress::v1::GetStudentProgressRequest;
using progress::v1::GetStudentProgressResponse;
using progress::v1::GetSummativeEligibilityRequest;
using progress::v1::GetSummativeEligibilityResponse;
using progress::v1::ModuleEligibility;
using projections::EnrolmentFacts;

Result<void> AnswerProgress(const GetStudentProgressRequest& request, const QueryContext& context,
                            GetStudentProgressResponse* response) {
  JALON_ASSIGN_OR_RETURN(const StudentRecord record, ReadStudent(context, request.student_id()));
  JALON_ASSIGN_OR_RETURN(const EnrolmentFacts* enrolment,
                         EnrolmentIn(record, request.programme_code()));
  progress::v1::StudentProgress* progress = response->mutable_progress();
  if (record.IsErased()) *progress->mutable_erased() = EventOf(record.student.erased);
  if (!request.open_sealed() || record.IsErased()) {
    return ShowProgress(record, *enrolment, nullptr, context, progress);
  }
  Sections sections;
  sections.Add<person::v1::Identity>(record.student.identity,
                                     [progress](person::v1::Identity&& identity) {
                                       *progress->mutable_identity() = std::move(identity);
                                     });
  JALON_RETURN_IF_ERROR(ShowProgress(record, *enrolment, &sections, context, progress));
  return context.opener.OpenAll(context.school_id, sections);
}

Result<domain::EligibilityFacts> ReadFacts(const StudentRecord& record,
                                           const EnrolmentFacts& enrolment,
                                           const catalogue::v1::ProgrammeDefinition* programme,
                                           LookUp& look_up) {
  std::map<projections::SequenceId, SequencePtr> sequences;
  for (const projections::AssignmentFacts& assignment : record.student.assignments) {
    JALON_ASSIGN_OR_RETURN(SequencePtr sequence,
                           look_up.Sequence(assignment.sequence_id, assignment.sequence_version));
    if (sequence != nullptr) sequences[assignment.sequence_id] = std::move(sequence);
  }
  std::map<projections::CompanyId, const projections::CompanyRow*> companies;
  for (const projections::StayRow& stay : record.stays) {
    JALON_ASSIGN_OR_RETURN(const auto* company, look_up.Company(stay.company_id));
    if (company != nullptr) companies[stay.company_id] = company;
  }
  return EligibilityFactsOf({.student = record.student,
                             .enrolment = enrolment,
                             .stays = record.stays,
                             .programme = programme,
                             .sequences = sequences,
                             .companies = companies});
}

Result<void> AnswerEligibility(const GetSummativeEligibilityRequest& request,
                               const QueryContext& context,
                               GetSummativeEligibilityResponse* response) {
  JALON_ASSIGN_OR_RETURN(const StudentRecord record, ReadStudent(context, request.student_id()));
  JALON_ASSIGN_OR_RETURN(const EnrolmentFacts* enrolment,
                         EnrolmentIn(record, request.programme_code()));
  LookUp look_up(context, record);
  JALON_ASSIGN_OR_RETURN(const ProgrammePtr programme, look_up.Programme(enrolment->programme));
  JALON_ASSIGN_OR_RETURN(const domain::EligibilityFacts facts,
                         ReadFacts(record, *enrolment, programme.get(), look_up));
  JALON_ASSIGN_OR_RETURN(const domain::SchoolState school, ReadPolicy(context));
  const domain::LocalDate on = context.OrToday(request.on());
  const domain::EligibilityPolicy policy = domain::EligibilityPolicyOf(domain::Policy(school, on));

  const auto show = [&](const std::string& module, const std::string& statement) {
    ModuleEligibility& shown = *response->add_modules();
    shown = domain::ToProto(domain::SummativeEligibility(facts, module, on, policy), module);
    shown.set_statement(statement);
    for (auto& reason : *shown.mutable_reasons()) domain::Explain(&reason, context.language);
    for (auto& note : *shown.mutable_notes()) domain::Explain(&note, context.language);
  };
  if (programme != nullptr) {
    for (const auto& module : programme->modules()) {
      if (request.module().empty() || request.module() == module.code()) {
        show(module.code(), module.statement());
      }
    }
  }
  // Not one of the programme's: the answer says so as a reason.
  if (!request.module().empty() && response->modules().empty()) show(request.module(), "");
  if (record.IsErased()) *response->mutable_erased() = EventOf(record.student.erased);
  response->set_policy_version(policy.policy_version);
  response->set_on(on);
  return {};
}

Result<void> AnswerHours(const GetHoursLedgerRequest& request, const QueryContext& context,
                         GetHoursLedgerResponse* response) {
  JALON_ASSIGN_OR_RETURN(const StudentRecord record, ReadStudent(context, request.student_id()));
  JALON_ASSIGN_OR_RETURN(const EnrolmentFacts* enrolment,
                         EnrolmentIn(record, request.programme_code()));
  LookUp look_up(context, record);
  JALON_ASSIGN_OR_RETURN(const ProgrammePtr programme, look_up.Programme(enrolment->programme));
  JALON_ASSIGN_OR_RETURN(const domain::SchoolState school, ReadPolicy(context));
  const catalogue::v1::ProgrammeDefinition unknown;
  progress::v1::HoursLedger* ledger = response->mutable_ledger();
  *ledger = LedgerOf({.record = record,
                      .enrolment = *enrolment,
                      .programme = programme == nullptr ? unknown : *programme,
                      .policy = domain::Policy(school, context.today),
                      .with_days = request.with_days()});
  if (record.IsErased()) *ledger->mutable_erased() = EventOf(record.student.erased);
  for (auto& note : *ledger->mutable_notes()) domain::Explain(&note, context.language);
  return {};
}

}  // namespace

void RegisterProgressQueries(Queries& queries) {
  queries.Add<GetStudentProgressRequest, GetStudentProgressResponse>(AnswerProgress);
  queries.Add<GetSummativeEligibilityRequest, GetSummativeEligibilityResponse>(AnswerEligibility);
  queries.Add<GetHoursLedgerRequest, GetHoursLedgerResponse>(AnswerHours);
}

}  // namespace jalon::api
