// RecordPriorResult: what a student brings along, each result with its document, or all that
// another school's signed transfer tells.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "services/domain/decide/enrolments.h"
#include "services/domain/decide/stays.h"
#include "services/domain/known_as.h"
#include "services/domain/model/imported_transfer.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

using person::v1::CheckedTransfer;
using person::v1::TransferredActivity;
using person::v1::TransferredResult;
using person::v1::TransferredStay;
using roster::v1::RecordPriorResult;

// What the command is about.
struct Bringing {
  const RecordPriorResult& command;
  const StudentState& student;
  const Enrolment& enrolment;
};

// Of both ways alike: the enrolment is open, and what happened elsewhere does not happen while a
// stay is running here.
void CheckEnrolment(const Bringing& bringing, const Context& context, Refusals& refusals) {
  const Enrolment& enrolment = bringing.enrolment;
  CheckVersion(context, enrolment.version, enrolment.fact, refusals);
  if (!enrolment.open) {
    refusals.Add(Reason::ENROLMENT_CLOSED, enrolment.programme.code, {enrolment.closed});
  }
  for (const Shared<Stay>& stay : bringing.student.stays) {
    if (stay->programme_code != enrolment.programme.code || !stay->IsStarted()) continue;
    refusals.Add(Reason::STAY_IN_PROGRESS, SubjectOf(stay->id), {stay->started});
  }
}

void CheckModule(const ProgrammeState* programme, const std::string& module, Refusals& refusals) {
  const bool known = programme != nullptr && programme->FindModule(module) != nullptr;
  refusals.Unless(known, Reason::MODULE_NOT_IN_PROGRAMME, module);
}

void CheckResults(const Bringing& bringing, const Context& context, State& state,
                  Refusals& refusals) {
  const RecordPriorResult& command = bringing.command;
  refusals.If(command.document_ref().empty(), Reason::DOCUMENT_REQUIRED, "command.document_ref");
  refusals.If(command.has_transfer(), Reason::FIELD_INVALID, "command.transfer");
  refusals.If(command.results().empty(), Reason::FIELD_REQUIRED, "command.results");
  const ProgrammeState* programme = state.Programme(bringing.enrolment.programme);
  std::set<std::string> named;
  for (const roster::v1::PriorResult& result : command.results()) {
    const std::string& module = result.module();
    CheckModule(programme, module, refusals);
    refusals.Unless(named.insert(module).second, Reason::DUPLICATE_ROW, module);
    refusals.If(result.obtained_on() > context.today(), Reason::DATE_IN_FUTURE, module);
    const ModuleRecord* record =
        bringing.student.FindModule(bringing.enrolment.programme.code, module);
    if (record == nullptr || !record->Succeeded()) continue;
    refusals.Add(Reason::MODULE_ALREADY_EVALUATED, module, {record->SuccessFact()});
  }
}

void AddResult(const Bringing& bringing, event::v1::PriorResultRecorded recorded,
               EventList& events) {
  recorded.set_programme_code(bringing.enrolment.programme.code);
  recorded.set_origin(bringing.command.origin());
  recorded.set_document_ref(bringing.command.document_ref());
  const Bytes& student_id = bringing.command.student_id();
  events.Add(AggregateOfModule(bringing.student, student_id, recorded.module()), recorded,
             {.subject = student_id});
}

Decision DecideResults(const Bringing& bringing, const Context& context, State& state) {
  Refusals refusals;
  CheckEnrolment(bringing, context, refusals);
  CheckResults(bringing, context, state, refusals);
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  for (const roster::v1::PriorResult& result : bringing.command.results()) {
    event::v1::PriorResultRecorded recorded;
    recorded.set_module(result.module());
    recorded.set_result(type::v1::EVALUATION_RESULT_SUCCESS);
    recorded.set_obtained_on(result.obtained_on());
    AddResult(bringing, std::move(recorded), events);
  }
  return events;
}

bool IsSucceededHere(const Bringing& bringing, const std::string& module) {
  return bringing.student.Succeeded(bringing.enrolment.programme.code, module);
}

