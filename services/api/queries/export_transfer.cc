// ExportTransfer: what another school is told of a student who moves there; GetTransferKey: what
// transfers are sealed to and verified with.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "eventstore/base/hash.h"
#include "jalon/person/v1/person_service.pb.h"
#include "projections/views/school_catalogue.h"
#include "services/api/field_check.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"
#include "services/domain/known_as.h"
#include "services/domain/school_code.h"
#include "services/domain/sequence_type.h"

namespace jalon::api {
namespace {

using person::v1::ExportTransferRequest;
using person::v1::ExportTransferResponse;
using person::v1::GetTransferKeyRequest;
using person::v1::GetTransferKeyResponse;
using person::v1::TransferDocument;
using person::v1::TransferredActivity;
using person::v1::TransferredResult;
using person::v1::TransferredStay;
using projections::EnrolmentFacts;
using projections::MakeUpFacts;
using projections::StayRow;

constexpr int32_t kDaysByDefault = 30;
constexpr int32_t kDaysAtMost = 366;

std::unexpected<Error> Invalid(const char* message) {
  return Fail(Code::kInvalidArgument, "FIELD_INVALID", message);
}

// Until when it may be imported.
Result<domain::LocalDate> ExpiresOn(uint32_t wanted, domain::LocalDate today) {
  if (wanted == 0) return domain::AddDays(today, kDaysByDefault);
  if (wanted < today || wanted > domain::AddDays(today, kDaysAtMost)) {
    return Invalid("expires_on: a day from today on, and at most a year from now");
  }
  return wanted;
}

Result<projections::SchoolRow> ReadSchool(const QueryContext& context) {
  JALON_ASSIGN_OR_RETURN(auto school, context.rows().Find<projections::SchoolRow>(
                                          projections::kSchoolCatalogue, projections::SchoolKey()));
  return school.value_or(projections::SchoolRow());
}

// A make-up is owed, or was until the enrolment ended.
bool IsOwed(const MakeUpFacts* make_up) {
  if (make_up == nullptr) return false;
  return make_up->state == type::v1::MAKE_UP_STATE_REQUIRED ||
         make_up->state == type::v1::MAKE_UP_STATE_PLANNED ||
         (make_up->state == type::v1::MAKE_UP_STATE_DISCHARGED &&
          make_up->discharge == type::v1::DISCHARGE_CAUSE_ENROLMENT_CLOSED);
}

bool IsAccomplished(const projections::OutcomeFacts* outcome) {
  return outcome != nullptr && (outcome->kind == type::v1::OUTCOME_KIND_COMPLETED ||
                                outcome->kind == type::v1::OUTCOME_KIND_PARTLY);
}

// What the activity is, in words: of the sequence, or, in a stay of another school, of that one.
Result<std::string> WordingOf(const StayRow& stay, size_t activity, LookUp& look_up) {
  if (!stay.transferred.IsNone()) {
    return activity < stay.wordings.size() ? stay.wordings[activity] : std::string();
  }
  JALON_ASSIGN_OR_RETURN(const SequencePtr sequence,
                         look_up.Sequence(stay.sequence_id, stay.sequence_version));
  if (sequence == nullptr) return std::string();
  const auto found =
      std::ranges::find(sequence->activities(), stay.plan->activities[activity].activity,
                        &catalogue::v1::ActivityDefinition::code);
  return found == sequence->activities().end() ? std::string() : found->wording();
}

// What every school knows the stay as: the one that it was of said so.
std::string KnownAsOf(const StayRow& stay, const QueryContext& context) {
  if (!stay.known_as.empty()) return ToHex(stay.known_as);
  return ToHex(domain::KnownAs(context.school_id, stay.stay_id.View()));
}

// Tells the stay if there is something to tell of it.
Result<void> TellStay(const StayRow& stay, const QueryContext& context, LookUp& look_up,
                      ExportTransferResponse* counts, TransferDocument* document) {
  TransferredStay told;
  told.set_known_as(KnownAsOf(stay, context));
  told.set_started_on(FirstDay(stay));
  told.set_ended_on(stay.ended_on);
  const auto outcomes = stay.Outcomes();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const projections::ActivityFacts& planned = stay.plan->activities[i];
    // What was done after all, once the make-up had ended with the enrolment, is owed no more.
    const bool done =
        outcomes[i] != nullptr && outcomes[i]->kind == type::v1::OUTCOME_KIND_COMPLETED;
    const bool owed = !done && IsOwed(stay.FindMakeUp(planned.activity));
    if (!owed && !IsAccomplished(outcomes[i])) continue;
    TransferredActivity& activity = *told.add_activities();
    activity.set_activity(planned.activity);
    JALON_ASSIGN_OR_RETURN(*activity.mutable_wording(), WordingOf(stay, i, look_up));
    for (const projections::ModuleShare& share : planned.shares) {
      auto& minutes = *activity.add_shares();
      minutes.set_module(share.module);
      minutes.set_minutes(share.minutes);
    }
    activity.set_outcome(outcomes[i] == nullptr ? type::v1::OUTCOME_KIND_NOT_PERFORMED
                                                : outcomes[i]->kind);
    activity.set_make_up_owed(owed);
    if (owed) counts->set_make_up_count(counts->make_up_count() + 1);
    if (IsAccomplished(outcomes[i])) counts->set_activity_count(counts->activity_count() + 1);
  }
  if (told.activities_size() > 0) *document->add_stays() = std::move(told);
  return {};
}

// The result in force of each module: a success that was brought along, or the newest attempt that
// is no absence, or a failure that was brought along.
void TellResults(const StudentRecord& record, const std::string& code, TransferDocument* document) {
  const auto of_module = [&](const std::string& module) -> TransferredResult& {
    for (TransferredResult& known : *document->mutable_results()) {
      if (known.module() == module) return known;
    }
    TransferredResult& result = *document->add_results();
    result.set_module(module);
    return result;
  };
  std::set<std::string> brought_success;
  for (const projections::PriorResultFacts& prior : record.student.prior_results) {
    if (prior.programme_code != code) continue;
    if (prior.result == type::v1::EVALUATION_RESULT_SUCCESS) brought_success.insert(prior.module);
    TransferredResult& result = of_module(prior.module);
    result.set_result(prior.result);
    result.set_attempts(prior.attempts);
    result.set_obtained_on(prior.obtained_on);
  }
  for (const projections::AttemptFacts& attempt : record.student.attempts) {
    if (attempt.programme_code != code || attempt.result == type::v1::EVALUATION_RESULT_ABSENT) {
      continue;
    }
    if (brought_success.contains(attempt.module)) continue;
    TransferredResult& result = of_module(attempt.module);
    result.set_result(attempt.result);
    result.set_attempts(attempt.attempt);
    result.set_obtained_on(attempt.sat_to_on);
  }
}

Result<TransferDocument> Tell(const StudentRecord& record, const EnrolmentFacts& enrolment,
                              const QueryContext& context, ExportTransferResponse* counts) {
  TransferDocument document;
  JALON_ASSIGN_OR_RETURN(const projections::SchoolRow school, ReadSchool(context));
  document.set_issuing_school(domain::NormalisedSchoolCode(school.code));
  document.set_issuing_school_name(school.name);
  document.set_programme_code(enrolment.programme.code);
  document.set_programme_language(enrolment.programme.language);
  document.set_programme_version(enrolment.programme.version);
  TellResults(record, enrolment.programme.code, &document);
  counts->set_result_count(static_cast<uint32_t>(document.results_size()));
  LookUp look_up(context, record);
  for (const StayRow& stay : record.stays) {
    if (stay.programme_code != enrolment.programme.code) continue;
    if (!domain::RulesOf(stay.type).makes_up_and_gates) continue;
    if (stay.state == type::v1::STAY_STATE_PLANNED || stay.state == type::v1::STAY_STATE_STARTED) {
      counts->set_open_stay_count(counts->open_stay_count() + 1);
    }
    if (stay.state != type::v1::STAY_STATE_ENDED) continue;
    JALON_RETURN_IF_ERROR(TellStay(stay, context, look_up, counts, &document));
  }
  return document;
}

// The code of the school that it is for; it is another one.
Result<std::string> ReceivingSchool(const std::string& code, const QueryContext& context) {
  std::string normalised = domain::NormalisedSchoolCode(code);
  if (normalised.empty() || !IsCode(normalised)) {
    return Invalid("receiving_school: the code of a school, such as CFP-SUD");
  }
  if (domain::SchoolIdOf(normalised) == context.school_id) {
    return Invalid("receiving_school: the student is of this school already");
  }
  return normalised;
}

// Issues it. Of what is wrong inside, an operator is told whose record it is; the caller is not
// told what it is.
Result<transfer::Desk::Issued> Issue(const ExportTransferRequest& request,
                                     const QueryContext& context, transfer::Desk::ToIssue wanted) {
  auto issued = context.transfers->Issue(std::move(wanted));
  if (!issued && issued.error().code == Code::kInternal) {
    issued.error().message += fmt::format(" (student {})", ToHex(request.student_id()));
  }
  return issued;
}

Result<void> Answer(const ExportTransferRequest& request, const QueryContext& context,
                    ExportTransferResponse* response) {
  JALON_ASSIGN_OR_RETURN(const StudentRecord record, ReadStudent(context, request.student_id()));
  JALON_ASSIGN_OR_RETURN(const EnrolmentFacts* enrolment,
                         EnrolmentIn(record, request.programme_code()));
  if (record.IsErased()) {
    return Fail(Code::kFailedPrecondition, "PERSON_ERASED",
                "the student is erased: nothing more is told of them");
  }
  if (context.transfers == nullptr) {
    return Fail(Code::kUnimplemented, "UNSUPPORTED", "no transfer is issued here");
  }
  transfer::Desk::ToIssue wanted{.receiving_key = request.receiving_key()};
  JALON_ASSIGN_OR_RETURN(wanted.receiving_school,
                         ReceivingSchool(request.receiving_school(), context));
  JALON_ASSIGN_OR_RETURN(wanted.expires_on, ExpiresOn(request.expires_on(), context.today));
  JALON_ASSIGN_OR_RETURN(wanted.document, Tell(record, *enrolment, context, response));
  if (wanted.document.results().empty() && wanted.document.stays().empty()) {
    return Fail(Code::kFailedPrecondition, "NOTHING_TO_TRANSFER",
                "there is no result, no accomplished activity and no make-up to tell of");
  }
  response->set_expires_on(wanted.expires_on);
  JALON_ASSIGN_OR_RETURN(transfer::Desk::Issued issued, Issue(request, context, std::move(wanted)));
  context.opener.Tell(request.student_id());
  response->set_transfer_id(std::move(issued.transfer_id));
  response->set_note(std::move(issued.note));
  response->set_file(std::move(issued.file));
  return {};
}

Result<void> AnswerKey(const GetTransferKeyRequest&, const QueryContext& context,
                       GetTransferKeyResponse* response) {
  if (context.transfers == nullptr) {
    return Fail(Code::kUnimplemented, "UNSUPPORTED", "no transfer is opened here");
  }
  JALON_ASSIGN_OR_RETURN(const transfer::SchoolKey key,
                         context.transfers->KeyOf(context.school_id));
  response->set_receiving_key(key.public_key);
  response->set_issuer_key(context.transfers->IssuerKey());
  return {};
}

}  // namespace

void RegisterExportTransfer(Queries& queries) {
  queries.Add<ExportTransferRequest, ExportTransferResponse>(Answer);
  queries.Add<GetTransferKeyRequest, GetTransferKeyResponse>(AnswerKey);
}

}  // namespace jalon::api