// It is of the student's programme; another version of it will do, if its modules are known.
void CheckProgramme(const Bringing& bringing, const CheckedTransfer& transfer, State& state,
                    Refusals& refusals) {
  const person::v1::TransferDocument& document = transfer.document();
  const ProgrammeRef& pinned = bringing.enrolment.programme;
  if (document.programme_code() != pinned.code) {
    refusals.Add(Reason::VERSION_MISMATCH, document.programme_code(), {bringing.enrolment.fact});
    return;
  }
  const ProgrammeState* programme = state.Programme(pinned);
  std::set<std::string> modules;
  for (const TransferredResult& result : document.results()) modules.insert(result.module());
  for (const TransferredStay& stay : document.stays()) {
    for (const TransferredActivity& activity : stay.activities()) {
      for (const auto& share : activity.shares()) modules.insert(share.module());
    }
  }
  for (const std::string& module : modules) CheckModule(programme, module, refusals);
}

void CheckTransfer(const Bringing& bringing, const Context& context, State& state,
                   Refusals& refusals) {
  const RecordPriorResult& command = bringing.command;
  const CheckedTransfer& transfer = command.transfer().checked();
  refusals.Unless(command.document_ref().empty(), Reason::FIELD_INVALID, "command.document_ref");
  refusals.Unless(command.results().empty(), Reason::FIELD_INVALID, "command.results");
  refusals.If(context.today() > transfer.expires_on(), Reason::TRANSFER_EXPIRED,
              DateText(transfer.expires_on()));
  for (const TransferredResult& result : transfer.document().results()) {
    refusals.If(result.obtained_on() > context.today(), Reason::DATE_IN_FUTURE, result.module());
  }
  for (const TransferredStay& stay : transfer.document().stays()) {
    refusals.If(stay.ended_on() > context.today(), Reason::DATE_IN_FUTURE,
                DateText(stay.ended_on()));
  }
  CheckProgramme(bringing, transfer, state, refusals);
}

// The stay of this school's records that is known as that, or null: an earlier transfer told it, or
// the student was here before, and another school only passes it on.
const Stay* FindKnown(const Bringing& bringing, const Context& context, std::string_view known_as) {
  for (const Shared<Stay>& stay : bringing.student.stays) {
    const bool of_another = stay->transferred.seq != 0;
    if ((of_another ? stay->known_as : KnownAs(context.school_id(), stay->id)) == known_as) {
      return &*stay;
    }
  }
  return nullptr;
}

Bytes KnownAsOf(const TransferredStay& stay) {
  Bytes known_as;
  FromHex(stay.known_as(), &known_as);  // it is hexadecimal: the document was checked
  return known_as;
}

// The stay, under an id of this school.
void AddStay(const Bringing& bringing, const CheckedTransfer& transfer, const TransferredStay& stay,
             const Bytes& stay_id, EventList& events) {
  const Bytes& student_id = bringing.command.student_id();
  event::v1::StayTransferred told;
  told.set_transfer_id(transfer.transfer_id());
  told.set_issuing_school(transfer.document().issuing_school());
  told.set_programme_code(bringing.enrolment.programme.code);
  told.set_started_on(stay.started_on());
  told.set_ended_on(stay.ended_on());
  told.set_known_as(KnownAsOf(stay));
  for (const TransferredActivity& activity : stay.activities()) {
    type::v1::PlannedActivity& planned = *told.add_activities();
    planned.set_activity(activity.activity());
    for (const auto& share : activity.shares()) {
      planned.set_planned_minutes(planned.planned_minutes() + share.minutes());
      type::v1::ModuleMinutes& minutes = *planned.add_shares();
      minutes.set_module(share.module());
      minutes.set_minutes(share.minutes());
    }
    type::v1::TransferredOutcome& outcome = *told.add_outcomes();
    outcome.set_activity(activity.activity());
    outcome.set_outcome(activity.outcome());
    outcome.set_wording(activity.wording());
  }
  events.Add({type::v1::AGGREGATE_KIND_STAY, stay_id, 0}, told, {.subject = student_id});
  events.Created(type::v1::AGGREGATE_KIND_STAY, stay_id, transfer.document().issuing_school());
  for (const TransferredActivity& activity : stay.activities()) {
    if (!activity.make_up_owed()) continue;
    event::v1::MakeUpRequired required;
    required.set_stay_id(stay_id);
    required.set_activity(activity.activity());
    for (const auto& share : activity.shares()) required.add_modules(share.module());
    required.set_outcome(activity.outcome());
    events.Add({type::v1::AGGREGATE_KIND_MAKE_UP, Bytes(stay_id).append(activity.activity()), 0},
               required, {.subject = student_id, .by_system = true});
  }
}

void AddTransfer(const Bringing& bringing, const CheckedTransfer& transfer, const Context& context,
                 EventList& events) {
  const Bytes& student_id = bringing.command.student_id();
  const person::v1::TransferDocument& document = transfer.document();
  event::v1::TransferImported imported;
  imported.set_transfer_id(transfer.transfer_id());
  imported.set_issuer(transfer.issuer());
  imported.set_issuing_school(document.issuing_school());
  imported.set_issuing_school_name(document.issuing_school_name());
  imported.mutable_programme()->set_code(document.programme_code());
  imported.mutable_programme()->set_language(document.programme_language());
  imported.mutable_programme()->set_version(document.programme_version());
  imported.set_file_sha256(transfer.file_sha256());
  events.Add(AggregateOf(student_id, bringing.enrolment), imported, {.subject = student_id});
  const ProgrammeRef& pinned = bringing.enrolment.programme;
  if (RefOf(imported.programme()) != pinned) {
    events.Warn(Reason::VERSION_MISMATCH, RefOf(imported.programme()).Id(),
                {bringing.enrolment.fact});
  }
  for (const TransferredResult& result : document.results()) {
    if (IsSucceededHere(bringing, result.module())) {
      events.Warn(Reason::MODULE_ALREADY_EVALUATED, result.module());
      continue;
    }
    event::v1::PriorResultRecorded recorded;
    recorded.set_module(result.module());
    recorded.set_result(result.result());
    recorded.set_attempts(result.attempts());
    recorded.set_obtained_on(result.obtained_on());
    recorded.set_transfer_id(transfer.transfer_id());
    AddResult(bringing, std::move(recorded), events);
  }
  uint64_t number = 0;
  for (const TransferredStay& stay : document.stays()) {
    // Its make-ups may be done here by now, or its hours counted: what is here stays.
    if (const Stay* known = FindKnown(bringing, context, KnownAsOf(stay)); known != nullptr) {
      events.Warn(Reason::STAY_ALREADY_KNOWN, SubjectOf(known->id), {known->ended});
      continue;
    }
    AddStay(bringing, transfer, stay, student_id + context.NewId("stay", number++), events);
  }
}

Decision DecideTransfer(const Bringing& bringing, const Context& context, State& state) {
  if (!bringing.command.transfer().has_checked()) {
    return Refuse(Reason::FIELD_REQUIRED, "command.transfer");
  }
  const CheckedTransfer& transfer = bringing.command.transfer().checked();
  const auto* known = state.Find<ImportedTransferState>(transfer.transfer_id());
  const bool is_same = known != nullptr && known->issuer == transfer.issuer() &&
                       known->file_sha256 == transfer.file_sha256();
  if (is_same && known->student_id == bringing.command.student_id()) {
    return EventList(context, state);  // the same again: nothing is written
  }
  Refusals refusals;
  if (is_same) {
    refusals.Add(Reason::TRANSFER_OF_ANOTHER, SubjectOf(known->student_id), {known->imported});
  } else if (known != nullptr) {
    refusals.Add(Reason::TRANSFER_CHANGED, DateText(known->imported.occurred_on),
                 {known->imported});
  }
  CheckEnrolment(bringing, context, refusals);
  CheckTransfer(bringing, context, state, refusals);
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  AddTransfer(bringing, transfer, context, events);
  return events;
}

Decision Decide(const RecordPriorResult& command, const Context& context, State& state) {
  const StudentState* student = state.Student(command.student_id());
  if (student == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.student_id()));
  Refusals refusals;
  const Enrolment* enrolment = EnrolmentNamed(*student, command.programme_code(), refusals);
  if (enrolment == nullptr) return Refuse(std::move(refusals));
  const Bringing bringing{.command = command, .student = *student, .enrolment = *enrolment};
  return command.origin() == type::v1::PRIOR_RESULT_ORIGIN_TRANSFER
             ? DecideTransfer(bringing, context, state)
             : DecideResults(bringing, context, state);
}

}  // namespace

void RegisterPriorResults(Commands& commands) { commands.Add<RecordPriorResult>(Decide); }

}  // namespace jalon::domain
